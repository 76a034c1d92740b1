"""Patterns of single characters: their class, whatever stands around them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document
from probe.patterns.classes import DIGIT, LETTER, LOWER, PUNCTUATION, SPACE, SYMBOL, UPPER, VOWEL, classes
from probe.patterns.pattern import Context, Group, Pattern


@dataclass(frozen=True)
class CharacterClass(Pattern):
    """A pattern that holds where a character has one of the bits ``wanted`` of :func:`classes`."""

    group: ClassVar[Group] = "typography"
    context: ClassVar[Context] = Context("characters")
    wanted: ClassVar[int]

    def label(self, document: Document) -> np.ndarray:
        labels: np.ndarray = (classes(document.text) & self.wanted) != 0
        return labels


@dataclass(frozen=True)
class Letter(CharacterClass):
    name: ClassVar[str] = "letter"
    meaning: ClassVar[str] = "a letter of any script; combining marks, digits and apostrophes are none"
    wanted: ClassVar[int] = LETTER


@dataclass(frozen=True)
class UpperCase(CharacterClass):
    name: ClassVar[str] = "upper_case"
    meaning: ClassVar[str] = "an upper-case letter, title-case letters such as ǅ included"
    wanted: ClassVar[int] = UPPER


@dataclass(frozen=True)
class LowerCase(CharacterClass):
    name: ClassVar[str] = "lower_case"
    meaning: ClassVar[str] = "a lower-case letter"
    wanted: ClassVar[int] = LOWER


@dataclass(frozen=True)
class Vowel(CharacterClass):
    name: ClassVar[str] = "vowel"
    meaning: ClassVar[str] = "a vowel of the Latin (a e i o u), Greek or Cyrillic alphabet, with or without diacritics"
    wanted: ClassVar[int] = VOWEL


@dataclass(frozen=True)
class Consonant(CharacterClass):
    name: ClassVar[str] = "consonant"
    meaning: ClassVar[str] = "a letter that has upper and lower case and is no vowel; y counts as one"
    wanted: ClassVar[int] = UPPER | LOWER

    def label(self, document: Document) -> np.ndarray:
        found = classes(document.text)
        labels: np.ndarray = ((found & self.wanted) != 0) & ((found & VOWEL) == 0) & ((found & LETTER) != 0)
        return labels


@dataclass(frozen=True)
class Digit(CharacterClass):
    name: ClassVar[str] = "digit"
    meaning: ClassVar[str] = "a decimal digit of any script"
    wanted: ClassVar[int] = DIGIT


@dataclass(frozen=True)
class Punctuation(CharacterClass):
    name: ClassVar[str] = "punctuation"
    meaning: ClassVar[str] = "punctuation (Unicode's P): stops, quotes, apostrophes, dashes, brackets, also # % & * @ _"
    wanted: ClassVar[int] = PUNCTUATION


@dataclass(frozen=True)
class Symbol(CharacterClass):
    name: ClassVar[str] = "symbol"
    meaning: ClassVar[str] = "a symbol (Unicode's S): $ + < = > ^ ~, backtick, vertical bar, currencies, arrows, emoji"
    wanted: ClassVar[int] = SYMBOL


@dataclass(frozen=True)
class Whitespace(CharacterClass):
    name: ClassVar[str] = "whitespace"
    meaning: ClassVar[str] = "a space, tab, line break or other white space"
    wanted: ClassVar[int] = SPACE


@dataclass(frozen=True)
class Newline(Pattern):
    name: ClassVar[str] = "newline"
    meaning: ClassVar[str] = "a line break; both characters of CR LF"
    group: ClassVar[Group] = "lines"
    context: ClassVar[Context] = Context("characters")

    def label(self, document: Document) -> np.ndarray:
        codes = codes_of(document.text)
        labels: np.ndarray = (codes == ord("\n")) | (codes == ord("\r"))
        return labels
