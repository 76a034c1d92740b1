"""How Arabic letters join their neighbours, so that each keeps its form where letters stand apart."""

import unicodedata
from functools import cache

TATWEEL, ZERO_WIDTH_JOINER = "\u0640", "\u200d"
# Unicode's ArabicShaping.txt, U+0620 to U+06FF: letters that join the one before them alone, and those that join none.
_RIGHT = frozenset("آأؤإاةدذرزوٱٲٳٵٶٷۀۃۄۅۆۇۈۉۊۋۍۏےۓەۮۯ") | {chr(code) for code in range(0x688, 0x69A)}
_NONE = frozenset("ءٴ")
_FORMS = ("isolated", "final", "initial", "medial")


def joined(text: str) -> list[tuple[bool, bool]]:
    """Return for each character whether it joins the letter before it and the one behind it; marks join neither."""
    result = [(False, False)] * len(text)
    last = -1
    for place, character in enumerate(text):
        if _transparent(character):
            continue
        if last >= 0 and _reaches_on(text[last]) and _reaches_back(character):
            result[last], result[place] = (result[last][0], True), (True, False)
        last = place
    return result


def presented(letter: str, before: bool, after: bool) -> str:
    """Return a letter in the form that it has between its neighbours, as one code point, where Unicode has one."""
    return _presentation().get((letter, _FORMS[before + 2 * after]), letter)


def _transparent(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me") or (
        unicodedata.category(character) == "Cf" and character not in "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605")


def _reaches_back(character: str) -> bool:
    return character in (TATWEEL, ZERO_WIDTH_JOINER) or (_is_letter(character) and character not in _NONE)


def _reaches_on(character: str) -> bool:
    return _reaches_back(character) and character not in _RIGHT


def _is_letter(character: str) -> bool:
    return "\u0620" <= character <= "\u06ff" and unicodedata.category(character) == "Lo"


@cache
def _presentation() -> dict[tuple[str, str], str]:
    """The presentation form of each letter and name of a form (blocks Arabic Presentation Forms A and B)."""
    forms = {}
    for code in (*range(0xFB50, 0xFDD0), *range(0xFE70, 0xFEFD)):
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if kind.strip("<>") in _FORMS and " " not in letters:
            forms[chr(int(letters, 16)), kind.strip("<>")] = chr(code)
    return forms
