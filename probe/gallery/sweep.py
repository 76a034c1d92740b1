"""The units of a sweep as a page addresses them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from probe.scan.finding import UNNAMED

# Letters of each name that a slug begins with: it is a part of the names of files, of which no system takes long ones.
LONGEST = 50


@dataclass(frozen=True)
class Source:
    """One signal of one layer.

    Attributes:
        layer, signal: their names.
        slug: the same in letters that a fragment of an address may hold, unlike that of any other source.
        units: index in the layer of each unit scanned.
        first: the row of the first of them in the tables of all units.
    """

    layer: str
    signal: str
    slug: str
    units: Sequence[int]
    first: int

    @property
    def suffix(self) -> str:
        """What a unit's label says of the signal; nothing of those that a reader thinks of first."""
        return "" if self.signal in UNNAMED else f" {self.signal.replace('_', ' ')}"

    def label(self, unit: int) -> str:
        """Return the name of a unit, as :attr:`probe.scan.finding.Finding.label`."""
        return f"{self.layer}:{unit}{self.suffix}"


@dataclass(frozen=True)
class Sweep:
    """All units scanned.

    Attributes:
        sources: in the order of the tables' rows.
    """

    sources: tuple[Source, ...]

    @classmethod
    def of(cls, units: Mapping[tuple[str, str], Sequence[int]]) -> "Sweep":
        """Return the sweep over ``units``: (layer, signal) → index in its layer of each."""
        sources: list[Source] = []
        for (layer, signal), indices in units.items():
            plain = re.sub(r"[^A-Za-z0-9_]+", "-", f"{layer[:LONGEST]}-{signal[:LONGEST]}").strip("-")
            taken = {source.slug for source in sources}
            slug = next(each for each in (plain, *(f"{plain}-{n}" for n in range(2, len(units) + 2)))
                        if each and each not in taken)
            first = sources[-1].first + len(sources[-1].units) if sources else 0
            sources.append(Source(layer, signal, slug, indices, first))
        return cls(tuple(sources))

    @property
    def count(self) -> int:
        """How many units of all signals there are."""
        return sum(len(source.units) for source in self.sources)

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[int, dict[int, int]]]:
        return {(source.layer, source.signal): (index, {unit: place for place, unit in enumerate(source.units)})
                for index, source in enumerate(self.sources)}

    def place(self, layer: str, signal: str, unit: int) -> tuple[int, int]:
        """Return the index of a unit's source, and the unit's place among the units of it."""
        index, places = self._places[layer, signal]
        return index, places[unit]

    def address(self, layer: str, signal: str, unit: int) -> str:
        """Return the fragment under which a unit's own page is found."""
        index, _ = self.place(layer, signal, unit)
        return f"unit-{self.sources[index].slug}-{unit}"
