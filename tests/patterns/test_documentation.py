"""The table of docs/patterns.md against the registry; its examples are run."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from probe.cli.main import main
from probe.corpus.document import Document, Language
from probe.files import read_text
from probe.patterns import NETWORK_PATTERNS, PATTERNS, pattern_named

TABLE = read_text(Path(__file__).resolve().parents[2] / "docs" / "patterns.md")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (\w+) \| ([\w /]+) \| ([\w, ]+) \| `(.+)` \|$", re.MULTILINE)
ROWS = {cells[0]: cells for cells in ROW.findall(TABLE)}


def test_rows_are_the_registry() -> None:
    assert list(ROWS) == list(PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_row(name: str) -> None:
    entry = pattern_named(name)
    _, meaning, kind, context, languages, _ = ROWS[name]
    assert (meaning, kind, languages) == (entry.meaning, entry.kind, ", ".join(entry.languages))
    scopes: list[str] = [entry.context_in(language).scope for language in entry.languages]
    assert context == " / ".join(dict.fromkeys(scopes))


@pytest.mark.parametrize("name", PATTERNS)
def test_example(name: str) -> None:
    entry, example = pattern_named(name), ROWS[name][-1].replace("⏎", "\n")
    language: Language = entry.languages[0]
    if entry.kind == "graded":
        text, digits = example.split(" → ")
        wanted = np.array([float(digit) for digit in digits])
    else:
        text = re.sub("[⟦⟧]", "", example)
        inside = np.cumsum([(c == "⟦") - (c == "⟧") for c in example])
        wanted = np.array([bool(depth) for c, depth in zip(example, inside, strict=True) if c not in "⟦⟧"])
    np.testing.assert_array_equal(entry.label(Document.of(text, language=language)), wanted)


def test_patterns_of_a_network() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (\w+) \|$", TABLE, re.MULTILINE)
    assert rows == [(entry.name, entry.meaning, entry.kind) for entry in NETWORK_PATTERNS.values()]


OWN = TABLE[TABLE.index("## Patterns of your own"):TABLE.index("## The network itself")]
BLOCKS = re.findall(r"```\n(.*?)```", OWN, re.DOTALL)
SESSIONS = [row.split("\n", 1) for block in BLOCKS for row in re.findall(r"^\$ (.*?)(?=^\$ |\Z)", block, re.M | re.S)]


def test_there_are_sessions() -> None:
    assert len(SESSIONS) == 7


@pytest.mark.parametrize(("command", "printed"), SESSIONS)
def test_patterns_of_your_own(command: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                              capsys: pytest.CaptureFixture[str]) -> None:
    written = re.findall(r"`([\w.]+)`[^`\n]*:\n\n```\n(.*?)```", OWN, re.DOTALL)
    assert [name for name, _ in written] == ["page.txt", "rhymes.py", "speech.json"]
    for name, content in written:
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "rhymes", raising=False)
    program, *arguments = shlex.split(command)
    assert program == "probe" and main(arguments) == 0
    assert capsys.readouterr().out == printed
