"""What written dates are composed of: literal text, and the texts of each weekday, day, month and year."""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

from babel import Locale
from babel.dates import get_day_names, get_era_names, get_month_names

from probe.attention.dates.casing import cased
from probe.attention.dates.ordinals import ordinal_of
from probe.attention.dates.pattern import Token, tokens_of
from probe.attention.dates.style import Style

# Which number of a date a piece is chosen by; a literal has no more than number 0.
YEAR, MONTH, DAY, WEEKDAY, LITERAL = range(5)
REQUIRED = frozenset({YEAR, MONTH, DAY})

# Days and months that no calendar has are written too, for texts of impossible dates.
NUMBERS = 40
_CALENDAR = {MONTH: range(1, 13), DAY: range(1, 32)}
_PARTS = {"y": YEAR, "M": MONTH, "L": MONTH, "d": DAY, "E": WEEKDAY, "c": WEEKDAY}
_CONTEXTS: dict[str, Literal["format", "stand-alone"]] = {
    "M": "format", "L": "stand-alone", "E": "format", "c": "stand-alone"}
_WIDTHS: dict[int, Literal["abbreviated", "wide", "narrow"]] = {3: "abbreviated", 4: "wide", 5: "narrow"}


class Piece(NamedTuple):
    """A part of a form.

    Attributes:
        field: its name; ``""`` of literal text.
        part: which number of the date chooses its text.
        written: the text for each value of that number; ``""`` for a month or day 0.
    """

    field: str
    part: int
    written: tuple[str, ...]

    def in_calendar(self) -> dict[int, str]:
        """Return number → text, of the numbers that real dates have."""
        return {number: self.written[number] for number in _CALENDAR.get(self.part, range(len(self.written)))}


def tokens_in(style: Style, locale: Locale) -> tuple[Token, ...] | None:
    """Return what a style's pattern consists of in ``locale``, or None where it has none that tells a date.

    A date is told if its year, month and day are there, and no part stands twice. The year of a week (Y), quarters
    and weekdays that are counted are no part of a date here. An era (G) is literal text, since all years are after its
    beginning.
    """
    pattern = style.pattern(locale)
    if pattern is None:
        return None
    tokens = tuple(get_era_names(_WIDTHS[max(3, token[1])], locale)[1]
                   if not isinstance(token, str) and token[0] == "G" else token for token in tokens_of(pattern))
    fields = [token for token in tokens if not isinstance(token, str)]
    known = all(letter in _PARTS and count < 6 and (letter != "c" or count >= 3) for letter, count in fields)
    parts = {_PARTS[letter] for letter, _ in fields} if known else set()
    return tokens if parts >= REQUIRED and len(parts) == len(fields) else None


@lru_cache(maxsize=2**16)
def piece_of(token: Token, ordinal: bool, locale: Locale, case: str, years: tuple[int, int]) -> Piece:
    """Return the piece of one token of a pattern.

    Args:
        ordinal: whether days are written as ordinals.
        years: the first and the last year that can be written.
    """
    if isinstance(token, str):
        return _literal(cased(token, case, locale.language))
    letter, count = token
    part = _PARTS[letter]
    if part == YEAR:
        return _years(count, years)
    if part == DAY:
        change = ordinal_of(locale) if ordinal else None
        return _days(count) if change is None else _ordinals(change, case, locale.language)
    if part == MONTH and count < 3:
        return _months(count)
    names = get_month_names if part == MONTH else get_day_names
    found = names(_WIDTHS[max(3, count)], _CONTEXTS[letter], locale)
    written = tuple(cased(str(found[number]), case, locale.language) for number in sorted(found))
    return Piece("month_name", part, ("", *written)) if part == MONTH else Piece("weekday", part, written)


@lru_cache(maxsize=2**12)
def _literal(text: str) -> Piece:
    return Piece("", LITERAL, (text,))


@lru_cache(maxsize=64)
def _years(digits: int, years: tuple[int, int]) -> Piece:
    written = (f"{year:0{digits}d}" for year in range(years[0], years[1] + 1))
    return Piece("year", YEAR, tuple(year[-2:] if digits == 2 else year for year in written))


@lru_cache(maxsize=64)
def _months(digits: int) -> Piece:
    return Piece("month", MONTH, _numbers(digits))


@lru_cache(maxsize=64)
def _days(digits: int) -> Piece:
    return Piece("day", DAY, _numbers(digits))


def _ordinals(change: Callable[[int], str], case: str, language: str) -> Piece:
    return Piece("day", DAY, ("", *(cased(change(day), case, language) for day in range(1, NUMBERS))))


def _numbers(digits: int) -> tuple[str, ...]:
    return ("", *(f"{number:0{digits}d}" for number in range(1, NUMBERS)))
