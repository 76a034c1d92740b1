"""Hostile words in everything that is made for a terminal: it shows them and obeys nothing."""

import unicodedata

import numpy as np
import pytest

from probe.cli.telling import put
from probe.corpus.document import Document
from probe.gallery.sentences import overview
from probe.patterns import PATTERNS, DocumentParts, preview
from probe.render import Histogram
from probe.render.map_terminal import maps_text
from probe.render.stream import TextStream
from probe.render.table import table
from probe.render.weighted_terminal import weighted_lines
from tests.hostile.pages import coloured, findings_of, gates, panel, weighted
from tests.hostile.strings import AWKWARD, PAYLOADS, POLYGLOT
from tests.hostile.watching import obeyed

# Whatever a terminal might not show as a letter, and what it might obey.
ODD = "".join(letter for letter in map(chr, (*range(0x3100), *range(0xF900, 0x10000)))
              if unicodedata.category(letter)[0] in "CZM")
EVERYTHING = ODD + "".join(AWKWARD.values())
NAME = POLYGLOT + "".join(each for each in AWKWARD.values() if len(each) < 60)


@pytest.mark.parametrize("depth", ["none", "256", "truecolor"])
def test_views(depth):
    tokens = (*PAYLOADS, *AWKWARD.values())[::3]
    made = weighted(NAME, EVERYTHING)
    for sent in (coloured(NAME, EVERYTHING).to_terminal(80, depth), maps_text((panel(NAME, tokens),), 80, depth),
                 weighted_lines((made,), 80, depth), weighted_lines((made, made), 80, depth, NAME)):
        assert obeyed(sent) == []
        assert ("\x1b" in sent) == (depth != "none")


def test_tables_and_findings():
    found = findings_of(NAME, "text")
    assert obeyed(str(found), also="\t") == []
    made = [table((NAME, NAME), [(NAME, 0.5)]), gates(NAME).to_terminal(80),
            Histogram(np.array([1, 2]), np.array([2, 1]), -1, 1, NAME, NAME).to_terminal(60), repr(found),
            repr(coloured(NAME, "a"))]
    assert [obeyed(sent) for sent in made] == [[]] * len(made)


def test_lines_of_a_command(capsys):
    put(NAME + overview(findings_of(NAME, "text")))
    assert obeyed(capsys.readouterr().out) == []
    put(NAME, beside=True)
    assert obeyed(capsys.readouterr().err) == []


def test_text_that_comes_letter_by_letter():
    stream = TextStream(True, "256")
    sent = "".join(stream.piece(letter, 0.5) for letter in EVERYTHING) + stream.end()
    assert obeyed(sent, also="\t") == []


def test_previews():
    for name in ("letter", "column", "newline"):
        assert obeyed(preview(DocumentParts(Document.of(EVERYTHING)), PATTERNS[name])) == []
