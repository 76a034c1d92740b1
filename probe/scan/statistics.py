"""One pass over a text: every measure of every unit against every pattern."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from probe.activations import Block, Blocks
from probe.activations.block import Source
from probe.patterns.labeller import Labeller
from probe.scan.controls import LastCharacter
from probe.scan.measures import MEASURES, Measure


@dataclass
class Statistics:
    """All that a pass collects; the parts of a text can be collected apart and merged.

    Attributes:
        measures: (layer, signal) → measure's name → the measure.
        last_character: counts for the control.
        loss_sum, loss_count: of the network's own losses in nats.
    """

    measures: dict[Source, dict[str, Measure]]
    last_character: LastCharacter
    loss_sum: float = 0.0
    loss_count: int = 0

    def update(self, block: Block, ids: np.ndarray, labels: np.ndarray) -> None:
        """Take in a block with its ids (ST,) and labels (ST, P), streams one after the other."""
        for source, values in block.activations.items():
            rows = values.reshape(-1, values.shape[-1])
            for measure in self.measures[source].values():
                measure.update(rows, labels)
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
        like: statistics whose preparation (bin edges, shifts) is shared. Defaults to preparing from the first block.
        on_block: called with each block after it was counted.
    """
    statistics = like.empty() if like else None
    for block in blocks:
        ids = np.concatenate([blocks.corpus.ids[start:start + block.length] for start in block.starts])
        labels = np.concatenate([labeller.labels(int(start), int(start) + block.length) for start in block.starts])
        if statistics is None:
            statistics = _prepared(blocks, block, labels, labeller)
        statistics.update(block, ids, labels)
        if on_block:
            on_block(block)
    if statistics is None:
        raise ValueError("no blocks to scan")
    return statistics


def _prepared(blocks: Blocks, pilot: Block, labels: np.ndarray, labeller: Labeller) -> Statistics:
    boolean = np.array([pattern.kind == "boolean" for pattern in labeller.patterns])
    measures: dict[Source, dict[str, Measure]] = {}
    for source, values in pilot.activations.items():
        measures[source] = {name: kind(boolean) for name, kind in MEASURES.items()}
        for measure in measures[source].values():
            measure.prepare(values.reshape(-1, values.shape[-1]), labels)
    return Statistics(measures, LastCharacter(len(blocks.corpus.vocabulary), boolean))
