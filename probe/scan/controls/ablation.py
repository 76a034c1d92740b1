"""What a network loses without a unit: its loss when h of the unit is held at its mean."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.errors import UserError
from probe.options import Options, option

# (start, stop) → labels (T, P) of the characters [start, stop).
Labels = Callable[[int, int], np.ndarray]

# The places where losses are averaged, in the order of the rows of sums.
PLACES = ("inside", "outside", "edges")


@dataclass(frozen=True)
class AblationOptions(Options):
    """What is tried without which units."""

    ablated: int = option(5, "findings for which the network is read again with the unit held at its mean; 0 for none",
                          minimum=0, maximum=1000)
    ablation_controls: int = option(10, "units drawn at random from the layer of a finding, to be held at their means "
                                    "too", minimum=1, maximum=1000)
    ablation_characters: int = option(20_000, "most characters of the confirmation text that are read for each unit",
                                      minimum=200)
    ablation_seed: int = option(0, "of the drawing of units", minimum=0)


class Ablatable(Blocks, Protocol):
    """Activations of a network that can be read with a unit held at one value."""

    def intact(self, characters: int) -> "Ablatable":
        """Return a reading of the first characters, with h of every unit and with losses."""

    def ablated(self, layer: str, unit: int, mean: float) -> Blocks:
        """Return the same reading by the network in which h of one unit is ``mean`` at every character."""


@dataclass(frozen=True)
class Ablation:
    """What happens to a network's predictions when one unit tells it nothing.

    Correlation is not function: a unit may follow an idea that the network reads elsewhere, and then little happens
    here; or all of the network may lean on it, and then loss rises everywhere. h of the unit is held at its mean, so
    what the network knows from other units stays. All changes are of the mean loss in nats a character, where a
    character is that which is predicted: positive is worse. NaN where the text has no such character.

    Attributes:
        layer, unit: which unit.
        pattern: the pattern's name.
        mean: what h is held at.
        characters: how many were predicted.
        inside, outside: changes at characters inside the pattern, and outside.
        edges: change at characters whose label differs from that of the one before.
        intact_inside, intact_outside, intact_edges: mean losses of the network as it is.
        random_units: units of the same layer, drawn at random, that were held at their means one at a time.
        random_inside, random_outside, random_edges: their changes; empty where there is no such character.
        share_inside, share_outside, share_edges: share of these units whose change is as large at least.
    """

    layer: str
    unit: int
    pattern: str
    mean: float
    characters: int
    inside: float
    outside: float
    edges: float
    intact_inside: float
    intact_outside: float
    intact_edges: float
    random_units: tuple[int, ...]
    random_inside: tuple[float, ...]
    random_outside: tuple[float, ...]
    random_edges: tuple[float, ...]
    share_inside: float
    share_outside: float
    share_edges: float


class LossSums:
    """Sums of losses inside P boolean patterns, outside them and at their edges.

    Args:
        patterns: P.
    """

    def __init__(self, patterns: int) -> None:
        self.sums, self.counts = np.zeros((len(PLACES), patterns)), np.zeros((len(PLACES), patterns))
        self.characters = 0

    def update(self, losses: np.ndarray, labels: np.ndarray) -> None:
        """Take in T characters of each of S streams.

        Args:
            losses: (S, T) of what came after each, as in blocks; those that are not known count for nothing.
            labels: (S, T + 1, P) of the characters, and in their last row of what came after the last of them.
        """
        known = np.isfinite(losses)
        inside = labels[:, 1:] > 0.5
        edges = inside != (labels[:, :-1] > 0.5)
        losses = np.where(known, losses, 0).astype(np.float64)
        for place, here in enumerate((inside, ~inside, edges)):
            self.sums[place] += np.einsum("st,stp->p", losses, here)
            self.counts[place] += np.einsum("st,stp->p", known, here, dtype=np.int64)
        self.characters += int(known.sum())

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        self.sums += other.sums
        self.counts += other.counts
        self.characters += other.characters

    def means(self) -> np.ndarray:
        """Return mean losses (3, P) inside, outside and at edges; NaN where there is no such character."""
        return np.where(self.counts > 0, self.sums / np.maximum(self.counts, 1), np.nan)


def ablate(blocks: Ablatable, labels: Labels, patterns: Sequence[str], cases: Sequence[tuple[str, int, str]],
           options: AblationOptions = AblationOptions(), *,
           on_block: Callable[[Block], object] | None = None) -> tuple[Ablation, ...]:
    """Read a text again and again, each time without one unit.

    Args:
        blocks: of the network, over the confirmation text.
        labels: tells the P labels of any stretch of its text.
        patterns: names of these.
        cases: layer, unit and pattern, which must be a boolean one, of each finding to be tried.
        options: how much text, and how many random units of the same layer each is compared with.
        on_block: called with each block after it was counted.

    Returns:
        An ablation for each case.

    Raises:
        UserError: a pattern that is not among those labelled.
    """
    unknown = next((pattern for _, _, pattern in cases if pattern not in patterns), None)
    if unknown is not None:
        raise UserError(f"the pattern of an ablation must be one of {', '.join(patterns)}; received {unknown!r}")
    if not cases:
        return ()
    names = sorted({pattern for _, _, pattern in cases})
    columns = [list(patterns).index(name) for name in names]
    intact = blocks.intact(options.ablation_characters)

    def chosen(start: int, stop: int) -> np.ndarray:
        return labels(start, stop)[:, columns]

    means = _Means()

    def count(block: Block) -> None:
        means.update(block)
        if on_block:
            on_block(block)

    whole = _losses(intact, chosen, len(names), count)
    units = units_to_ablate(intact.units, cases, options)
    change = {(layer, unit): _losses(intact.ablated(layer, unit, means.of(layer, unit)), chosen, len(names),
                                     on_block).means() - whole.means() for layer, unit in units}
    return tuple(_ablation(case, names.index(case[2]), means.of(case[0], case[1]), whole, change,
                           _random_units(intact.units, case[0], case[1], options)) for case in cases)


def units_to_ablate(units: Mapping[LayerSignal, Sequence[int]], cases: Iterable[tuple[str, int, str]],
                    options: AblationOptions) -> list[tuple[str, int]]:
    """Return the units (layer, unit) that are held one at a time: of findings, and drawn; each is one reading.

    Args:
        units: (layer, signal) → the index of each unit, all of a layer under its ``"hidden"``.
        cases, options: as for :func:`ablate`.
    """
    found = [(layer, unit) for layer, unit, _ in cases]
    drawn = [(layer, other) for layer, unit in found for other in _random_units(units, layer, unit, options)]
    return list(dict.fromkeys([*found, *drawn]))


def _random_units(units: Mapping[LayerSignal, Sequence[int]], layer: str, unit: int,
                  options: AblationOptions) -> tuple[int, ...]:
    """Others than ``unit``; the findings of a layer share them, as far as they are not drawn themselves."""
    generator = np.random.default_rng([options.ablation_seed, *layer.encode()])
    order = generator.permutation(np.asarray(units[layer, "hidden"]))
    return tuple(order[order != unit][:options.ablation_controls].tolist())


class _Means:
    """The mean of h of each unit over a reading."""

    def __init__(self) -> None:
        self._sums: dict[str, np.ndarray] = {}
        self._rows = 0

    def update(self, block: Block) -> None:
        self._rows += block.losses.size
        for (layer, signal), values in block.activations.items():
            if signal == "hidden":
                self._sums[layer] = self._sums.get(layer, 0) + values.sum(axis=(0, 1), dtype=np.float64)

    def of(self, layer: str, unit: int) -> float:
        return float(self._sums[layer][unit] / self._rows)


def _losses(blocks: Blocks, labels: Labels, patterns: int, on_block: Callable[[Block], object] | None) -> LossSums:
    sums = LossSums(patterns)
    for block in blocks:
        sums.update(block.losses, np.stack([_labels_and_next(labels, int(start), block.length, len(blocks.corpus))
                                            for start in block.starts]))
        if on_block:
            on_block(block)
    return sums


def _labels_and_next(labels: Labels, start: int, length: int, size: int) -> np.ndarray:
    """Labels (T + 1, P); what would come after the last character of a text, whose loss is not known, is like it."""
    stop = start + length
    found = labels(start, min(stop + 1, size))
    return found if stop < size else np.concatenate([found, found[-1:]])


def _ablation(case: tuple[str, int, str], column: int, mean: float, intact: LossSums,
              change: Mapping[tuple[str, int], np.ndarray], drawn: tuple[int, ...]) -> Ablation:
    layer, unit, pattern = case
    values: dict[str, Any] = {}
    for row, place in enumerate(PLACES):
        own = float(change[layer, unit][row, column])
        others = () if np.isnan(own) else tuple(float(change[layer, each][row, column]) for each in drawn)
        values |= {place: own, f"intact_{place}": float(intact.means()[row, column]), f"random_{place}": others,
                   f"share_{place}": float(np.mean([other >= own for other in others])) if others else float("nan")}
    return Ablation(layer=layer, unit=unit, pattern=pattern, mean=mean, characters=intact.characters,
                    random_units=drawn, **values)
