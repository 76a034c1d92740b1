"""Which part of a passage is shown first."""

import numpy as np


def excerpt(text: str, labels: np.ndarray, length: int) -> tuple[int, int]:
    """Return the range [start, stop) of ``text`` in which the pattern begins and ends most often.

    Only the labels choose, never the unit, so that an excerpt flatters no unit. It begins at the beginning of a line
    (of a word, where lines are long) and has about ``length`` characters.

    Args:
        text: T characters.
        labels: (T,) labels of one pattern.
        length: characters wanted.
    """
    if len(text) <= length:
        return 0, len(text)
    changes = np.concatenate([[0], np.cumsum(np.diff(labels) != 0)])
    starts = _beginnings(text, length, "\n")
    if len(starts) < 3:
        starts = _beginnings(text, length, " ")
    held = changes[starts + length - 1] - changes[starts]
    start = int(starts[np.argmax(held)])
    stop = start + length
    for break_at in ("\n", " "):
        place = text.rfind(break_at, start + length * 3 // 4, stop)
        if place >= 0:
            stop = place + 1
            break
    while text[stop - 2:stop] == "\n\n":
        stop -= 1
    return start, stop


def _beginnings(text: str, length: int, mark: str) -> np.ndarray:
    """Return 0 and the places behind ``mark`` where a line or word begins and ``length`` characters are left."""
    latest = len(text) - length
    begins = (place for place in range(1, latest + 1) if text[place - 1] == mark and not text[place].isspace())
    return np.array([0, *begins], np.int64)
