"""Patterns of single characters: their class, whatever stands around them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document
from probe.patterns.classes import DIGIT, LETTER, LOWER, PUNCTUATION, SPACE, SYMBOL, UPPER, VOWEL, classes
from probe.patterns.pattern import Context, Pattern


@dataclass(frozen=True)
class CharacterClass(Pattern):
    """A pattern that holds where a character has one of the bits ``wanted`` of :func:`classes`."""

    group = "typography"
    context = Context("characters")
    wanted: ClassVar[int]

    def label(self, document: Document) -> np.ndarray:
        labels: np.ndarray = (classes(document.text) & self.wanted) != 0
        return labels


@dataclass(frozen=True)
class Letter(CharacterClass):
    name = "letter"
    meaning = "a letter of any script; combining marks, digits and apostrophes are none"
    wanted = LETTER


@dataclass(frozen=True)
class UpperCase(CharacterClass):
    name = "upper_case"
    meaning = "an upper-case letter, title-case letters such as ǅ included"
    wanted = UPPER


@dataclass(frozen=True)
class LowerCase(CharacterClass):
    name = "lower_case"
    meaning = "a lower-case letter"
    wanted = LOWER


@dataclass(frozen=True)
class Vowel(CharacterClass):
    name = "vowel"
    meaning = "a vowel of the Latin (a e i o u), Greek or Cyrillic alphabet, with or without diacritics"
    wanted = VOWEL


@dataclass(frozen=True)
class Consonant(CharacterClass):
    name = "consonant"
    meaning = "a letter that has upper and lower case and is no vowel; y counts as one"
    wanted = UPPER | LOWER

    def label(self, document: Document) -> np.ndarray:
        found = classes(document.text)
        labels: np.ndarray = ((found & self.wanted) != 0) & ((found & VOWEL) == 0) & ((found & LETTER) != 0)
        return labels


@dataclass(frozen=True)
class Digit(CharacterClass):
    name = "digit"
    meaning = "a decimal digit of any script"
    wanted = DIGIT


@dataclass(frozen=True)
class Punctuation(CharacterClass):
    name = "punctuation"
    meaning = "punctuation (Unicode's P): stops, quotes, apostrophes, dashes, brackets, also # % & * @ _"
    wanted = PUNCTUATION


@dataclass(frozen=True)
class Symbol(CharacterClass):
    name = "symbol"
    meaning = "a symbol (Unicode's S): $ + < = > ^ ~, backtick, vertical bar, currencies, arrows, emoji"
    wanted = SYMBOL


@dataclass(frozen=True)
class Whitespace(CharacterClass):
    name = "whitespace"
    meaning = "a space, tab, line break or other white space"
    wanted = SPACE


@dataclass(frozen=True)
class DoubleLetter(Pattern):
    name = "double_letter"
    meaning = "a letter that repeats the character before it, in upper or lower case"
    group = "typography"
    context = Context("characters", before=1)

    def label(self, document: Document) -> np.ndarray:
        distinct, which = np.unique(codes_of(document.text), return_inverse=True)
        lower = np.array([ord(chr(code).lower()[0]) for code in distinct.tolist()], dtype=np.int64)[which]
        labels: np.ndarray = ((classes(document.text) & LETTER) != 0) & (lower == np.append(-1, lower[:-1]))
        return labels


@dataclass(frozen=True)
class Newline(Pattern):
    name = "newline"
    meaning = "a line break; both characters of CR LF"
    group = "lines"
    context = Context("characters")

    def label(self, document: Document) -> np.ndarray:
        codes = codes_of(document.text)
        labels: np.ndarray = (codes == ord("\n")) | (codes == ord("\r"))
        return labels
