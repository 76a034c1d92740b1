"""Where tokens stand in a text, found by search."""

from collections.abc import Sequence

import numpy as np

# What tokenizers of sub-words put in front of a piece or behind it.
MARKS_BEFORE, MARKS_BEHIND = ("##", "▁", "Ġ", "Ċ"), ("</w>", "@@")
# Characters that may lie between a token and the one before it: what is farther away is another occurrence.
FARTHEST = 200


def laid_on(text: str, tokens: Sequence[str]) -> np.ndarray:
    """Return where each token stands, (T, 2) int64; −1, −1 for those that are not found.

    Each is searched behind the one before it: as it is, then without the marks of sub-words, then in lower case.
    """
    lower = [character.lower() for character in text]
    folded, places = "".join(lower), np.repeat(np.arange(len(text)), np.array([len(each) for each in lower], np.int64))
    firsts = np.concatenate([[0], np.cumsum([len(each) for each in lower], dtype=np.int64)])
    offsets = np.full((len(tokens), 2), -1, np.int64)
    after = 0
    for row, token in enumerate(tokens):
        for form in dict.fromkeys((token, _unmarked(token))):
            begin = _found(text, form, after)
            end = begin + len(form)
            if begin < 0 and (at := _found(folded, form.lower(), int(firsts[after]))) >= 0:
                begin, end = int(places[at]), int(places[at + len(form.lower()) - 1]) + 1
            if begin >= 0:
                offsets[row] = begin, end
                after = end
                break
    return offsets


def _found(text: str, form: str, after: int) -> int:
    return text.find(form, after, after + len(form) + FARTHEST) if form else -1


def _unmarked(token: str) -> str:
    for mark in MARKS_BEFORE:
        token = token.removeprefix(mark)
    for mark in MARKS_BEHIND:
        token = token.removesuffix(mark)
    return token
