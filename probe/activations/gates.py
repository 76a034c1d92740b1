"""How far the gates stand open, and how long each unit remembers.

Saturation is that of Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks" (2016), Figure
3: the fraction of characters at which a gate is left-saturated (below 0.1) and right-saturated (above 0.9).

Between two characters a cell keeps the share f of what it held, f being its forget gate, so that after n characters the
product of n gates is left: on average e^(n m) with m the mean of ln f. Half of it is left after −ln 2 / m characters,
the unit's half-life.
"""

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.activations.block import Block, Blocks, LayerSignal
from probe.activations.choice import chosen_signals
from probe.activations.options import ExtractOptions
from probe.activations.signal import GATES
from probe.activations.store import StoreBlocks
from probe.errors import UserError
from probe.progress import progress_bar
from probe.render.gate_plot import GatePanel, GatePlot, GateTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORGET = "forget_gate"
LEFT, RIGHT = 0.1, 0.9
# Rows counted at once: their counts fit in a byte each, and the rows in a processor's cache.
ROWS = 255


@dataclass(frozen=True, eq=False)
class Saturation:
    """How often each of U units had a gate closed or open.

    Attributes:
        left, right: characters (U,) int64 at which the gate was below 0.1, and above 0.9.
    """

    left: np.ndarray
    right: np.ndarray

    @classmethod
    def of(cls, gate: np.ndarray) -> "Saturation":
        """Count in the values (N, U) of a gate, N at most ``ROWS``."""
        return cls(_counted(gate < LEFT), _counted(gate > RIGHT))

    def __add__(self, other: "Saturation") -> "Saturation":
        return Saturation(self.left + other.left, self.right + other.right)


@dataclass(frozen=True, eq=False)
class Retention:
    """How fast each of U units loses what it holds.

    Attributes:
        resets: characters (U,) int64 at which the forget gate was exactly 0.
        logarithms: sum (U,) float64 of ln f over all other characters.
    """

    resets: np.ndarray
    logarithms: np.ndarray

    @classmethod
    def of(cls, forget: np.ndarray) -> "Retention":
        """Sum over the values (N, U) of a forget gate, N at most ``ROWS``."""
        resets = _counted(forget == 0)
        with np.errstate(divide="ignore"):
            logarithms = np.log(forget)
        if resets.any():
            logarithms[forget == 0] = 0
        return cls(resets, logarithms.astype(np.float64).sum(axis=0))

    def __add__(self, other: "Retention") -> "Retention":
        return Retention(self.resets + other.resets, self.logarithms + other.logarithms)


