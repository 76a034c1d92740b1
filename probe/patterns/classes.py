"""Unicode classes of characters, looked up for a whole text at once."""

import unicodedata

import numpy as np

from probe.corpus.codes import codes_of

KNOWN, LETTER, NUMBER, DIGIT, UPPER, LOWER, MARK, SPACE, PUNCTUATION, SYMBOL, VOWEL = (1 << bit for bit in range(11))
WORD = LETTER | NUMBER

_VOWELS = frozenset("aeiouæœøıαεηιουωаеиоуыэюяієѐ")
_JOINERS = "\u00ad\u200c\u200d"  # soft hyphen and the zero-width joiners stand inside words, as combining marks do

_TABLE = np.zeros(0x110000, dtype=np.uint16)


def classes(text: str) -> np.ndarray:
    """Return the classes of every character of ``text`` as bits, (N,) uint16.

    LETTER, MARK (combining, or a joiner), NUMBER, PUNCTUATION, SYMBOL follow the general category; DIGIT is a decimal
    digit; UPPER (title case included), LOWER and SPACE follow ``str``; VOWEL is a vowel of the Latin, Greek or
    Cyrillic alphabet, with or without diacritics.
    """
    codes = codes_of(text)
    found: np.ndarray = _TABLE[codes]
    if not found.all():
        for code in np.unique(codes[found == 0]):
            _TABLE[code] = _classify(chr(code))
        found = _TABLE[codes]
    return found


def _classify(character: str) -> int:
    category = unicodedata.category(character)
    holds = {
        LETTER: category[0] == "L",
        NUMBER: category[0] == "N",
        DIGIT: category == "Nd",
        UPPER: character.isupper() or category == "Lt",
        LOWER: character.islower(),
        MARK: category[0] == "M" or character in _JOINERS,
        SPACE: character.isspace(),
        PUNCTUATION: category[0] == "P",
        SYMBOL: category[0] == "S",
        VOWEL: category[0] == "L" and unicodedata.normalize("NFD", character)[0].lower() in _VOWELS,
    }
    return KNOWN | sum(bit for bit, true in holds.items() if true)
