"""Days of the month as ordinals, in the languages whose dates are written with them."""

from collections.abc import Callable

from babel import Locale


def ordinal_of(locale: Locale) -> Callable[[int], str] | None:
    """Return how ``locale`` writes a day as an ordinal, or None if it has no such habit beside CLDR's own forms."""
    return _ORDINALS.get(locale.language)


def _english(day: int) -> str:
    ending = "th" if day // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _swedish(day: int) -> str:
    return f"{day}:a" if day % 10 in (1, 2) and day // 10 != 1 else f"{day}:e"


def _first(written: str) -> Callable[[int], str]:
    """The ordinal of languages in which the first of a month alone has one."""
    return lambda day: written if day == 1 else str(day)


_ORDINALS: dict[str, Callable[[int], str]] = {
    "en": _english,
    "fr": _first("1er"),
    "es": _first("1.º"),
    "it": _first("1º"),
    "pt": _first("1º"),
    "nl": lambda day: f"{day}e",
    "sv": _swedish,
}
