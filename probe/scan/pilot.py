"""A first look at the text, on which everything is fixed that all parts of a scan must share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.activations import Blocks, LayerSignal
from probe.scan.labelled import Labelled, Labelling
from probe.scan.measures.registry import measured
from probe.scan.tallies import LabelScales, Tallies

# Characters on which bin edges are fixed: enough for 256 quantiles of a unit that changes slowly.
PILOT = 1 << 15
# Numbers that are held of them, at most: 256 MB.
NUMBERS = 1 << 26
# Places in a text from which the pilot is taken, where any place can be read at once.
PLACES = 64


@dataclass(frozen=True)
class Pilot:
    """Bin edges, shifts and scales.

    Attributes:
        scales: of the labels.
        tallies: (layer, signal) → tallies that have seen nothing.
    """

    scales: LabelScales
    tallies: Mapping[LayerSignal, Tallies]

    @classmethod
    def of(cls, blocks: Blocks, labels: Labelling) -> Self:
        """Fix them on the first blocks, which hold some characters of each stream.

        Recorded activations may lie in one stream, and are read at many places instead: a network would read again.
        """
        spread = None if hasattr(blocks, "untrained") else blocks.in_streams(PLACES)
        most = min(PILOT, NUMBERS // sum(map(len, blocks.units.values())))
        read: list[Labelled] = []
        for labelled in labels.over(blocks if spread is None else spread):
            read.append(labelled)
            if sum(each.block.losses.size for each in read) >= most:
                break
        scales = LabelScales.fit(np.concatenate([each.laid(each.labels) for each in read]), labels.boolean)
        return cls(scales, {source: Tallies.fit(np.concatenate([each.rows(source) for each in read]), scales)
                            for source in blocks.units})


class Tallying:
    """The tallies of all layers and signals as one collector.

    Args:
        pilot: with what they are prepared.
    """

    def __init__(self, pilot: Pilot) -> None:
        self._scales = pilot.scales
        self.tallies = {source: tallies.empty() for source, tallies in pilot.tallies.items()}

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""
        labels = self._scales.prepare(labelled.laid(labelled.labels))
        for source, tallies in self.tallies.items():
            tallies.update(labelled.rows(source), labels, labelled.quantised(source, tallies.quantiser))

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        for source, tallies in self.tallies.items():
            tallies.merge(other.tallies[source])

    def measures(self) -> dict[str, np.ndarray]:
        """Return the fields of all measures, (units of all sources one after the other, P) float64."""
        fields = [measured(tallies) for tallies in self.tallies.values()]
        return {name: np.concatenate([each[name] for each in fields]) for name in fields[0]}
