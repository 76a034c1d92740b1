"""Where the words of a document lie."""

from functools import lru_cache

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document
from probe.patterns.classes import MARK, WORD, classes
from probe.patterns.layout import file_starts
from probe.patterns.spans import Spans

APOSTROPHES = (ord("'"), ord("’"))


def bases(document: Document) -> np.ndarray:
    """Return for each character the position of the one it combines with, (N,) int64: its own if it is no mark."""
    begins: np.ndarray = (classes(document.text) & MARK) == 0
    begins[file_starts(document)] = True
    own = np.where(begins, np.arange(len(begins)), 0)
    return np.maximum.accumulate(own, out=own)


def letters(document: Document) -> np.ndarray:
    """Return what is inside words: letters, digits, their combining marks, and apostrophes between them; (N,) bool."""
    plain = (classes(document.text) & WORD) != 0
    inside: np.ndarray = plain[bases(document)]
    fresh = np.zeros(len(plain), dtype=bool)
    fresh[file_starts(document)] = True
    codes = codes_of(document.text)
    joins = np.isin(codes[1:-1], APOSTROPHES) & inside[:-2] & plain[2:]
    inside[1:-1] |= joins & ~fresh[1:-1] & ~fresh[2:]
    return inside


@lru_cache(maxsize=2)
def words(document: Document) -> Spans:
    """Return the words; a file's end ends a word."""
    inside = letters(document)
    before = np.concatenate([[False], inside[:-1]])[:len(inside)]
    fresh = np.zeros(len(inside) + 1, dtype=bool)
    fresh[file_starts(document)] = True
    starts = inside & (~before | fresh[:-1])
    after = np.append(starts[1:] | ~inside[1:], True)[:len(inside)]
    return Spans(np.flatnonzero(starts), np.flatnonzero(inside & after) + 1)
