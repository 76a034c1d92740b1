"""How well weights foretell what the score loses when the text is changed."""

from dataclasses import dataclass

import numpy as np

from probe.explain.methods.path import stretches
from probe.explain.metrics.curves import counted
from probe.explain.metrics.options import FaithfulnessOptions
from probe.explain.question.question import Question


@dataclass(frozen=True, eq=False)
class Changes:
    """Changes of B texts, and what they cost.

    Attributes:
        moved: (B, N, T) float64, which share of the way to the baseline each token went: α.
        losses: (B, N) float64, f(x) − f(x − α (x − x′)).
    """

    moved: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True, eq=False)
class Infidelity:
    """The mean squared error of what weights foretell, of B texts.

    Attributes:
        plain: (B,) float64, of the weights as they are, in squared units of the score.
        scaled: (B,) float64, of the weights times the number that suits them best.
        nothing: (B,) float64, of weights that are all 0.
    """

    plain: np.ndarray
    scaled: np.ndarray
    nothing: np.ndarray

    @property
    def unexplained(self) -> np.ndarray:
        """(B,) float64, ``scaled`` as a share of ``nothing``, from 0 to 1; NaN where no change costs anything."""
        return np.divide(self.scaled, self.nothing, out=np.full(len(self.scaled), np.nan), where=self.nothing > 0)


def changes(question: Question, options: FaithfulnessOptions) -> Changes:
    """Draw changes of each text and return what they cost.

    ``runs`` are for a text what squares are for a picture (Yeh et al. 2019): adjacent tokens, from one to a share
    ``longest`` of all, are replaced by the baseline. ``noise`` moves every token along its line to the baseline, by a
    share drawn from N(0, ``noise``²). Padding stays as it is.

    Args:
        question: B examples.
        options: what is drawn, and how much.
    """
    there, draw = counted(question), np.random.default_rng(question.seed)
    moved = np.zeros((question.size, options.perturbations, there.shape[1]))
    for each, tokens in zip(moved, map(np.flatnonzero, there), strict=True):
        each[:, tokens] = _shares(options, len(tokens), draw)
    scores = question.scores(question.points, question.rows)
    return Changes(moved, scores[:, None] - _scores(question, moved))


def infidelity(weights: np.ndarray, made: Changes) -> Infidelity:
    """Return E[(Iᵀ Φ − (f(x) − f(x − I)))²] (Yeh et al. 2019).

    A change moves token t by I = α (x − x′), and Φ is the weight for each unit of the way x − x′, so Iᵀ Φ = Σ α w. That
    takes contributions as weights. Weights in other units, such as those of a saliency or a map, are judged by
    ``scaled``: they are multiplied by the β that makes the error smallest, E[Iᵀ Φ Δ] / E[(Iᵀ Φ)²], if it is above 0; a
    method that foretells the wrong sign gets no help.

    Args:
        weights: (B, T) float64.
        made: of :func:`changes`.
    """
    foretold = np.einsum("bnt,bt->bn", made.moved, weights)
    size = (foretold ** 2).mean(axis=1)
    beta = np.divide((foretold * made.losses).mean(axis=1), size, out=np.zeros_like(size), where=size > 0)
    return Infidelity(((foretold - made.losses) ** 2).mean(axis=1),
                      ((np.maximum(beta, 0)[:, None] * foretold - made.losses) ** 2).mean(axis=1),
                      (made.losses ** 2).mean(axis=1))


def _shares(options: FaithfulnessOptions, count: int, draw: np.random.Generator) -> np.ndarray:
    """α for ``count`` tokens that are no padding, (N, count)."""
    if options.perturbation == "noise":
        return draw.normal(0.0, options.noise, (options.perturbations, count))
    lengths = draw.integers(1, max(1, round(options.longest * count)), options.perturbations, endpoint=True)
    starts, places = draw.integers(0, count - lengths, endpoint=True)[:, None], np.arange(count)
    return ((starts <= places) & (places < starts + lengths[:, None])).astype(np.float64)


def _scores(question: Question, moved: np.ndarray) -> np.ndarray:
    """The scores (B, N) of the changed texts."""
    examples, count, length = moved.shape
    rows, shares = np.repeat(question.rows, count), moved.reshape(-1, length)
    found = []
    for at in stretches(len(rows), sum(point[0].size for point in question.points)):
        part, share = rows[at], shares[at]
        points = tuple(point[part] - share.reshape(*share.shape, *[1] * (point.ndim - 2)) * (point - baseline)[part]
                       for point, baseline in zip(question.points, question.baselines, strict=True))
        found.append(question.scores(points, part))
    return np.concatenate(found).reshape(examples, count)
