"""Hand-made labels, written as lines of text with a row of marks under each."""

import numpy as np

from probe.corpus.document import Document, Language
from probe.patterns import pattern_named


def labels_of(name: str, text: str, language: Language = "prose") -> np.ndarray:
    return pattern_named(name).label(Document.of(text, language=language))


def check(name: str, drawn: str, language: Language = "prose") -> None:
    """Compare a boolean pattern with ``drawn``: text, marks, text, marks…; line breaks are expected to be unlabelled
    unless the row of marks reaches under them."""
    rows = drawn.removeprefix("\n").removesuffix("\n").split("\n")
    rows += [""] * (len(rows) % 2)
    text = "\n".join(rows[0::2])
    wanted = "".join(marks.ljust(len(line) + 1) for line, marks in zip(rows[0::2], rows[1::2], strict=True))
    found = "".join("^" if label else " " for label in labels_of(name, text, language))
    assert found == wanted[:len(text)], f"\n{text}\n{found}\n{wanted}"
