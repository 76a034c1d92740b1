"""README.md is not older than the code: its tour can be walked, its counts are true. Its lines are taken by
tests/cli/test_examples.py."""

import re
import shlex
from pathlib import Path

import pytest

from probe.cli.main import main
from probe.corpus import get
from probe.explain import METHODS
from probe.patterns import NETWORK_PATTERNS, PATTERNS
from tests.corpus.server import Behaviour, serving

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
LINES = [line.partition("  #")[0].strip().removeprefix("$ ")
         for block in re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE) for line in block.splitlines()
         if re.match(r"(\$ )?probe ", line)]
TOUR = [line for part in re.findall(r"## A tour(.*?)## ", README, re.DOTALL)
        for line in LINES if line in part]
# What makes a line of the tour quick; a line without an entry is run as it stands.
LITTLE = {
    "train": ["--steps", "8", "--batch", "4", "--length", "20"],
    "scan": ["--characters", "4000", "--twins", "0", "--portraits", "0", "--probes", "0", "--ablated", "0"],
}
# What needs others' work, and trainings of another network; each has tests of its own.
LEFT_OUT = {"import", "explain", "dates train", "dates test"}
BOOK = "“Come in,” said the fox (a red one), “unless you’ve wiped\nyour feet.” The Queen, who had 3 cats, did not.\n\n"


def test_counts_are_those_of_the_registries():
    assert f"names the {len(PATTERNS) + len(NETWORK_PATTERNS)} patterns" in README
    assert len(METHODS) == 17 and "Seventeen methods, among them" in README


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A cache that a download of Alice would fill, filled with a text of ours."""
    text = (f"*** START OF THE BOOK ***\n{BOOK * 80}*** END OF THE BOOK ***\n").encode()
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Behaviour(text)) as address:
        get("alice", address=f"{address}/file", progress=False)


def test_the_tour_can_be_walked(catalogue, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fox.txt").write_text(BOOK, encoding="utf-8")
    walked = []
    for line in " && ".join(TOUR).split(" && "):
        words = shlex.split(line)[1:]
        name = " ".join(words[:2]) if words[0] == "dates" else words[0]
        if name in LEFT_OUT:
            continue
        status = main([*words, *LITTLE.get(name, [])])
        assert status == 0, f"{line}: {capsys.readouterr().err}"
        walked.append(name)
    assert walked[:6] == ["corpus", "train", "runs", "sample", "scan", "gallery"] and len(walked) > 12
