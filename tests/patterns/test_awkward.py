"""Awkward texts: each pattern of the library on each, held against rows that were drawn and read one by one.

``awkward.txt`` holds a block for each text: its title and language, the text with pictures for what has no width, then
for each pattern that labels anything a row of ``^`` or, graded, of digits (a for 10, b for 11… z for
35 and above).
"""

from pathlib import Path

import pytest

from probe.corpus.document import Document, Language
from probe.files import read_text
from probe.patterns import PATTERNS, patterns_for

DRAWN = "␊\n", "␍\r", "␉\t", "◌\u0301", "◍\u0303", "⁀\u200d", "⸰\ufe0f"
MARGIN = 21
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
BLOCKS = [block.split("\n") for block in read_text(Path(__file__).with_name("awkward.txt")).strip("\n").split("\n\n")]
TEXTS = {rows[0].removeprefix("== "): rows[1:] for rows in BLOCKS}


@pytest.mark.parametrize("title", TEXTS)
def test_every_pattern(title: str) -> None:
    language: Language = "python" if title.endswith("python") else "prose"
    text, *rows = TEXTS[title]
    text = text[MARGIN:].translate({ord(picture): character for picture, character in DRAWN})
    wanted = {row[:MARGIN].strip(): row[MARGIN:].ljust(len(text)) for row in rows}
    assert set(wanted) <= set(PATTERNS)
    for entry in patterns_for(language):
        labels = entry.label(Document.of(text, language=language)).tolist()
        graded = entry.kind == "graded"
        marks = ["" if not label else DIGITS[min(int(label), 35)] if graded else "^" for label in labels]
        assert "".join(mark or " " for mark in marks) == wanted.get(entry.name, " " * len(text)), entry.name


def test_every_pattern_is_labelled_in_some_text() -> None:
    seen = {row[:MARGIN].strip() for rows in TEXTS.values() for row in rows[1:]}
    assert seen == set(PATTERNS)
