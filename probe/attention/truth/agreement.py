"""Whether attention goes to what counts: its order beside that of what hiding costs, one output character at a time."""

import numpy as np

# A character counts for an output if hiding it costs so many nats: the output becomes a tenth less probable.
COUNTS = 0.1


def rank_agreement(weights: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """Return the rank correlation of attention with what hiding costs, for each character of an output.

    It is Spearman's ρ over the characters of the source: Pearson's r of the ranks of ``weights`` and of ``−effects``,
    where equal numbers share the mean of their ranks.

    Args:
        weights: (…, T, S) attention.
        effects: (…, T, S) nats, below 0 where hiding hurts.

    Returns:
        (…, T) float64 in [−1, 1]; NaN where all weights or all effects of a row are equal, so that it has no order.
    """
    ours, theirs = (ranks - ranks.mean(axis=-1, keepdims=True) for ranks in (_ranks(weights), _ranks(-effects)))
    with np.errstate(invalid="ignore"):
        found = (ours * theirs).sum(axis=-1) / np.sqrt((ours**2).sum(axis=-1) * (theirs**2).sum(axis=-1))
    return np.clip(found, -1, 1)


def top_agreement(weights: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """Return whether the character attended to most is the one whose hiding costs most, for each of an output.

    Args:
        weights, effects: as in :func:`rank_agreement`.

    Returns:
        (…, T) float64: 1 or 0; where several are equally first, the chance that one drawn from the first of either side
        is the same; NaN where hiding costs nothing, whatever is hidden.
    """
    most, worst = weights == weights.max(axis=-1, keepdims=True), effects == effects.min(axis=-1, keepdims=True)
    found = (most & worst).sum(axis=-1) / (most.sum(axis=-1) * worst.sum(axis=-1))
    return np.where(effects.min(axis=-1) < 0, found, np.nan)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each number along the last axis, from 1; equal ones have the mean of theirs."""
    values = np.asarray(values, np.float64)
    below = (values[..., np.newaxis, :] < values[..., np.newaxis]).sum(axis=-1)
    equal = (values[..., np.newaxis, :] == values[..., np.newaxis]).sum(axis=-1)
    return below + (equal + 1) / 2
