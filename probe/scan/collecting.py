"""One reading of a text for all that is to be known of it."""

from collections.abc import Callable
from typing import Any, Protocol, Self

import numpy as np

from probe.activations import Block, Blocks
from probe.scan.labelled import Labelled, Labelling


class Collector(Protocol):
    """What grows while labelled blocks stream by; parts of a text can be collected apart and merged."""

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen of another part of the text."""


class Losses:
    """The network's own losses: their sum in nats and their number."""

    def __init__(self) -> None:
        self.total, self.count = 0.0, 0

    def update(self, labelled: Labelled) -> None:
        losses = labelled.block.losses
        known = np.isfinite(losses)
        self.total += float(losses[known].sum(dtype="float64"))
        self.count += int(known.sum())

    def merge(self, other: Self) -> None:
        self.total += other.total
        self.count += other.count

    @property
    def mean(self) -> float | None:
        """Mean loss in nats a character; None if none is known."""
        return self.total / self.count if self.count else None


def collect(blocks: Blocks, labels: Labelling, collector: Collector,
            on_block: Callable[[Block], Any] | None = None) -> None:
    """Read ``blocks`` once and feed a collector.

    Args:
        blocks: the activations.
        labels: of their text.
        collector: what grows.
        on_block: called with each block after it was counted.

    Raises:
        UserError: an activation or a label is not finite or too large.
    """
    for labelled in labels.over(blocks):
        collector.update(labelled)
        if on_block:
            on_block(labelled.block)
