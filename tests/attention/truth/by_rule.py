"""Translators whose answers and attention are known: they read by a rule."""

import datetime
import re
from collections.abc import Callable, Sequence

import numpy as np

from probe.attention.dates import DateOptions, DateTexts, readings
from probe.attention.translator.symbols import HIDDEN, LONGEST, PADDING, Symbols
from probe.attention.translator.translation import Translation
from probe.attention.translator.translator import Reading

# What a character that is hidden costs, for an attention of one.
NATS = 3.0
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")


class ByRule:
    """Says ``mean(text)`` with ``probability(text)``; attends as ``aim(text, output)`` (T, S) says, uniformly unless
    told, and a hidden character costs NATS times its attention."""

    def __init__(self, dates: DateOptions, mean: Callable[[str], str],
                 aim: Callable[[str, str], np.ndarray] | None = None,
                 probability: Callable[[str], float] = lambda text: 0.9) -> None:
        self.dates, self.mean, self.probability = dates, mean, probability
        self.symbols = Symbols(DateTexts(dates).characters)
        self.aim = aim or (lambda text, output: np.full((len(output) + 1, len(text)), 1 / max(1, len(text))))
        self.asked: list[str] = []
        self._seen: list[str] = []  # texts read without anything hidden

    def translate(self, texts: Sequence[str], beams: int = 5) -> list[Translation]:
        self.asked += texts
        return [Translation(text, ((self.mean(text), self.probability(text)),), "", 99) for text in texts]

    def read(self, source: np.ndarray, outputs: Sequence[str]) -> Reading:
        weights = np.zeros((len(source), LONGEST, source.shape[1]))
        likelihood = np.zeros((len(source), LONGEST))
        for row, (ids, output) in enumerate(zip(source, outputs, strict=True)):
            ids = ids[ids != PADDING]
            text = "".join(self.symbols.characters[number - 2] if number != HIDDEN else "□" for number in ids)
            self._seen += [] if "□" in text else [text]
            aim = self.aim(next((seen for seen in reversed(self._seen) if _alike(seen, text)), text), output)
            weights[row, :len(aim), :len(ids)] = aim
            likelihood[row, :len(aim)] = -0.01 - NATS * aim[:, ids == HIDDEN].sum(axis=1)
        return Reading(likelihood, weights)


def _alike(text: str, hidden: str) -> bool:
    return len(text) == len(hidden) and all(two in ("□", one) for one, two in zip(text, hidden, strict=True))


def by_readings(dates: DateOptions) -> Callable[[str], str]:
    """The best translator: the likeliest of what a text may mean."""
    def mean(text: str) -> str:
        found = readings(dates, text)
        return found[0][0].isoformat() if found else ""
    return mean


def worded(text: str) -> str:
    """An English date in any order, whatever else there is."""
    year, day = re.search(r"\d{4}", text), re.search(r"(?<!\d)\d{1,2}(?!\d)", text)
    month = next((number for number, name in enumerate(MONTHS, 1) if name.lower() in text.lower()), 0)
    if not (year and day and month):
        return ""
    try:
        return datetime.date(int(year[0]), month, int(day[0])).isoformat()
    except ValueError:
        return ""


def aim_at_fields(text: str, output: str) -> np.ndarray:
    """Attention on the four digits, the one or two digits, or the letters, as the part of the output asks; on all for
    hyphens and the end."""
    patterns = (r"\d{4}", r"[A-Za-z]+", r"(?<!\d)\d{1,2}(?!\d)")
    rows, part = [], 0
    for character in output + "\n":
        row = np.zeros(len(text))
        found = re.search(patterns[min(part, 2)], text) if character.isdigit() else None
        row[found.start() if found else 0:found.end() if found else len(text)] = 1
        part += character == "-"
        rows.append(row / row.sum())
    return np.array(rows)
