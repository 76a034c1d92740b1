"""Intervals by resampling blocks of the text: how far a finding's score would wander on other text of its kind."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from probe.scan.block_sums import BINS, ORDERS, BlockSums

# A block is so many correlation times long, so that blocks are nearly independent.
TIMES = 10
FEWEST = 20
RESAMPLES = 2000


@dataclass(frozen=True)
class Intervals:
    """Of K pairs of a unit and a pattern; bounds are (2, K) float64, low and high, NaN where there is no interval.

    Attributes:
        correlation: of Pearson's r.
        auc: of the area under the ROC curve, from 64 bins; none for graded patterns.
        gain: of |r| of the unit less |r| of the pattern's best n-gram. The best of the three orders is the one
            with the largest |r| on this whole text, which favours the n-gram.
        gained: (K,) the gain itself.
        order: (K,) int64, the best order, 1 to 3.
        blocks: (K,) int64, how many blocks were resampled.
        too_short: (K,) bool: fewer than twenty, hence no interval.
    """

    correlation: np.ndarray
    auc: np.ndarray
    gain: np.ndarray
    gained: np.ndarray
    order: np.ndarray
    blocks: np.ndarray
    too_short: np.ndarray


def intervals(sums: BlockSums, times: np.ndarray, boolean: np.ndarray, *, level: float = 0.95,
              resamples: int = RESAMPLES, seed: int = 0) -> Intervals:
    """Return bootstrap intervals from blocks of at least ten correlation times.

    Blocks are drawn with replacement, as many as there are, and unit, pattern and n-grams from the same blocks (Künsch
    1989; Carlstein 1986 for blocks that do not overlap).

    Args:
        sums: of the text.
        times: (K,) correlation times in characters, of the pair.
        boolean: (P,) bool, which patterns are not graded.
        level: of the interval.
        resamples: how many.
        seed: of the drawing.
    """
    pairs = len(sums.pattern)
    bounds = {name: np.full((2, pairs), np.nan) for name in ("correlation", "auc", "gain")}
    order, gained = np.zeros(pairs, np.int64), np.full(pairs, np.nan)
    joined, blocks = np.array([sums.blocks_of(TIMES * time) for time in times], np.int64).reshape(-1, 2).T
    for size in np.unique(joined):
        chosen = np.flatnonzero(joined == size)
        count = int(blocks[chosen[0]])
        whole = np.ones((1, max(count, 1)))
        draws = np.zeros((0, max(count, 1)))
        if count >= FEWEST:
            draws = _draws(count, resamples, np.random.default_rng([seed, count]))
        scores = _scores(sums, chosen, int(size), np.concatenate([whole, draws]), boolean)
        order[chosen], gained[chosen] = scores["order"], scores["gain"][0]
        if count >= FEWEST:
            for name, out in bounds.items():
                out[:, chosen] = _bounds(scores[name][1:], count, level)
    return Intervals(**bounds, gained=gained, order=order, blocks=blocks, too_short=blocks < FEWEST)


def _draws(count: int, resamples: int, generator: np.random.Generator) -> np.ndarray:
    """Return how often each of ``count`` blocks is drawn, (resamples, count) float64."""
    drawn = generator.integers(0, count, (resamples, count)) + count * np.arange(resamples)[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * count).reshape(resamples, count).astype(np.float64)


def _scores(sums: BlockSums, pairs: np.ndarray, size: int, weights: np.ndarray,
            boolean: np.ndarray) -> dict[str, np.ndarray]:
    """Return scores (R, K) of texts in which block b occurs weights[r, b] times; row 0 is the text itself."""
    pattern = sums.pattern[pairs]

    def drawn(of_blocks: np.ndarray) -> np.ndarray:
        return weights @ _joined(of_blocks, size, weights.shape[1])

    n, (y, yy) = drawn(sums.n[:, np.newaxis]), (drawn(sums.label[:, k, pattern]) for k in range(2))
    a, aa, ay = (drawn(sums.unit[:, k, pairs]) for k in range(3))
    unit = _correlation(n, a, aa, y, yy, ay)
    ngrams = []
    for order in range(ORDERS):
        x, xx, xy = (drawn(sums.prediction[:, k, pattern, order]) for k in range(3))
        ngrams.append(np.nan_to_num(_correlation(n, x, xx, y, yy, xy)))  # a constant tells nothing
    best = np.argmax([np.abs(each[0]) for each in ngrams], axis=0)
    control = np.choose(best, ngrams)
    # |r*| of a unit without correlation is never below 0, so signs are the text's and not each resample's.
    gain = np.sign(unit[0]) * unit - np.sign(control[0]) * control
    auc, single = np.full(unit.shape, np.nan), weights.astype(np.float32)
    for column in np.flatnonzero(boolean[pattern]):
        bins = sums.bins[:, pairs[column]].reshape(len(sums.n), -1).astype(np.float32)
        auc[:, column] = _auc((single @ _joined(bins, size, weights.shape[1])).reshape(-1, 2, BINS))
    return {"correlation": unit, "auc": auc, "gain": gain, "order": best + 1}


def _joined(sums: np.ndarray, size: int, blocks: int) -> np.ndarray:
    """Add up short blocks (B, K) to longer ones (blocks, K); what is left over at the end goes to the last."""
    return np.add.reduceat(sums, np.arange(blocks) * size, axis=0)


def _correlation(n: np.ndarray, a: np.ndarray, aa: np.ndarray, y: np.ndarray, yy: np.ndarray,
                 ay: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        of_a, of_y = aa / n - (a / n)**2, yy / n - (y / n)**2
        r = (ay / n - a * y / n**2) / np.sqrt(of_a * of_y)
        constant = (of_a <= 1e-12 * aa / n) | (of_y <= 1e-12 * yy / n)
    return np.where(constant, np.nan, r)


def _auc(bins: np.ndarray) -> np.ndarray:
    outside, inside = bins[:, 0].astype(np.float64), bins[:, 1].astype(np.float64)
    below = np.cumsum(outside, axis=1) - outside / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return (inside * below).sum(axis=1) / (inside.sum(axis=1) * outside.sum(axis=1))


def _bounds(drawn: np.ndarray, blocks: int, level: float) -> np.ndarray:
    """Return low and high (2, K) of resampled scores (R, K), over the resamples in which they are defined.

    Expanded percentiles: the shares at which they are taken are widened from the normal distribution's to those of
    Student's with blocks − 1 degrees of freedom (Hesterberg, What Teachers Should Know About the Bootstrap, 2015,
    section 5.3), for resamples of few blocks vary less than new text would.
    """
    normal, freedom = NormalDist(), blocks - 1
    z = normal.inv_cdf((1 - level) / 2)
    student = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)  # A. & S. 26.7.5
    tail = normal.cdf(student * (blocks / freedom) ** 0.5)
    ordered = np.sort(drawn, axis=0)  # NaN come last
    last = np.maximum(np.isfinite(ordered).sum(axis=0) - 1, 0)
    place = np.outer([tail, 1 - tail], last)
    below = np.floor(place).astype(np.int64)
    low, high = (np.take_along_axis(ordered, at, axis=0) for at in (below, np.minimum(below + 1, last)))
    return low + (place - below) * (high - low)
