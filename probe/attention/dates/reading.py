"""What a text may mean: the dates that the chosen forms write so, and how likely each is."""

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from probe.attention.dates.form import forms_of
from probe.attention.dates.merging import merged
from probe.attention.dates.options import DateOptions
from probe.attention.dates.piece import DAY, LITERAL, MONTH, WEEKDAY, YEAR, Piece

_DIGITS = re.compile("[0-9]+")
_LETTERS = re.compile("[^0 ,./()-]+")
_LETTER = re.compile("[^0-9 ,./()-]")

# The first letter, the last character, and the shape of what they stand in.
_Key: TypeAlias = tuple[str, str, str]


def readings(options: DateOptions, text: str) -> list[tuple[datetime.date, float]]:
    """Return the dates that ``text`` may mean, each with its probability, the likeliest first and then the earliest.

    Probabilities are those of a date given the text, where forms and days are as likely as ``options`` makes them; they
    sum to one. The list is empty if no form writes a date of the years asked for like this.
    """
    return reader_of(options).readings(text)


@lru_cache(maxsize=8)
def reader_of(options: DateOptions) -> "Reader":
    """Return the reader of all forms of ``options``."""
    return Reader(options)


class Reader:
    """Reads texts by all forms of the options at once.

    A form is tried only where the first letter and the last character fit, and the signs between runs of letters and
    digits.
    """

    def __init__(self, options: DateOptions) -> None:
        forms = merged(forms_of(options))
        self._first_year = options.first_year
        self._scans: dict[_Key, list[tuple[float, tuple[_Scan, ...]]]] = {}
        known = {piece: _Scan(piece) for piece in {piece for pieces in forms.pieces for piece in pieces}}
        for pieces, weight in zip(forms.pieces, forms.weights, strict=True):
            scans = tuple(known[piece] for piece in pieces)
            for key in _keys(scans):
                self._scans.setdefault(key, []).append((weight, scans))

    def readings(self, text: str) -> list[tuple[datetime.date, float]]:
        """Return the dates that ``text`` may mean; see :func:`readings`."""
        likely: dict[datetime.date, float] = {}
        for weight, scans in self._scans.get(_key(text), ()):
            for date in set(self._dates(text, scans)):
                likely[date] = likely.get(date, 0.0) + weight
        whole = sum(likely.values())
        found = [(date, weight / whole) for date, weight in likely.items()]
        return sorted(found, key=lambda one: (-round(one[1], 12), one[0]))  # equal but for the order of summing

    def is_date(self, text: str) -> bool:
        """Return whether any form writes a date like this."""
        return any(True for _, scans in self._scans.get(_key(text), ()) for _ in self._dates(text, scans))

    def _dates(self, text: str, scans: "Sequence[_Scan]") -> Iterator[datetime.date]:
        for numbers in _matches(text, scans, 0, 0, {}):
            try:
                date = datetime.date(self._first_year + numbers[YEAR], numbers[MONTH], numbers[DAY])
            except ValueError:  # the day is not in the month
                continue
            if numbers.get(WEEKDAY, date.weekday()) == date.weekday():
                yield date


class _Scan:
    """A piece, made ready to be found in a text."""

    def __init__(self, piece: Piece) -> None:
        self.part = piece.part
        self.numbers: dict[str, list[int]] = {}
        for number, text in piece.in_calendar().items():
            self.numbers.setdefault(text, []).append(number)
        self.lengths = sorted({len(text) for text in self.numbers}, reverse=True)
        self.letters = {_letter(text) for text in self.numbers}
        self.lasts = {_last(text) for text in self.numbers}
        self.shapes = {_shape(text) for text in self.numbers}


def _matches(text: str, scans: Sequence[_Scan], place: int, start: int,
             numbers: dict[int, int]) -> Iterator[dict[int, int]]:
    """Yield the numbers of the date for every way in which the pieces from ``place`` on fill ``text[start:]``."""
    if place == len(scans):
        if start == len(text):
            yield numbers
        return
    scan = scans[place]
    for length in scan.lengths:
        for number in scan.numbers.get(text[start:start + length], ()):
            if scan.part == LITERAL:
                yield from _matches(text, scans, place + 1, start + length, numbers)
            else:
                yield from _matches(text, scans, place + 1, start + length, {**numbers, scan.part: number})


def _keys(scans: Sequence[_Scan]) -> Iterator[_Key]:
    """Yield the key of every text that a form can write."""
    letters = {""}
    for scan in scans:
        if "" in letters:
            letters = letters - {""} | scan.letters
    shapes = {_shape("".join(shapes)) for shapes in product(*(scan.shapes for scan in scans))}
    return product(letters, scans[-1].lasts, shapes)


def _key(text: str) -> _Key:
    return _letter(text), _last(text), _shape(text)


def _letter(text: str) -> str:
    found = _LETTER.search(text)
    return found[0] if found else ""


def _last(text: str) -> str:
    return "0" if text[-1:] in "0123456789" else text[-1:]


def _shape(text: str) -> str:
    """Return 0 for each run of digits, a for each of other characters, and the signs between them."""
    return _LETTERS.sub("a", _DIGITS.sub("0", text))
