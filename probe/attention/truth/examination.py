"""How often a translator is right on dates that it was never trained on, beside what anybody could reach."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from probe.attention.dates import Ceiling
from probe.attention.translator.symbols import LONGEST
from probe.attention.truth.doubt import Doubt
from probe.attention.truth.estimate import Estimate
from probe.attention.truth.options import DateTestOptions
from probe.render.graphemes import visible
from probe.render.table import table
from probe.render.wrapping import wrapped

if TYPE_CHECKING:
    from probe.attention.truth.true_maps import TrueMapsTable

# Positions of an output that the known example pads to.
PADDED = 50
# Mistakes that are shown of those that were kept.
SHOWN = 10
SHARE_HEADERS = ("texts", "exact", "95 %", "ceiling", "exact / ceiling")


@dataclass(frozen=True)
class Share:
    """How many texts of one kind are translated exactly.

    Attributes:
        exact: share, with its interval.
        ceiling: the share that the best translator gets right; None if it was not asked for.
    """

    exact: Estimate
    ceiling: float | None

    @property
    def ratio(self) -> float | None:
        """The share as a part of the ceiling. Of a sample it may be above one."""
        return None if self.exact.mean is None or not self.ceiling else self.exact.mean / self.ceiling

    @property
    def row(self) -> tuple[object, ...]:
        """Under :data:`SHARE_HEADERS`."""
        return self.exact.count, self.exact.mean, self.exact.interval, self.ceiling, self.ratio

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"exact": self.exact.to_json(), "ceiling": self.ceiling, "ratio": self.ratio}


@dataclass(frozen=True)
class Mistake:
    """A text that was translated wrongly.

    Attributes:
        text, locale, style: what was asked.
        wanted: the date that was meant.
        output, probability: what the translator says.
        possible: whether the text may mean what the translator says: then nobody could know.
    """

    text: str
    locale: str
    style: str
    wanted: str
    output: str
    probability: float
    possible: bool


@dataclass(frozen=True)
class Refusals:
    """What a translator says to texts that hold no date.

    Attributes:
        refused: share to which it gives no day.
        by_kind: the same by what the texts are: words, letters, numbers, a date without a part, a day of no calendar.
        believed: mean probability of the days that it gives all the same; None if it gives none.
        surely: how many of them have a probability of at least a half.
    """

    refused: Estimate
    by_kind: Mapping[str, Estimate]
    believed: float | None
    surely: int


@dataclass(frozen=True)
class Examination:
    """A translator on days that it was never trained on.

    Attributes:
        options: of the test.
        days: different days among the texts.
        exact: exact match of whole dates by beam search, beside the ceiling.
        expected: the share of these very texts that the best translator can expect to get right: the mean probability
            of what each most likely means. Held-out days may be more open to doubt than all days, or less.
        greedy: by greedy search.
        characters: share of the characters of the true dates, and their ends, that are put out at their place.
        padded: the same as the known example counts it, with padding up to 50 positions.
        refused: share of the dates to which the translator gives no day.
        by_locale, by_style: exact match of each.
        mistakes: all of them.
        doubt: what its probabilities are worth.
        without: texts that hold no date; None if none were asked.
        maps: attention beside what hiding does; None if that was not asked for.
        ceiling: of the dates that the translator was trained on.
    """

    options: DateTestOptions
    days: int
    exact: Share
    expected: float
    greedy: Estimate
    characters: float
    padded: float
    refused: Estimate
    by_locale: Mapping[str, Share]
    by_style: Mapping[str, Share]
    mistakes: tuple[Mistake, ...]
    doubt: Doubt
    without: Refusals | None
    maps: "TrueMapsTable | None"
    ceiling: Ceiling

    @property
    def caption(self) -> str:
        """On what it was tested."""
        beams = "greedy search" if self.options.beams == 1 else f"{self.options.beams} beams"
        return f"{self.options.texts:,} texts of {self.days:,} days that the translator was never trained on, {beams}"

    @property
    def lines(self) -> list[str]:
        """The figures that are no table, a line each."""
        possible = sum(each.possible for each in self.mistakes)
        found = [
            f"exact match: {_share(self.exact.exact)}; greedy search: {_share(self.greedy)}",
            f"ceiling, which no translator can pass on all dates: {self.ceiling.rate:.4f}; reached: "
            f"{self.exact.ratio or 0:.4f} of it; on these very texts the best can expect {self.expected:.4f}",
            f"wrong: {len(self.mistakes):,}, of which {possible:,} name another date that the text may mean",
            f"characters right, without padding: {self.characters:.4f} (counted with padding to {PADDED} positions, as "
            f"the known example does: {self.padded:.4f}; nothing but padding would score {1 - LONGEST / PADDED:.2f})",
            f"dates to which it gives no day: {_share(self.refused)}",
        ]
        if self.without is not None:
            found.append(f"texts without a date to which it gives none: {_share(self.without.refused)}")
            if self.without.believed is not None:
                found.append(f"where it gives one all the same: mean probability {self.without.believed:.3f}; "
                             f"{self.without.surely:,} with at least 0.5")
        return found

    def to_terminal(self, width: int) -> str:
        """Return all of it as lines of at most ``width`` columns, or as wide as the tables need."""
        parts = ["\n".join(line for each in (self.caption, *self.lines) for line in wrapped(visible(each), width))]
        for name, shares in (("locale", self.by_locale), ("style", self.by_style)):
            parts.append(table((name, *SHARE_HEADERS), [(key, *each.row) for key, each in shares.items()], width))
        if self.without is not None:
            parts.append(table(("without a date", "texts", "no day given", "95 %"), [
                (kind, each.count, each.mean, each.interval) for kind, each in self.without.by_kind.items()], width))
        parts.append(self.doubt.to_terminal(width))
        if self.maps is not None:
            parts.append(self.maps.to_terminal(width))
        if self.mistakes:
            parts.append(f"mistakes, the most confident first\n{table(*self._mistakes, width)}")
        return "\n\n".join(parts)

    def __str__(self) -> str:
        """Return the report for a terminal, as wide as it is."""
        return self.to_terminal(shutil.get_terminal_size().columns)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, all of them finite or None."""
        return {
            "kind": "translator test", "version": 1, "options": asdict(self.options), "days": self.days,
            "exact": self.exact.to_json(), "expected": self.expected, "greedy": self.greedy.to_json(),
            "characters": self.characters, "characters_with_padding": self.padded, "refused": self.refused.to_json(),
            "by_locale": {name: each.to_json() for name, each in self.by_locale.items()},
            "by_style": {name: each.to_json() for name, each in self.by_style.items()},
            "mistakes": list(map(asdict, self.mistakes)), "doubt": self.doubt.to_json(),
            "without": None if self.without is None else asdict(self.without),
            "maps": None if self.maps is None else self.maps.to_json(), "ceiling": self.ceiling.rate,
        }

    @property
    def _mistakes(self) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        most = sorted(self.mistakes, key=lambda each: -each.probability)[:SHOWN]
        return (("text", "locale", "wanted", "put out", "probability", "may be meant"),
                [(each.text, each.locale, each.wanted, each.output or "no date", each.probability,
                  "yes" if each.possible else "no") for each in most])


def _share(estimate: Estimate) -> str:
    if estimate.mean is None:
        return "–"
    return f"{estimate.mean:.4f} ({estimate.low:.4f} to {estimate.high:.4f})"
