"""What is known of the characters of a text because of how it was written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from probe.attention.dates import WrittenDate

# (name in WrittenDate.fields, name of the label, what it says).
FIELDS = (("weekday", "in_weekday", "in the name of the weekday"),
          ("day", "in_day", "in the digits of the day of the month, and in what makes an ordinal of them"),
          ("month", "in_month", "in the month, where it is written in digits"),
          ("month_name", "in_month_name", "in the name of the month"),
          ("year", "in_year", "in the year"))
FIRSTS = (("weekday", "first_letter_of_weekday", "the first letter of the weekday's name"),
          ("month_name", "first_letter_of_month_name", "the first letter of the month's name"))
PARTS = ("year", "month", "day")


@dataclass(frozen=True)
class Label:
    """One label of every character of a text.

    Attributes:
        name: of the pattern that it is.
        meaning: one line that says what is labelled.
        spans: (start, stop, value) of what has another label than 0.
    """

    name: str
    meaning: str
    spans: tuple[tuple[int, int, int], ...]

    def to_json(self, sha256: str) -> dict[str, Any]:
        """Return what a file of labels holds, for the text whose bytes have this checksum."""
        return {"meaning": self.meaning, "sha256": sha256,
                "labels": [{"start": start, "stop": stop, "value": value} for start, stop, value in self.spans]}


def source_labels(dates: Sequence[WrittenDate], starts: Iterable[int]) -> tuple[Label, ...]:
    """Return the labels of a text of dates, those alone that hold somewhere.

    Args:
        dates: as they are written.
        starts: the place in the text at which each begins; a line break follows it.
    """
    placed = list(zip(dates, starts, strict=True))
    fields = [(name, start + first, start + stop) for date, start in placed for name, first, stop in date.fields]
    # With its line break, or else a label of large numbers would tell little but where lines end.
    lines = [(date.date, start, start + len(date.text) + 1) for date, start in placed if date.date]
    labels = [Label(name, meaning, tuple((start, stop, 1) for field, start, stop in fields if field == of))
              for of, name, meaning in FIELDS]
    labels += [Label(name, meaning, tuple((start, start + 1, 1) for field, start, _ in fields if field == of))
               for of, name, meaning in FIRSTS]
    labels += [
        Label("between_parts", "a character of a date that is in no part of it: spaces, stops, words such as “de”",
              tuple((start, stop, 1) for date, first in placed for start, stop in _between(date, first))),
        Label("month_before_day", "on the whole line of a date whose month stands before its day",
              tuple((start, start + len(date.text) + 1, 1) for date, start in placed if _month_first(date))),
        Label("month_number", "the month, 1 to 12, on the whole line of its date",
              tuple((start, stop, day.month) for day, start, stop in lines)),
        Label("day_of_month", "the day of the month, 1 to 31, on the whole line of its date",
              tuple((start, stop, day.day) for day, start, stop in lines)),
        Label("year_number", "the year, on the whole line of its date",
              tuple((start, stop, day.year) for day, start, stop in lines)),
    ]
    return tuple(label for label in labels if label.spans)


def output_labels(outputs: Sequence[str], starts: Iterable[int]) -> tuple[Label, ...]:
    """Return the labels of a text of outputs, each behind the line break that stands for its beginning.

    Args:
        outputs: such as ``2016-11-05``.
        starts: the place in the text of the line break in front of each.
    """
    parts: dict[str, list[tuple[int, int, int]]] = {name: [] for name in PARTS}
    positions: list[tuple[int, int, int]] = []
    ends: list[tuple[int, int, int]] = []
    for output, start in zip(outputs, starts, strict=True):
        place = start + 1
        for name, part in zip(PARTS, output.split("-"), strict=False):
            if part:
                parts[name].append((place, place + len(part), 1))
            place += len(part) + 1
        positions += [(start + number, start + number + 1, number) for number in range(1, len(output) + 1)]
        ends.append((start + len(output), start + len(output) + 1, 1))
    labels = [Label(f"in_{name}", f"in the {name}, of which this character was written", tuple(parts[name]))
              for name in PARTS]
    labels += [Label(f"before_{name}", f"the next character to write is one of the {name}'s",
                     tuple((start - 1, stop - 1, value) for start, stop, value in parts[name])) for name in PARTS]
    labels += [Label("position", "how many characters are written: 0 on the line break, which stands for the beginning",
                     tuple(positions)),
               Label("at_end", "the last character: what comes next is the end", tuple(ends))]
    return tuple(label for label in labels if label.spans)


def _between(date: WrittenDate, first: int) -> Iterable[tuple[int, int]]:
    """What lies between the parts of a date, and around them."""
    last = 0
    for _, start, stop in date.fields:
        if last < start:
            yield first + last, first + start
        last = max(last, stop)
    if date.fields and last < len(date.text):
        yield first + last, first + len(date.text)


def _month_first(date: WrittenDate) -> bool:
    places = {name: start for name, start, _ in date.fields}
    month = places.get("month", places.get("month_name"))
    return month is not None and "day" in places and month < places["day"]
