"""Classes of characters, against Python's own methods and Unicode's table."""

import sys
import unicodedata
from collections.abc import Callable

import numpy as np
import pytest

from tests.patterns.aligned import check, labels_of

EVERYTHING = "".join(map(chr, range(0, sys.maxunicode + 1, 7))) + "".join(map(chr, range(0x3000)))


@pytest.mark.parametrize(("name", "holds"), [
    ("letter", lambda c: unicodedata.category(c).startswith("L")),
    ("upper_case", lambda c: c.isupper() or unicodedata.category(c) == "Lt"),
    ("lower_case", str.islower),
    ("digit", str.isdecimal),
    ("whitespace", str.isspace),
    ("punctuation", lambda c: unicodedata.category(c).startswith("P")),
    ("symbol", lambda c: unicodedata.category(c).startswith("S")),
    ("newline", lambda c: c in "\r\n"),
])
def test_against_unicode(name: str, holds: Callable[[str], bool]) -> None:
    wanted = np.array([holds(character) for character in EVERYTHING])
    np.testing.assert_array_equal(labels_of(name, EVERYTHING), wanted)


def test_vowels_and_consonants() -> None:
    check("vowel", """
Alice ÜBER ñandú yes Привет λόγος 不 1 a͂ œuvre
^ ^ ^ ^ ^   ^  ^  ^    ^ ^   ^ ^      ^  ^^  ^
""")
    check("consonant", """
Alice ÜBER ñandú yes Привет λόγος 不 1 a͂ œuvre
 ^ ^   ^ ^ ^ ^^  ^ ^ ^^ ^ ^ ^ ^ ^          ^^
""")
