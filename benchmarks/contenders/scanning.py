"""What relates units to patterns: other people's functions pair by pair, this project's sums, and the floors."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from probe.activations import Block
from probe.scan.labelled import Labelled
from probe.scan.null.null import Null
from probe.scan.pilot import Pilot
from probe.scan.tallies import LabelScales, Quantiser, Tallies
from probe.scan.tallies.class_counts import ClassCounts
from probe.scan.tallies.level_counts import LevelCounts
from probe.scan.tallies.moments import Moments

STREAMS, LAYERS = 64, 2
# Segments in which the null rolls a text.
SEGMENTS = 1024
# Pairs in one step of a contender that takes them one by one.
PAIRS = 24


class Scanning:
    """A block of a text: activations of two layers that change slowly, and labels that come in stretches.

    Args:
        units: of both layers together.
        boolean, graded: patterns of each kind.
        characters: in the block.
        threads: that it computes with.
    """

    def __init__(self, units: int, boolean: int, graded: int, characters: int, threads: int) -> None:
        drawn, length = np.random.default_rng(0), characters // STREAMS
        values = np.empty((STREAMS, length, units), np.float32)
        values[:, 0] = drawn.normal(size=(STREAMS, units))
        for t in range(1, length):
            values[:, t] = 0.9 * values[:, t - 1] + 0.44 * drawn.normal(size=(STREAMS, units))
        self.activations = np.tanh(values).reshape(-1, units)
        self.layers = [np.ascontiguousarray(each) for each in np.split(self.activations, LAYERS, axis=1)]
        self.boolean = np.arange(boolean + graded) < boolean
        stretches, rows = drawn.integers(2, 60, len(self.boolean)), np.arange(len(self.activations))
        self.labels = np.stack([rows // size % 3 == 0 if kind else rows % size for size, kind in
                                zip(stretches, self.boolean, strict=True)], axis=1).astype(np.float32)
        self.scales = LabelScales.fit(self.labels, self.boolean)
        self.prepared = self.scales.prepare(self.labels)
        self.threads = ThreadPoolExecutor(threads)
        self.ready()

    def ready(self) -> None:
        """Make what does not belong to a step."""

    def step(self) -> float:
        """Return the seconds of one step."""
        began = time.perf_counter()
        self.compute()
        return time.perf_counter() - began

    def compute(self) -> None:
        """Do the work of a step."""
        raise NotImplementedError


class PearsonR(Scanning):
    """scipy's pearsonr, pair by pair."""

    def ready(self) -> None:
        from scipy.stats import pearsonr
        self.function: Any = lambda labels, values: pearsonr(values, labels)

    def compute(self) -> None:
        for pair in range(PAIRS):
            self.function(self.labels[:, pair % int(self.boolean.sum())], self.activations[:, pair])


class RocAuc(PearsonR):
    """scikit-learn's roc_auc_score, pair by pair."""

    def ready(self) -> None:
        from sklearn.metrics import roc_auc_score
        self.function = roc_auc_score


class AveragePrecision(PearsonR):
    """scikit-learn's average_precision_score, pair by pair."""

    def ready(self) -> None:
        from sklearn.metrics import average_precision_score
        self.function = average_precision_score


class CorrCoef(Scanning):
    """numpy's corrcoef of all units and patterns, those of units with units among them."""

    def compute(self) -> None:
        np.corrcoef(self.activations, self.labels, rowvar=False, dtype=np.float32)


class Product(Scanning):
    """The floor: one matrix product of activations and labels."""

    def compute(self) -> None:
        np.matmul(self.activations.T, self.labels)


class Reading(Scanning):
    """The other floor: the activations read once, and added up."""

    def compute(self) -> None:
        list(self.threads.map(np.sum, np.array_split(self.activations, self.threads._max_workers)))


class Moment(Scanning):
    """Ours: the sums behind correlation and Cohen's d."""

    def ready(self) -> None:
        self.moments = [Moments.fit(layer, self.scales) for layer in self.layers]

    def compute(self) -> None:
        for layer, moments in zip(self.layers, self.moments, strict=True):
            moments.update(layer, self.prepared)


class Classes(Scanning):
    """Ours: the counts behind AUC, average precision, mutual information, F1 and IoU."""

    def ready(self) -> None:
        self.quantisers = [Quantiser.fit(layer) for layer in self.layers]
        self.counts: list[Any] = [self.empty(layer.shape[1]) for layer in self.layers]

    def empty(self, units: int) -> Any:
        """Return counts that have seen nothing."""
        return ClassCounts(units, int(self.boolean.sum()))

    def compute(self) -> None:
        for layer, quantiser, counts in zip(self.layers, self.quantisers, self.counts, strict=True):
            counts.update(quantiser.quantised(layer), self.prepared)


class Levels(Classes):
    """Ours: the counts behind Spearman."""

    def empty(self, units: int) -> Any:
        return LevelCounts(units, int((~self.boolean).sum()))


class All(Scanning):
    """Ours: all sums, from labels as patterns give them."""

    def ready(self) -> None:
        self.tallies = [Tallies.fit(layer, self.scales) for layer in self.layers]

    def compute(self) -> None:
        prepared = self.scales.prepare(self.labels)
        for layer, tallies in zip(self.layers, self.tallies, strict=True):
            tallies.update(layer, prepared)


class Rolls(Scanning):
    """Ours: the null of correlation and AUC, at all rolls of a text that is read in 1,024 segments.

    Activations are quantised already: in a scan all the other sums ask for it, and it counts among them.
    """

    def ready(self) -> None:
        sources = {(str(number), "hidden"): layer for number, layer in enumerate(self.layers, start=1)}
        pilot = Pilot(self.scales, {source: Tallies.fit(layer, self.scales) for source, layer in sources.items()})
        counts = {source: np.full((layer.shape[1], 256), 64) for source, layer in sources.items()}
        self.null = Null(SEGMENTS, pilot, counts)
        length = len(self.activations) // SEGMENTS
        # A network hands its activations over time first.
        block = Block(np.arange(SEGMENTS) * length,
                      {source: np.swapaxes(layer.reshape(length, SEGMENTS, -1), 0, 1)
                       for source, layer in sources.items()}, np.zeros((SEGMENTS, length), np.float32))
        self.labelled = Labelled(block, self.labels.reshape(SEGMENTS, length, -1), np.zeros(0))
        for source, tallies in pilot.tallies.items():
            self.labelled.quantised(source, tallies.quantiser)

    def compute(self) -> None:
        self.null.update(self.labelled)
