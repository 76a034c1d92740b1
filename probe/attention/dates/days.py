"""The days of a range of years, and which of them are kept from training."""

import datetime
import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from probe.attention.dates.options import DateOptions

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)

# Of so many days in a row, one is for validation and one for the test.
_BLOCK = 20


@dataclass(frozen=True, eq=False)
class Days:
    """All days of a range of years, in order.

    Attributes:
        dates: (D,) the days.
        parts: (D, 4) int64, of each day the year counted from the first one, the month, the day of the month, and the
            weekday with Monday as 0.
        of_split: numbers of the days of each split, sorted.
    """

    dates: tuple[datetime.date, ...]
    parts: np.ndarray
    of_split: dict[str, np.ndarray]


def days_of(options: DateOptions) -> Days:
    """Return the days from the first of January of the first year to the last of December of the last."""
    return _days(options.first_year, options.last_year)


def split_of(ordinal: int) -> str:
    """Return the split of the day ``ordinal`` (as ``date.toordinal`` counts), whatever range of years is asked for.

    Of every 20 days in a row one is for validation and one for the test, each wherever a hash of the block puts it.
    """
    block, place = divmod(ordinal, _BLOCK)
    validation, test = _held_out(block)
    return VALIDATION if place == validation else TEST if place == test else TRAIN


def _held_out(block: int) -> tuple[int, int]:
    number = int.from_bytes(hashlib.sha256(f"held-out days {block}".encode()).digest()[:8], "big")
    validation, step = number % _BLOCK, 1 + number // _BLOCK % (_BLOCK - 1)
    return validation, (validation + step) % _BLOCK


@cache
def _days(first_year: int, last_year: int) -> Days:
    first = datetime.date(first_year, 1, 1).toordinal()
    ordinals = range(first, datetime.date(last_year, 12, 31).toordinal() + 1)
    dates = tuple(map(datetime.date.fromordinal, ordinals))
    parts = np.array([(date.year - first_year, date.month, date.day, date.weekday()) for date in dates], np.int64)
    splits = np.array([SPLITS.index(split_of(ordinal)) for ordinal in ordinals])
    return Days(dates, parts, {name: np.flatnonzero(splits == number) for number, name in enumerate(SPLITS)})
