"""The examples in the help, the README and the documents: each is a line that the real parsers take."""

import argparse
import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from probe.attention.dates import PRESETS as DATES
from probe.attention.dates.presets import PRESETS as DATE_PLANS
from probe.cli.commands import COMMANDS, command_named
from probe.cli.flags import Parser
from probe.cli.main import main
from probe.corpus.catalogue import catalogue
from probe.errors import UserError
from probe.patterns.registry import parse_pattern
from probe.train import PRESETS
from tests.cli.nonsense import parsers

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def help_of(words: list[str]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed, pytest.raises(SystemExit):
        main([*words, "--help"])
    return printed.getvalue()


HELP = {name: help_of(name.split()) for name in {*COMMANDS, *parsers()}}


def commands_of(text: str, start: str) -> Iterator[list[str]]:
    """The words of each line of a text that asks probe something; what follows two spaces is a remark."""
    for line in text.splitlines():
        if not (found := re.search(rf"^{start}((?:[^`]*\| )?probe .*)", line)):
            continue
        lexer = shlex.shlex(re.split(r"\s{2,}", found[1])[0], posix=True, punctuation_chars="|&>")
        lexer.whitespace_split = True
        words = ["", *lexer, ""]
        signs = [place for place, word in enumerate(words) if word in ("", "|", "&&", ">")]
        for first, last in pairwise(signs):
            if words[first + 1] == "probe":
                yield words[first + 2:last]


def taken(words: list[str]) -> argparse.Namespace:
    """What the real parser makes of a line."""
    command = command_named(words[0])
    parser = Parser(prog=f"probe {words[0]}")
    command.add_arguments(parser)
    return parser.parse_args(words[1:])


@pytest.mark.parametrize("name", sorted(HELP))
def test_every_help_has_an_example_which_is_taken(name):
    examples = list(commands_of(HELP[name], "  "))
    assert [words for words in examples if " ".join(words).startswith(name)], f"probe {name} --help has no example"
    for words in examples:
        check(words)


def check(words: list[str]) -> None:
    """A line, and the names in it that are looked at later."""
    given = taken(words)
    known = {"train": PRESETS, "import": PRESETS, "dates train": DATE_PLANS, "dates examples": DATES}
    if preset := getattr(given, "preset", None):
        assert preset in known[" ".join(words[:2]) if words[0] == "dates" else words[0]]
    if words[:2] == ["corpus", "get"]:
        assert given.name in catalogue()
    own = [each.partition("=")[0] for kind in ("regex", "labels", "expression", "pattern")
           for each in getattr(given, kind, None) or []]
    for name in re.split(r",(?![^(]*\))", getattr(given, "patterns", None) or ""):
        if name and name != "all" and name not in own and words[0] in ("scan", "export"):
            parse_pattern(name)


def test_the_documents_show_lines_that_are_taken():
    seen = 0
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            for words in commands_of(block, r"(?:\$ )?"):
                if "…" not in words:
                    try:
                        check(words)
                    except UserError as error:
                        raise AssertionError(f"{page.name}: probe {shlex.join(words)}: {error}") from error
                    seen += 1
    assert seen > 80


@pytest.mark.parametrize("line", ["patterns list", "corpus list", "completion bash", "dates examples --list-locales",
                                  "dates examples --list-styles"])
def test_what_needs_nothing_is_run_as_it_stands(line, capsys):
    assert line.split() in list(commands_of(HELP[line.partition(" --")[0].removesuffix(" bash")], "  "))
    assert main(line.split()) == 0
    assert capsys.readouterr().out
