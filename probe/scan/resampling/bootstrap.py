"""Intervals by resampling blocks of the text: how far a finding's score would wander on other text of its kind."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from probe.scan.resampling.block_sums import BINS, ORDERS, BlockSums
from probe.scan.tallies.constancy import varies

# A block is so many correlation times long, so that blocks are nearly independent.
TIMES = 10
FEWEST = 20
RESAMPLES = 2000


@dataclass(frozen=True)
class Intervals:
    """Of K pairs of a unit and a pattern; bounds are (2, K) float64, low and high, NaN where there is no interval.

    There is none of what is not defined on the text itself, and each holds what that gives.

    Attributes:
        correlation: of Pearson's r.
        auc: of the area under the ROC curve; none for graded patterns. The resamples have 64 bins, and what they give
            is moved by what 256 bins give more on the whole text.
        gain: of |r| of the unit less |r| of the pattern's best n-gram. The best of the three orders is the one
            with the largest |r| on this whole text, which favours the n-gram.
        gained: (K,) the gain itself.
        order: (K,) int64, the best order, 1 to 3.
        blocks: (K,) int64, how many blocks tell of the pattern. Of a boolean one those count that hold its rarer side,
            characters inside or outside, which may be one place in a long text; of a graded one those in which it
            varies.
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
        if count:
            blocks[chosen] = _telling(sums, sums.pattern[chosen], int(size), count, boolean)
        if count >= FEWEST:
            enough = blocks[chosen] >= FEWEST
            for name, out in bounds.items():
                out[:, chosen[enough]] = _interval(scores[name][:, enough], blocks[chosen[enough]], level)
    return Intervals(**bounds, gained=gained, order=order, blocks=blocks, too_short=blocks < FEWEST)


def _telling(sums: BlockSums, pattern: np.ndarray, size: int, blocks: int, boolean: np.ndarray) -> np.ndarray:
    """Return how many blocks tell of the patterns (K,)."""
    n = _joined(sums.n[:, np.newaxis], size, blocks)
    y, yy = (_joined(sums.label[:, k, pattern], size, blocks) for k in range(2))
    one_sided = np.minimum((y > 0).sum(axis=0), (y < n).sum(axis=0))
    seen = np.maximum(n, 1)
    return np.where(boolean[pattern], one_sided, varies(yy / seen - (y / seen)**2, yy / seen).sum(axis=0))


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
        fine = sums.fine[pairs[column]]
        if np.count_nonzero(fine.sum(axis=0)) < 2:  # a unit that stays in one bin
            continue
        coarse = _auc((single @ _joined(bins, size, weights.shape[1])).reshape(-1, 2, BINS))
        auc[:, column] = np.clip(coarse + (_auc(fine[np.newaxis]) - coarse[0]), 0, 1)
    return {"correlation": unit, "auc": auc, "gain": gain, "order": best + 1}


def _joined(sums: np.ndarray, size: int, blocks: int) -> np.ndarray:
    """Add up short blocks (B, K) to longer ones (blocks, K); what is left over at the end goes to the last."""
    return np.add.reduceat(sums, np.arange(blocks) * size, axis=0)


def _correlation(n: np.ndarray, a: np.ndarray, aa: np.ndarray, y: np.ndarray, yy: np.ndarray,
                 ay: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        of_a, of_y = aa / n - (a / n)**2, yy / n - (y / n)**2
        r = np.clip((ay / n - a * y / n**2) / np.sqrt(of_a * of_y), -1, 1)
        differ = varies(of_a, aa / n) & varies(of_y, yy / n)
    return np.where(differ, r, np.nan)


def _auc(bins: np.ndarray) -> np.ndarray:
    outside, inside = bins[:, 0].astype(np.float64), bins[:, 1].astype(np.float64)
    below = np.cumsum(outside, axis=1) - outside / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return (inside * below).sum(axis=1) / (inside.sum(axis=1) * outside.sum(axis=1))


def _interval(scores: np.ndarray, blocks: np.ndarray, level: float) -> np.ndarray:
    """Return the bounds (2, K) of scores (1 + R, K), those of the text itself first, which they hold."""
    low, high = _bounds(scores[1:], blocks, level)
    text = scores[0]
    return np.where(np.isnan(text), np.nan, [np.fmin(low, text), np.fmax(high, text)])


def _bounds(drawn: np.ndarray, blocks: np.ndarray, level: float) -> np.ndarray:
    """Return low and high (2, K) of resampled scores (R, K), over the resamples in which they are defined.

    Expanded percentiles: the shares at which they are taken are widened from the normal distribution's to those of
    Student's with blocks − 1 degrees of freedom (Hesterberg, What Teachers Should Know About the Bootstrap, 2015,
    section 5.3), for resamples of few blocks vary less than new text would.
    """
    normal, freedom = NormalDist(), blocks - 1
    z = normal.inv_cdf((1 - level) / 2)
    student = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)  # A. & S. 26.7.5
    tail = np.array([normal.cdf(each) for each in np.atleast_1d(student * (blocks / freedom) ** 0.5)])
    ordered = np.sort(drawn, axis=0)  # NaN come last
    last = np.maximum(np.isfinite(ordered).sum(axis=0) - 1, 0)
    place = np.stack([tail, 1 - tail]) * last
    below = np.floor(place).astype(np.int64)
    low, high = (np.take_along_axis(ordered, at, axis=0) for at in (below, np.minimum(below + 1, last)))
    return low + (place - below) * (high - low)
