"""The measures of one unit without any quantising, for a short list."""

import numpy as np

from probe.scan.measures.registry import MEASURES
from probe.scan.tallies import BINS, Sums


def raw_scores(values: np.ndarray, labels: np.ndarray, boolean: bool) -> dict[str, float]:
    """Return the fields of all measures of one unit and one pattern, from the raw values.

    Every distinct activation is a bin of its own, and ranks are those of the raw values. Only mutual information needs
    wider bins: 256 of equal count of these very values, in place of the pilot's.

    Args:
        values: activations (N,).
        labels: (N,).
        boolean: whether the labels are 0 and 1 alone.
    """
    values, labels = np.asarray(values, np.float64), np.asarray(labels, np.float64)
    distinct, bins = np.unique(values, return_inverse=True)
    exact = _sums(values, labels, boolean, bins, distinct)
    fields = {name: field for measure in MEASURES.values() for name, field in measure(exact).items()}
    if boolean:
        edges = np.unique(np.sort(values)[len(values) * np.arange(BINS) // BINS])
        wide = _sums(values, labels, boolean, np.searchsorted(edges, values, side="right") - 1, edges)
        fields |= MEASURES["mutual_information"](wide)
    else:
        ranked = _sums(_midranks(values), _midranks(labels), boolean, bins, distinct)
        fields["spearman"] = MEASURES["correlation"](ranked)["correlation"]
    return {name: float(field[0, 0]) for name, field in fields.items()}


def _sums(values: np.ndarray, labels: np.ndarray, boolean: bool, bins: np.ndarray, lowest: np.ndarray) -> Sums:
    """Return the sums of one unit and one pattern; ``lowest`` is the lowest value of each bin."""
    a, y = values - values.mean(), labels - labels.mean()
    every = np.bincount(bins, minlength=len(lowest)).astype(np.float64)
    inside = np.bincount(bins, weights=labels, minlength=len(lowest))[:, None]
    return Sums(
        n=len(values), boolean=np.array([boolean]), variances=_mean_square(a), label_means=labels.mean(keepdims=True),
        label_variances=_mean_square(y), covariances=np.array([[np.mean(a * y)]]),
        edges=np.concatenate([[-np.inf], lowest[1:], [np.inf]])[None], every=every[None],
        inside=inside[None, :, :int(boolean)], levels=np.zeros((1, 0 if boolean else 1, 1, 1)))


def _mean_square(centred: np.ndarray) -> np.ndarray:
    return np.mean(centred**2, keepdims=True) if np.ptp(centred) > 0 else np.zeros(1)


def _midranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
