"""Characters as a reader sees them: clusters that must not be cut, and what must be made visible."""

import unicodedata
from functools import lru_cache

ZERO_WIDTH_JOINER = "\u200d"
JOINERS = "\u200c\u200d"
# Format characters that have a glyph of their own; all other format characters are invisible or reorder a line.
VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Letters, marks and symbols without a glyph, such as Hangul fillers and a braille pattern of no dots, and the ranges of
# variation selectors and of what Unicode says is never drawn. Behind a letter a mark among them may stay.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u2800\u3164\uffa0")
UNDRAWN = (("\ufe00", "\ufe0f"), ("\ufff0", "\ufff8"), ("\U000e0000", "\U000e0fff"))
# Beyond this, a stack of marks is an attack on the page rather than writing (Unicode's stream-safe format allows 30).
MOST_MARKS = 30


def clusters(text: str) -> list[tuple[int, int]]:
    """Return the ranges [start, stop) of ``text`` that are drawn as one character, in order and without gaps.

    A practical part of Unicode's rules (UAX #29): marks, variation selectors, skin tones, tags and joiners stay with
    their base, as do emoji joined by U+200D, pairs of regional indicators (flags) and Hangul syllables.
    """
    if text.isascii():
        return [(index, index + 1) for index in range(len(text))]
    ranges: list[tuple[int, int]] = []
    start = 0
    for index in range(1, len(text)):
        if text[index] < "\u0300" or index - start > MOST_MARKS or not _joined(text, start, index):
            ranges.append((start, index))
            start = index
    ranges.append((start, len(text)))
    return ranges


def visible(text: str) -> str:
    """Return ``text`` with all that is invisible or would control or reorder a display spelt out: ``␀``, ``⟨U+202E⟩``.

    Newlines and tabs are left as they are: each view marks them in its own way.
    """
    if (text.isascii() and text.isprintable()) or not any(map(_hidden, text)):
        return text
    return "".join(_visible_cluster(text[start:stop]) for start, stop in clusters(text))


def columns(text: str) -> int:
    """Return the number of terminal columns that the visible cluster ``text`` takes."""
    if len(text) > 1 and ("\ufe0f" in text or ZERO_WIDTH_JOINER in text or _regional(text[0])
                          or _hangul(text[0], text[1])):
        return 2
    return sum(_width(character) for character in text)


def _joined(text: str, start: int, index: int) -> bool:
    character = text[index]
    """Whether a character from U+0300 on stays with the cluster that begins at ``start``."""
    if not _carries(text[start]):
        return False
    if _extends(character):
        return True
    if text[index - 1] == ZERO_WIDTH_JOINER:
        return unicodedata.category(character) in ("So", "Sm")  # emoji, of which arrows are some
    if _regional(character):
        return index - start == 1 and _regional(text[start])
    return _hangul(text[index - 1], character)


def _visible_cluster(cluster: str) -> str:
    if len(cluster) == 1:
        return _spelt(cluster) if _hidden(cluster) else cluster
    return "".join(
        _spelt(character) if _hidden(character) and not (index and _carries(cluster[0])) else character
        for index, character in enumerate(cluster)
    )


def _spelt(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def _carries(base: str) -> bool:
    """Whether marks and joiners behind ``base`` have something visible to stand on."""
    return base not in "\n\t" and not _hidden(base)


@lru_cache(maxsize=4096)
def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Mn", "Me", "Mc") or character in JOINERS
        or "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"
    )


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _hangul(before: str, character: str) -> bool:
    """Whether two conjoining Hangul letters belong to one syllable: L+L, L+V, V+V, V+T, T+T, syllable + tail."""
    lead, vowel, tail = "\u1100" <= before <= "\u115f", "\u1160" <= before <= "\u11a7", "\u11a8" <= before <= "\u11ff"
    syllable = "\uac00" <= before <= "\ud7a3"
    if "\u1100" <= character <= "\u115f":
        return lead
    if "\u1160" <= character <= "\u11a7":
        return lead or vowel or (syllable and (ord(before) - 0xAC00) % 28 == 0)
    return "\u11a8" <= character <= "\u11ff" and (vowel or tail or syllable)


@lru_cache(maxsize=4096)
def _hidden(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in VISIBLE_FORMATS
    if category in ("Cc", "Zl", "Zp", "Cs"):
        return character not in "\n\t"
    return character in BLANKS or any(first <= character <= last for first, last in UNDRAWN)


def _width(character: str) -> int:
    if _extends(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
