"""Patterns of words: letters and digits with their combining marks, and the apostrophes between them."""

from dataclasses import dataclass

import numpy as np

from probe.corpus.document import Document
from probe.patterns.classes import LETTER, LOWER, UPPER, classes
from probe.patterns.pattern import Context, Pattern
from probe.patterns.wording import bases, words


@dataclass(frozen=True)
class WordStart(Pattern):
    name = "word_start"
    meaning = "the first letter or digit of a word, with its combining marks"
    group = "words"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        labels: np.ndarray = positions(document) == 1
        return labels


@dataclass(frozen=True)
class WordEnd(Pattern):
    name = "word_end"
    meaning = "the last letter or digit of a word, with its combining marks"
    group = "words"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        found = words(document)
        position = positions(document)
        last = np.zeros(len(document), dtype=position.dtype)
        last[spread(document)] = np.repeat(position[found.stops - 1], found.stops - found.starts)
        labels: np.ndarray = (position > 0) & (position == last)
        return labels


@dataclass(frozen=True)
class PositionInWord(Pattern):
    name = "position_in_word"
    meaning = "1 for a word's first letter, 2 for its second…, marks as their letter; 0 outside words"
    group = "words"
    kind = "graded"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        return positions(document).astype(np.float32)


@dataclass(frozen=True)
class WordLength(Pattern):
    name = "word_length"
    meaning = "letters in the word that holds this character, on each of its characters; 0 outside words"
    group = "words"
    kind = "graded"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        found = words(document)
        lengths = np.zeros(len(document), dtype=np.float32)
        lengths[spread(document)] = np.repeat(positions(document)[found.stops - 1], found.stops - found.starts)
        return lengths


@dataclass(frozen=True)
class CapitalisedWord(Pattern):
    name = "capitalised_word"
    meaning = "every character of a word whose first letter is upper case"
    group = "words"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        found = words(document)
        capital = (classes(document.text)[found.starts] & UPPER) != 0
        return found.where(capital).paint(len(document))


@dataclass(frozen=True)
class AllCapsWord(Pattern):
    name = "all_caps_word"
    meaning = "every character of a word of two letters or more, all of them upper case"
    group = "words"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        found = words(document)
        if not len(found.starts):
            return np.zeros(len(document), dtype=bool)
        bits = classes(document.text)
        inside = spread(document)
        offsets = np.cumsum(np.append(0, found.stops - found.starts))[:-1]

        def count(wanted: np.ndarray) -> np.ndarray:
            return np.add.reduceat(wanted[inside].astype(np.int64), offsets)

        capitals = count((bits & UPPER) != 0)
        others = count(((bits & LETTER) != 0) & ((bits & UPPER) == 0) | ((bits & LOWER) != 0))
        return found.where((capitals >= 2) & (others == 0)).paint(len(document))


def spread(document: Document) -> np.ndarray:
    """Return the positions of all characters of words, in order, (K,) int64."""
    return np.flatnonzero(words(document).paint(len(document)))


def positions(document: Document) -> np.ndarray:
    """Return the place of each character's letter in its word from 1, (N,) int64; 0 outside words."""
    found = words(document)
    counted = np.cumsum(bases(document) == np.arange(len(document)))
    before = counted[found.starts] - 1
    place = np.zeros(len(document), dtype=np.int64)
    inside = spread(document)
    place[inside] = counted[inside] - np.repeat(before, found.stops - found.starts)
    return place
