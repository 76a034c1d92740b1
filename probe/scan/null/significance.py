"""From the maxima of a null by rolls to p-values: of one pattern, and of all together."""

import numpy as np

# Rolls of a pattern are at least so many of its correlation times apart.
APART = 5


def roll_spacing(times: np.ndarray, length: float, segments: int) -> np.ndarray:
    """Return which rolls count for each pattern: the multiples of k segments, (P,) int64.

    k is the smallest power of two with k · length ≥ 5 τ, and at most S. Multiples of k are a subgroup of all
    rolls, so the test stays exact; rolls in between resemble their neighbours and would only pretend to a finer p.

    Args:
        times: (P,) correlation times τ in characters; NaN (a pattern that never changes) counts as 0.
        length: characters of a segment.
        segments: S, a power of two.
    """
    wanted = np.maximum(APART * np.nan_to_num(np.asarray(times, np.float64)) / length, 1)
    return np.minimum(2 ** np.ceil(np.log2(wanted)).astype(np.int64), segments)


def p_values(maxima: np.ndarray, spacing: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return the share of a pattern's own rolls, identity included, whose largest |r| over all units reaches a value.

    Args:
        maxima: (S, P), of :class:`~probe.scan.null.rolls.Rolled`.
        spacing: (P,) int, of :func:`roll_spacing`.
        observed: |r| of findings, (..., P).

    Returns:
        p like ``observed``, float64, never below :func:`floors`; NaN where either is NaN.
    """
    out = np.full(np.shape(observed), np.nan)
    for p, step in enumerate(spacing):
        null = np.sort(maxima[step::step, p])
        values = np.asarray(observed)[..., p]
        reached = 1 + len(null) - np.searchsorted(null, values)  # the identity always does
        out[..., p] = np.where(np.isnan(values) | np.isnan(maxima[0, p]), np.nan, reached / (1 + len(null)))
    return out


def floors(spacing: np.ndarray, segments: int) -> np.ndarray:
    """Return the smallest p that each pattern's rolls can give, (P,) float64."""
    return np.asarray(spacing, np.float64) / segments


def family_p_values(maxima: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for all patterns, by Westfall and Young's step-down maxT.

    Patterns are sorted by their best finding; a finding's p is the share of all S rolls, identity included, at which
    the largest maximum over its own and all weaker patterns reaches it, and never below that of a stronger one
    (Westfall and Young, Resampling-Based Multiple Testing, 1993, algorithm 4.1). The chance of even one false finding
    is at most α when what has p ≤ α is reported.

    Maxima of a rare or slow pattern are larger by chance than those of a common one, so each pattern's are first
    centred by their mean and scaled by their deviation over all rolls. These treat all rolls alike, the identity among
    them, so the test stays exact. Medians and median deviations, tried in simulation, hold as well and find no more.

    Args:
        maxima: (S, P), of :class:`~probe.scan.null.rolls.Rolled`.
        observed: |r| of findings, (P,) or (F, P) with F findings a pattern.

    Returns:
        p like ``observed``, float64; NaN where a pattern has no maxima or ``observed`` is NaN.
    """
    values = np.atleast_2d(np.asarray(observed, np.float64))
    out = np.full(values.shape, np.nan)
    present = np.flatnonzero(np.isfinite(maxima).all(axis=0) & np.isfinite(values).any(axis=0))
    if len(present) == 0:
        return out.reshape(np.shape(observed))
    spread = maxima[:, present].std(axis=0)
    centre, scale = maxima[:, present].mean(axis=0), np.where(spread > 0, spread, 1)
    null, strength = (maxima[1:, present] - centre) / scale, (values[:, present] - centre) / scale
    best = np.nanmax(strength, axis=0)
    strongest_first = np.argsort(-best, kind="stable")
    rest = np.maximum.accumulate(null[:, strongest_first[::-1]], axis=1)[:, ::-1]  # over a pattern and all weaker ones
    least = 0.0
    for place, column in enumerate(strongest_first):
        ordered = np.sort(rest[:, place])
        reached = 1 + len(ordered) - np.searchsorted(ordered, strength[:, column])
        p = np.where(np.isnan(strength[:, column]), np.nan, np.maximum(reached / len(maxima), least))
        least = float(np.nanmin(p))  # of the findings that there are: patterns need not have equally many
        out[:, present[column]] = p
    return out.reshape(np.shape(observed))


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Return p-values adjusted for the false discovery rate.

    Of what is reported for its p ≤ α, a share of at most α is expected to be false (Benjamini and Hochberg 1995:
    sorted upwards, min over j ≥ i of m p_j / j). Given the best finding of each pattern it speaks of patterns that any
    unit follows, not of units.

    Args:
        p: (P,); NaN is passed through and does not count.
    """
    p = np.asarray(p, np.float64)
    out = np.full(p.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    out[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1)
    return out
