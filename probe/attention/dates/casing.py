"""The letter cases in which a date may be written."""

import unicodedata

CASES = {"written": "as the locale writes it", "lower": "small letters alone", "upper": "capitals alone"}

# Languages that tell a dotted i from a dotless one in both cases.
_DOTTED = frozenset({"tr", "az"})
_ACUTE = "\N{COMBINING ACUTE ACCENT}"


def cased(text: str, case: str, language: str) -> str:
    """Return a part of a date in a letter case, as writers of its language would change it.

    Turkish and Azerbaijani keep the dot of i, and Greek capitals stand without the accent, as Unicode's exceptions
    (SpecialCasing, CLDR's el-Upper) have it. Parts are cased one by one, so that a date can be composed of them.
    """
    if case == "written":
        return text
    if language in _DOTTED:
        text = text.replace("I", "ı").replace("İ", "i") if case == "lower" else text.replace("i", "İ")
    if case == "lower":
        return text.lower()
    return _without_accent(text.upper()) if language == "el" else text.upper()


def _without_accent(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).replace(_ACUTE, ""))
