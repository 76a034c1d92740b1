"""Where tokens stand in a text, found by search."""

from collections.abc import Sequence

import numpy as np

# What tokenizers of sub-words put in front of a piece or behind it.
MARKS_BEFORE, MARKS_BEHIND = ("##", "▁", "Ġ", "Ċ"), ("</w>", "@@")
# Characters that may lie between a token and the one before it: what is farther away is another occurrence.
FARTHEST = 200


def laid_on(text: str, tokens: Sequence[str]) -> np.ndarray:
    """Return where each token stands, (T, 2) int64; −1, −1 for those that are not found.

    Each is searched behind the one before it, whatever its case, as it is and then without the marks of sub-words:
    where that one ends, else at the next beginning of a word, else anywhere.
    """
    lower = [character.lower() for character in text]
    lengths = np.array([len(each) for each in lower], np.int64)
    folded, places = "".join(lower), np.repeat(np.arange(len(text)), lengths)
    firsts = np.concatenate([[0], np.cumsum(lengths)])
    offsets = np.full((len(tokens), 2), -1, np.int64)
    after = 0
    for row, token in enumerate(tokens):
        found = ((_found(folded, form, int(firsts[after])), form) for form in
                 dict.fromkeys((token.lower(), _unmarked(token).lower())) if form)
        begin, form = next(((at, form) for at, form in found if at >= 0), (-1, ""))
        if begin >= 0:
            after = int(places[begin + len(form) - 1]) + 1
            offsets[row] = places[begin], after
    return offsets


def _found(text: str, form: str, after: int) -> int:
    """The best of the places of ``form`` that are near, or −1."""
    if text.startswith(form, after):
        return after
    end, first = after + len(form) + FARTHEST, -1
    at = text.find(form, after, end)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum() or not form[0].isalnum():
            return at
        first = at if first < 0 else first
        at = text.find(form, at + 1, end)
    return first


def _unmarked(token: str) -> str:
    for mark in MARKS_BEFORE:
        token = token.removeprefix(mark)
    for mark in MARKS_BEHIND:
        token = token.removesuffix(mark)
    return token
