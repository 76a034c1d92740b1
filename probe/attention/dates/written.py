"""A date as somebody wrote it."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A text and the date that it means.

    Attributes:
        text: what is written.
        date: what it means, or None if the text holds no date.
        locale: name of the locale in whose manner it is written; empty if in none.
        style: name of the style; of a text without a date, what it is instead.
        case: its letter case.
        fields: (name, start, stop) of each part of the date, ``text[start:stop]``, in the order of the text. Names are
            ``weekday``, ``day``, ``month`` (digits), ``month_name`` and ``year``.
    """

    text: str
    date: datetime.date | None
    locale: str
    style: str
    case: str
    fields: tuple[tuple[str, int, int], ...] = ()

    @property
    def iso(self) -> str:
        """The date as ``2016-11-05``, or ``""``."""
        return "" if self.date is None else self.date.isoformat()
