"""One pass over a text: every measure of every unit against every pattern."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.errors import UserError
from probe.patterns.labeller import Labeller
from probe.scan.controls import LastCharacter
from probe.scan.measures import MEASURES, Measure

# Characters on which bin edges are fixed: enough for 256 quantiles of a unit that changes slowly.
PILOT = 1 << 15


@dataclass
class Statistics:
    """All that a pass collects; the parts of a text can be collected apart and merged.

    Attributes:
        measures: (layer, signal) → measure's name → the measure.
        last_character: counts for the control.
        loss_sum, loss_count: of the network's own losses in nats.
    """

    measures: dict[LayerSignal, dict[str, Measure]]
    last_character: LastCharacter
    loss_sum: float = 0.0
    loss_count: int = 0

    def update(self, block: Block, ids: np.ndarray, labels: np.ndarray) -> None:
        """Take in a block with its ids (ST,) and labels (ST, P), streams one after the other."""
        for source, measures in self.measures.items():
            for measure in measures.values():
                measure.update(block.rows(source), labels)
        self.last_character.update(ids, labels)
        known = np.isfinite(block.losses)
        self.loss_sum += float(block.losses[known].sum(dtype=np.float64))
        self.loss_count += int(known.sum())

    def merge(self, other: "Statistics") -> None:
        """Take in all that ``other`` has seen; both were prepared alike."""
        for source, measures in self.measures.items():
            for name, measure in measures.items():
                measure.merge(other.measures[source][name])
        self.last_character.merge(other.last_character)
        self.loss_sum += other.loss_sum
        self.loss_count += other.loss_count

    def empty(self) -> "Statistics":
        """Return statistics prepared as these are, which have seen nothing."""
        measures = {source: {name: measure.empty() for name, measure in measures.items()}
                    for source, measures in self.measures.items()}
        control = self.last_character
        return Statistics(measures, LastCharacter(control.vocabulary, control.boolean))

    @property
    def loss(self) -> float:
        """Mean loss in nats a character."""
        return self.loss_sum / self.loss_count if self.loss_count else float("nan")

    def result(self) -> dict[str, np.ndarray]:
        """Return each measure's fields, (units of all sources one after the other, P) float64."""
        fields = [{name: array for measure in measures.values() for name, array in measure.result().items()}
                  for measures in self.measures.values()]
        return {name: np.concatenate([each[name] for each in fields]) for name in fields[0]}


def collect(blocks: Blocks, labeller: Labeller, like: Statistics | None = None,
            on_block: Callable[[Block], None] | None = None) -> Statistics:
    """Read a segment once and return its statistics.

    Args:
        blocks: the activations.
        labeller: of the patterns.
        like: statistics whose preparation (bin edges, shifts) is shared. Defaults to preparing from the first blocks.
        on_block: called with each block after it was counted.

    Raises:
        UserError: an activation is not finite.
    """
    statistics = like.empty() if like else None
    held: list[_Labelled] = []
    for block in blocks:
        labelled = _Labelled.of(block, blocks, labeller)
        if statistics is None:
            held.append(labelled)
            if sum(len(each.ids) for each in held) < PILOT:
                continue
            statistics = _prepared(held, blocks, labeller)
        for each in held or [labelled]:
            statistics.update(each.block, each.ids, each.labels)
            if on_block:
                on_block(each.block)
        held.clear()
    if held:  # the text is shorter than a pilot
        statistics = _prepared(held, blocks, labeller)
        for each in held:
            statistics.update(each.block, each.ids, each.labels)
            if on_block:
                on_block(each.block)
    if statistics is None:
        raise ValueError("no blocks to scan")
    return statistics


@dataclass(frozen=True)
class _Labelled:
    """A block with the ids (ST,) and labels (ST, P) of its characters, streams one after the other."""

    block: Block
    ids: np.ndarray
    labels: np.ndarray

    @classmethod
    def of(cls, block: Block, blocks: Blocks, labeller: Labeller) -> "_Labelled":
        _check_finite(block)
        spans = [(int(start), int(start) + block.length) for start in block.starts]
        return cls(block, np.concatenate([blocks.corpus.ids[start:stop] for start, stop in spans]),
                   np.concatenate([labeller.labels(start, stop) for start, stop in spans]))


def _check_finite(block: Block) -> None:
    for (layer, signal), values in block.activations.items():
        if not np.isfinite(values).all():
            stream, row, unit = np.argwhere(~np.isfinite(values))[0]
            raise UserError(f"unit {layer}:{unit} ({signal}) is {values[stream, row, unit]} at character "
                            f"{block.starts[stream] + row:,}: activations must be finite")


def _prepared(pilot: Sequence[_Labelled], blocks: Blocks, labeller: Labeller) -> Statistics:
    boolean = np.array([pattern.kind == "boolean" for pattern in labeller.patterns])
    labels = np.concatenate([each.labels for each in pilot])
    measures: dict[LayerSignal, dict[str, Measure]] = {}
    for source in pilot[0].block.activations:
        rows = np.concatenate([each.block.rows(source) for each in pilot])
        measures[source] = {name: kind(boolean) for name, kind in MEASURES.items()}
        for measure in measures[source].values():
            measure.prepare(rows, labels)
    return Statistics(measures, LastCharacter(len(blocks.corpus.vocabulary), boolean))