@dataclass(frozen=True, eq=False)
class GateStatistics:
    """Saturation and half-lives over a text: exact counts and float64 sums, which add up over parts of it.

    Attributes:
        characters: N, characters counted.
        units: layer → index in its layer of each of the U units.
        saturation: (layer, gate) → of each unit.
        retention: layer → of each unit, for layers whose forget gate was recorded.
        provenance: where the activations come from: JSON values.
    """

    characters: int
    units: Mapping[str, Sequence[int]]
    saturation: Mapping[LayerSignal, Saturation]
    retention: Mapping[str, Retention]
    provenance: Mapping[str, Any]

    @classmethod
    def of(cls, blocks: Blocks, *, show: bool = True) -> "GateStatistics":
        """Read blocks, in memory that does not grow with their number.

        Args:
            blocks: activations with at least one of the signals input_gate, forget_gate and output_gate; of a store,
                ``store.blocks(sparse=True)`` counts whatever rows it keeps.
            show: whether to show progress.

        Raises:
            UserError: no gate is among the signals, or a value is none of a gate.
        """
        sources = [source for source in blocks.units if source[1] in GATES]
        if not sources:
            raise UserError(f"gate statistics need at least one of the signals {', '.join(GATES)}; received "
                            f"{', '.join(sorted({signal for _, signal in blocks.units})) or 'none'}")
        rows = len(blocks.rows if isinstance(blocks, StoreBlocks) else blocks.segment)
        with progress_bar(rows, "gates", show=show) as bar:

            def parts() -> Iterator[GateStatistics]:
                for block in blocks:
                    yield cls.of_block(block, blocks.units, blocks.provenance)
                    bar.update(block.losses.size)

            return reduce(cls.merge, parts())

    @classmethod
    def of_block(cls, block: Block, units: Mapping[LayerSignal, Sequence[int]],
                 provenance: Mapping[str, Any]) -> "GateStatistics":
        """Count in one of the blocks whose ``units`` and ``provenance`` are given.

        Raises:
            UserError: a value is none of a gate.
        """
        sources = [source for source in units if source[1] in GATES]
        saturation, retention = {}, {}
        for layer, gate in sources:
            values = block.rows((layer, gate))
            _check(layer, gate, values)
            pieces = [values[first:first + ROWS] for first in range(0, len(values), ROWS)]
            saturation[layer, gate] = reduce(operator.add, map(Saturation.of, pieces))
            if gate == FORGET:
                retention[layer] = reduce(operator.add, map(Retention.of, pieces))
        return cls(block.losses.size, {layer: units[layer, gate] for layer, gate in sources}, saturation, retention,
                   provenance)

    def merge(self, other: "GateStatistics") -> "GateStatistics":
        """Return the statistics of both texts together, with the provenance of this one.

        Raises:
            UserError: the other's are of other units or gates.
        """
        if _identity(self) != _identity(other):
            raise UserError("gate statistics can be merged if they are of the same units and gates; these are not")
        return GateStatistics(
            self.characters + other.characters, self.units,
            {source: mine + other.saturation[source] for source, mine in self.saturation.items()},
            {layer: mine + other.retention[layer] for layer, mine in self.retention.items()}, self.provenance)

    def left(self, layer: str, gate: str) -> np.ndarray:
        """Return the fraction (U,) float64 of characters at which the gate of each unit was below 0.1."""
        return self.saturation[layer, gate].left / self.characters

    def right(self, layer: str, gate: str) -> np.ndarray:
        """Return the fraction (U,) float64 of characters at which the gate of each unit was above 0.9."""
        return self.saturation[layer, gate].right / self.characters

    def half_life(self, layer: str) -> np.ndarray:
        """Return the half-life (U,) float64 of each unit, in characters.

        It is infinite for a unit whose forget gate was 1 at every character, and 0 for one whose gate was ever exactly
        0: there the mean of ln f is −∞. Such resets come with a hard sigmoid, or with a float16 that ran out of digits.
        """
        return np.where(self.retention[layer].resets > 0, 0.0, self.half_life_between_resets(layer))

    def half_life_between_resets(self, layer: str) -> np.ndarray:
        """Return the half-life (U,) float64 over the characters at which the forget gate was not exactly 0.

        It is NaN for a unit whose gate was 0 at all of them.
        """
        retention = self.retention[layer]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = retention.logarithms / (self.characters - retention.resets)
            return np.where(mean == 0, np.inf, -math.log(2) / mean)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat record a unit: JSON values, None for an infinite half-life and where nothing was recorded."""
        for layer, units in self.units.items():
            columns = {}
            for gate in GATES:
                if (layer, gate) in self.saturation:
                    columns[f"{gate}_left"] = self.left(layer, gate)
                    columns[f"{gate}_right"] = self.right(layer, gate)
            if layer in self.retention:
                columns |= {"half_life": self.half_life(layer), "resets": self.retention[layer].resets,
                            "half_life_between_resets": self.half_life_between_resets(layer)}
            for place, unit in enumerate(units):
                yield {"layer": layer, "unit": unit, "characters": self.characters,
                       **{name: _json(column[place]) for name, column in columns.items()}}

    @property
    def plot(self) -> GatePlot:
        """The scatter plot with its tables, to be looked at."""
        panels = [GatePanel(layer, gate, self.units[layer], self.right(layer, gate), self.left(layer, gate))
                  for layer in self.units for gate in GATES if (layer, gate) in self.saturation]
        return GatePlot(tuple(panels), f"{self.characters:,} characters", tuple(self.tables()))

    def tables(self, top: int = 8) -> Iterator[GateTable]:
        """Yield tables: each gate as a whole, then the ``top`` units that remember longest, integrate, and forget.

        A unit that never does so is in none of them, and a table without units is left out.
        """
        yield GateTable(
            "gates", ("layer", "gate", "units", "left, median", "right, median", "left > 0.9", "right > 0.9"),
            [(layer, gate.removesuffix("_gate"), len(self.units[layer]), float(np.median(self.left(layer, gate))),
              float(np.median(self.right(layer, gate))), int((self.left(layer, gate) > RIGHT).sum()),
              int((self.right(layer, gate) > RIGHT).sum())) for layer, gate in self.saturation],
            "left: the share of characters at which a gate is closed, below 0.1; right: open, above 0.9; the last two "
            "columns count the units with more than 0.9 of them")
        rows = [row for layer in self.retention for row in self._remembering(layer)]
        if not rows:
            return
        orders = (
            ("longest memory", "", (1, 5)),
            ("forget gate open longest", "units that keep what they add up: integrators", (3,)),
            ("forget gate closed longest", "units that look at the last characters alone", (2,)),
        )
        heads = ("unit", "half-life, characters", "forget left", "forget right", "resets", "half-life between resets")
        shown = len(heads) if any(row[4] for row in rows) else len(heads) - 2
        for title, meaning, columns in orders:
            some = [row for row in rows if row[columns[-1]] > 0]
            ranked = sorted(some, key=operator.itemgetter(*columns), reverse=True)[:top]
            if ranked:
                yield GateTable(title, heads[:shown], [row[:shown] for row in ranked], meaning)

    def _remembering(self, layer: str) -> Iterator[tuple[Any, ...]]:
        names = (f"{layer}:{unit}" for unit in self.units[layer])
        columns = (self.half_life(layer), self.left(layer, FORGET), self.right(layer, FORGET),
                   self.retention[layer].resets, self.half_life_between_resets(layer))
        return zip(names, *(column.tolist() for column in columns), strict=True)

    def __str__(self) -> str:
        """Return the tables for a terminal."""
        return str(self.plot)

    def _repr_html_(self) -> str:
        """Return the view that a notebook shows."""
        return self.plot._repr_html_()

    def to_html(self, path: str | Path) -> Path:
        """Write the plot and its tables as one offline HTML page to ``path``, atomically, and return ``path``."""
        return self.plot.to_html(path)

    def figure(self) -> "Figure":
        """Return the plot as a matplotlib figure, ready for ``savefig``."""
        return self.plot.figure()


def with_gates(blocks: Any) -> Any:
    """Return blocks that tell the gates too, where a network makes them; recorded ones are returned as they are."""
    options = getattr(blocks, "options", None)
    if not isinstance(options, ExtractOptions):
        return blocks
    signals = dict.fromkeys((*chosen_signals(options.signals), *GATES))
    return replace(blocks, options=replace(options, signals=",".join(signals)))


def _counted(mask: np.ndarray) -> np.ndarray:
    """How often (N, U) bool is true for each unit, (U,) int64."""
    return mask.view(np.uint8).sum(axis=0, dtype=np.uint8).astype(np.int64)


def _check(layer: str, gate: str, values: np.ndarray) -> None:
    if values.size and not (values.min() >= 0 and values.max() <= 1):  # NaN fails too
        wrong = values[~((values >= 0) & (values <= 1))].flat[0]
        raise UserError(f"a gate must lie in 0 to 1; received {wrong:g} in {gate} of layer {layer}, whose activation "
                        "is perhaps no sigmoid")


def _identity(statistics: GateStatistics) -> tuple[Any, ...]:
    """What must be equal for sums to be of the same things."""
    return ({layer: tuple(units) for layer, units in statistics.units.items()}, set(statistics.saturation),
            set(statistics.retention))


def _json(value: Any) -> float | int | None:
    number = value.item()
    return number if math.isfinite(number) else None
