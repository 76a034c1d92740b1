"""Numeric dates whose day and month could be swapped, where the weekday alone says which is which."""

import datetime
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.attention.dates import DateTexts, Form, readings
from probe.attention.dates.days import days_of
from probe.attention.truth.estimate import Estimate, rate_over
from probe.attention.truth.examining import translated
from probe.attention.truth.options import DiagnosisOptions
from probe.attention.truth.spans import WEEKDAY

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator


@dataclass(frozen=True)
class Pair:
    """Two texts that differ in their weekday alone and mean two dates, which differ in the order of day and month."""

    text: str
    date: datetime.date
    swapped_text: str
    swapped: datetime.date


@dataclass(frozen=True)
class WeekdayDecides:
    """What a network makes of pairs of texts that differ in the weekday alone.

    One that ignores it gives both texts of a pair the same output, and is right on one of the two at best.

    Attributes:
        pairs: of a held-out day and its swapped one.
        right: share of the texts, of both kinds, that are translated exactly.
        both: share of the pairs of which both are right.
        same: share of the pairs whose outputs are the same, whatever they are.
        example: one pair.
    """

    pairs: int
    right: Estimate
    both: Estimate
    same: Estimate
    example: Pair

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        found = asdict(self)
        return {**found, "example": {name: str(value) for name, value in found["example"].items()}}


def weekday_decides(translator: "Translator", options: DiagnosisOptions, show: bool) -> WeekdayDecides | None:
    """Measure whether a network uses the weekday where it alone says which date is meant; None if it does nowhere."""
    found = list(pairs(DateTexts(translator.dates)))
    if not found:
        return None
    order = np.random.default_rng(options.seed).permutation(len(found))[:options.texts]
    chosen = [found[place] for place in sorted(order.tolist())]
    said = [each.output for each in translated(translator, [text for pair in chosen for text in (
        pair.text, pair.swapped_text)], options.beams, show)]
    first = [output == pair.date.isoformat() for output, pair in zip(said[::2], chosen, strict=True)]
    second = [output == pair.swapped.isoformat() for output, pair in zip(said[1::2], chosen, strict=True)]
    days = [pair.date for pair in chosen]
    return WeekdayDecides(
        len(chosen), rate_over([*first, *second], days * 2),
        rate_over([one and other for one, other in zip(first, second, strict=True)], days),
        rate_over([one == other for one, other in zip(said[::2], said[1::2], strict=True)], days), chosen[0])


def pairs(source: DateTexts) -> Iterator[Pair]:
    """Yield each pair of texts that forms of ``source`` write, the first of a held-out day, and each means one date."""
    days, first_year = days_of(source.options), source.options.first_year
    test = [days.dates[number] for number in days.of_split["test"]]
    swaps = [(date, date.replace(month=date.day, day=date.month)) for date in test
             if date.day <= 12 and date.day != date.month]
    swaps = [(date, swapped) for date, swapped in swaps if date.weekday() != swapped.weekday()]
    forms = _numeric(source)
    written = {form.text(_parts(swapped, first_year)) for form in forms for _, swapped in swaps}
    seen: set[str] = set()
    for form in forms:
        for date, swapped in swaps:
            text = form.text(_parts(date, first_year))
            changed = form.text((*_parts(date, first_year)[:3], swapped.weekday()))
            if changed not in written or text in seen:
                continue
            seen.add(text)
            if _only(source, text, date) and _only(source, changed, swapped):
                yield Pair(text, date, changed, swapped)


def _numeric(source: DateTexts) -> list[Form]:
    """Forms with a weekday and a month in digits, of those that write alike one."""
    found: dict[tuple[tuple[int, tuple[str, ...]], ...], Form] = {}
    for form in source.forms:
        fields = {piece.field for piece in form.pieces}
        if WEEKDAY in fields and "month" in fields:
            found.setdefault(tuple((piece.part, piece.written) for piece in form.pieces), form)
    return list(found.values())


def _only(source: DateTexts, text: str, date: datetime.date) -> bool:
    return [each for each, _ in readings(source.options, text)] == [date]


def _parts(date: datetime.date, first_year: int) -> tuple[int, int, int, int]:
    return date.year - first_year, date.month, date.day, date.weekday()
