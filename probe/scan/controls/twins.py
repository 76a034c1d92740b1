"""What units of networks that were never trained reach: what reading alone gives, without learning."""

from collections.abc import Callable, Iterable

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.scan.labelled import Labelled
from probe.scan.tallies.labels import LabelScales
from probe.scan.tallies.moments import Moments


def best_of_twins(twins: Iterable[Blocks], labels: np.ndarray, boolean: np.ndarray,
                  on_block: Callable[[Block], object] | None = None) -> np.ndarray:
    """Return the largest |r| of each twin over all its layers, signals and units, (K, P) float64.

    r is Pearson's. NaN where it is defined for no unit, as for labels that do not vary.

    Args:
        twins: K networks over the same segment of a text. One is read at a time, and may be made when it is asked for.
        labels: (N, P) float32 of all characters of the segment. They are the same for every twin, also those that tell
            of the trained network.
        boolean: (P,) bool, which patterns are not graded.
        on_block: called with each block after it was counted.

    Raises:
        ValueError: a twin's segment is not as long as the labels.
    """
    scales = LabelScales.fit(labels, boolean)
    best = [_best(twin, labels, scales, on_block) for twin in twins]
    largest = np.array(best).reshape(-1, len(boolean))
    return np.where(largest < 0, np.nan, largest)


def _best(twin: Blocks, labels: np.ndarray, scales: LabelScales,
          on_block: Callable[[Block], object] | None) -> np.ndarray:
    """The largest |r| (P,) of a twin; −1 where none is defined."""
    if len(labels) != len(twin.segment):
        raise ValueError(f"a twin reads {len(twin.segment):,} characters, and labels are of {len(labels):,}")
    moments: dict[LayerSignal, Moments] = {}
    for block in twin:
        places = (block.starts - twin.segment.start)[:, np.newaxis] + np.arange(block.length)
        labelled = Labelled(block, labels[places], np.zeros(0))
        prepared = scales.prepare(labelled.laid(labelled.labels))
        for source in block.activations:
            rows = labelled.rows(source)
            if source not in moments:
                moments[source] = Moments.fit(rows, scales)
            moments[source].update(rows, prepared)
        if on_block:
            on_block(block)
    return np.max([_largest(each) for each in moments.values()], axis=0)


def _largest(moments: Moments) -> np.ndarray:
    """The largest |r| of any unit with each pattern (P,); −1 where none is defined."""
    spread = np.sqrt(np.outer(moments.variances(), moments.label_variances()))
    r = np.abs(moments.covariances()) / np.where(spread > 0, spread, 1)
    return np.where(spread > 0, np.minimum(r, 1), -1).max(axis=0)
