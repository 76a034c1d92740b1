"""Cutting a text into training, validation and test parts where a reader would cut it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.corpus.document import FileSpan
from probe.errors import UserError

NEAR = 0.02
WINDOW = 1 << 20
NEWLINE, RETURN = 10, 13


@dataclass(frozen=True)
class Segment:
    """Characters [start, stop) of a corpus."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class Splits:
    """Three contiguous segments that cover a corpus in this order."""

    train: Segment
    validation: Segment
    test: Segment


def split(codes: np.ndarray, files: Sequence[FileSpan], shares: tuple[float, float, float]) -> Splits:
    """Cut a text into three.

    A cut moves to the nearest boundary of a file if one lies within half the smallest share; else to the nearest
    start of a paragraph, else of a line, within 2 % of the text (and half the smallest share, and 2²⁰ characters);
    else it stays. The first limit keeps every part at least about half as long as was asked.

    Args:
        codes: code points (N,) of the text; only windows around the cuts are read.
        files: the spans of its files.
        shares: train, validation, test.

    Raises:
        UserError: the text is shorter than three characters.
    """
    length = len(codes)
    if length < 3:
        raise UserError(f"the text is too short to be split in three: it has {length} characters")
    exact = _inside(round(shares[0] * length), round((shares[0] + shares[1]) * length), length)
    widest = int(min(shares) * length / 2)
    boundaries = np.array([file.start for file in files[1:]], np.int64)
    first, second = (_snapped(codes, boundaries, cut, widest) for cut in exact)
    if not 0 < first < second < length:
        first, second = exact
    return Splits(Segment(0, first), Segment(first, second), Segment(second, length))


def _inside(first: int, second: int, length: int) -> tuple[int, int]:
    """Return the cuts moved so that no part is empty."""
    first = min(max(first, 1), length - 2)
    return first, min(max(second, first + 1), length - 1)


def _snapped(codes: np.ndarray, boundaries: np.ndarray, cut: int, widest: int) -> int:
    near = min(widest, int(NEAR * len(codes)), WINDOW)
    lines, paragraphs = _starts(codes, max(cut - near, 0), min(cut + near, len(codes) - 1))
    for candidates, reach in ((boundaries, widest), (paragraphs, near), (lines, near)):
        if len(candidates):
            nearest = int(candidates[np.argmin(np.abs(candidates - cut))])
            if abs(nearest - cut) <= reach:
                return nearest
    return cut


def _starts(codes: np.ndarray, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where lines and paragraphs begin in [start, stop]; a paragraph follows an empty line."""
    origin = max(start - 1, 0)
    window = np.asarray(codes[origin:stop + 1])
    ends = window == NEWLINE
    ends |= (window == RETURN) & np.append(window[1:] != NEWLINE, False)
    lines = np.flatnonzero(ends[:-1]) + 1
    empty = (window[lines] == NEWLINE) | (window[lines] == RETURN)
    paragraphs = lines[1:][empty[:-1] & ~empty[1:]]
    return lines + origin, paragraphs + origin
