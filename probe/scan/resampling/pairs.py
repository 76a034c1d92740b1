"""The short list and its n-gram controls on the confirmation text, block by block."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from probe.activations import LayerSignal
from probe.corpus import Segment
from probe.scan.controls.ngrams import NGrams
from probe.scan.labelled import Labelled
from probe.scan.pilot import Pilot
from probe.scan.ranking import Candidate
from probe.scan.resampling.block_sums import ORDERS, BlockSums


class Pairs:
    """Collects the sums that a block bootstrap needs, of each candidate and of the predictions for its pattern.

    Args:
        segment: the confirmation text.
        candidates: the short list.
        pilot: with the edges of the units' bins.
        ngrams: fitted on the selection text.
    """

    def __init__(self, segment: Segment, candidates: Sequence[Candidate], pilot: Pilot, ngrams: NGrams) -> None:
        self._segment, self._ngrams = segment, ngrams
        self._quantisers = {source: tallies.quantiser for source, tallies in pilot.tallies.items()}
        self._places: dict[LayerSignal, tuple[list[int], list[int]]] = {}
        for place, candidate in enumerate(candidates):
            places, columns = self._places.setdefault(candidate.source, ([], []))
            places.append(place)
            columns.append(candidate.column)
        self._count = len(candidates)
        patterns = np.array([candidate.pattern for candidate in candidates], np.int64)
        self.sums = BlockSums.of(len(segment), patterns, len(pilot.scales.boolean))

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""
        labels = labelled.laid(labelled.labels)
        values, bins = np.empty((len(labels), self._count), np.float32), np.empty((len(labels), self._count), np.uint8)
        for source, (places, columns) in self._places.items():
            values[:, places] = labelled.rows(source)[:, columns]
            bins[:, places] = labelled.quantised(source, self._quantisers[source])[:, columns]
        positions = labelled.laid(labelled.positions[..., np.newaxis] - self._segment.start)[:, 0]
        predicted = np.moveaxis(self._ngrams.predictions(labelled.contexts), 0, -1)
        predicted = labelled.laid(predicted.reshape(*predicted.shape[:2], -1)).reshape(*labels.shape, ORDERS)
        self.sums.update(positions, values, bins, labels, predicted)

    def merge(self, other: Self) -> None:
        """Take in what ``other`` has seen of another part of the text."""
        self.sums.merge(other.sums)
