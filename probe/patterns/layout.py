"""Where the files, lines and paragraphs of a document lie."""

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document
from probe.patterns.classes import SPACE, classes
from probe.patterns.pattern import Scope
from probe.patterns.spans import Spans

CR, LF = ord("\r"), ord("\n")


def file_starts(document: Document) -> np.ndarray:
    """Return where files begin that hold a character, (F,) int64, ascending."""
    return np.array([file.start for file in document.files if file.start < file.stop], dtype=np.int64)


def lines(document: Document) -> Spans:
    """Return the lines, their breaks included: they end at LF, CR LF or CR, and at the end of their file."""
    codes = codes_of(document.text)
    breaks = codes == LF
    if (returns := codes == CR).any():
        breaks |= returns & (np.append(codes[1:], 0) != LF)
    begins = np.zeros(len(codes) + 1, dtype=bool)
    begins[1:] = breaks
    begins[file_starts(document)] = True
    starts = np.flatnonzero(begins[:-1])
    return Spans(starts, np.append(starts[1:], len(codes))[:len(starts)])


def without_breaks(document: Document, spans: Spans) -> Spans:
    """Return lines without the break at their end."""
    codes = codes_of(document.text)
    stops = spans.stops.copy()
    for character in (LF, CR):  # in this order, so that both of CR LF go
        longer = stops > spans.starts
        stops[longer] -= codes[stops[longer] - 1] == character
    return Spans(spans.starts, stops)


def blank_lines(document: Document, spans: Spans) -> np.ndarray:
    """Return which of the lines ``spans`` hold nothing but white space, (M,) bool."""
    if not len(spans.starts):
        return np.zeros(0, dtype=bool)
    dark = (classes(document.text) & SPACE) == 0
    return ~np.logical_or.reduceat(dark, spans.starts)


def paragraphs(document: Document) -> Spans:
    """Return the paragraphs: runs of lines of one file that are not blank, without the break after the last."""
    rows = lines(document)
    filled = ~blank_lines(document, rows)
    joined = filled[1:] & filled[:-1] & ~np.isin(rows.starts[1:], file_starts(document))
    first = filled & ~np.concatenate([[False], joined])[:len(filled)]
    last = filled & ~np.concatenate([joined, [False]])[:len(filled)]
    return Spans(rows.starts[first], without_breaks(document, rows).stops[last])


def pieces(document: Document, scope: Scope) -> Spans:
    """Return the lines, paragraphs (both without the break at their end) or files, or the document as one span."""
    if scope == "line":
        return without_breaks(document, lines(document))
    if scope == "paragraph":
        return paragraphs(document)
    if scope == "file":
        return Spans.of([place for file in document.files for place in (file.start, file.stop)])
    return Spans.of([0, len(document)])
