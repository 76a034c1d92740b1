"""What a few units, or all units of a layer, tell of a pattern together: sparse logistic probes.

A single responsible unit does not always exist. Beside the best unit stands what a logistic regression with an L1
penalty (Tibshirani 1996) makes of one unit, of five, and of the layer. The regressions are scikit-learn's.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from probe.activations import LayerSignal
from probe.options import Options, option
from probe.scan.tallies.constancy import varies

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# Units of the sparse probes; a probe of the whole layer comes after them.
SIZES = (1, 5)
# Of the selection rows, those that fit weights; on the others, which come after them in the text, C is chosen.
FITTED = 0.75
# C of the whole layer, as multiples of the one at which its first unit gets a weight.
STEPS = (4.0, 12.0, 36.0)
# Units that a search for the first few begins with: those that by themselves tell most.
PROMISING = 96
# By how much C grows until there are as many as are wanted, and in all; and the ratio of two that are taken as one.
GROWTH, FARTHEST, NEAREST = 1.5, 1e4, 1.001
# By how much a fit may miss the condition of an optimum.
TOLERANCE = 0.02
# Activations drawn from a text at most: 256 MB.
NUMBERS = 1 << 26
# Fewer characters inside a pattern, or outside, tell too little of a layer.
FEWEST = 20


@dataclass(frozen=True)
class ProbeOptions(Options):
    """Logistic probes of groups of units."""

    probes: int = option(5, "boolean patterns for which logistic probes are fitted; 0 for none", minimum=0,
                         maximum=1000)
    probe_rows: int = option(8000, "characters drawn from the selection and from the confirmation text each, for "
                             "logistic probes", minimum=200, maximum=1_000_000)
    probe_seed: int = option(0, "of the drawing of characters", minimum=0)

    def rows_for(self, units: Mapping[LayerSignal, Sequence[int]]) -> int:
        """Return how many characters are drawn of a text: fewer where there are very many units, none for no probes."""
        return min(self.probe_rows, NUMBERS // sum(map(len, units.values()))) if self.probes else 0


@dataclass(frozen=True)
class Probe:
    """One logistic regression on units of one layer and signal.

    Scores are those on the confirmation rows. There is no accuracy among them: for a rare pattern, saying "outside" at
    every character would reach nearly 1.

    Attributes:
        size: how many units it may use: 1, 5, or all of the layer.
        units: those that it gives weight, the heaviest first.
        weights: of each of them, per standard deviation of its activation.
        auc: of the predicted probability, in [0, 1].
        average_precision: of the same; its floor is ``share``.
        correlation: Pearson's r of the predicted probability with the label.
        share: of the confirmation rows, how many lie inside the pattern.
        rows, inside: selection rows, and how many of them lie inside the pattern.
    """

    size: int
    units: tuple[int, ...]
    weights: tuple[float, ...]
    auc: float
    average_precision: float
    correlation: float
    share: float
    rows: int
    inside: int


def logistic_probes(activations: np.ndarray, labels: np.ndarray, held_out: np.ndarray, held_out_labels: np.ndarray,
                    units: Sequence[int] | None = None) -> tuple[Probe, ...]:
    """Fit probes of one unit, of five units and of the whole layer.

    The first units to get a weight, as the penalty falls, are the one and the five; their weights are then fitted
    without it. If the path goes past five, the five heaviest are taken. For the layer, the penalty is the one whose
    predictions are best, by log loss, on the last quarter of the selection rows.

    Args:
        activations: (R, U) float32 of selection rows in the order of the text, one layer and signal.
        labels: (R,) of one boolean pattern.
        held_out, held_out_labels: (Q, U) and (Q,) of confirmation rows.
        units: index in the layer of each of the U units. Defaults to their place.

    Returns:
        The probes, fewer for layers of five units or less; none where rows inside the pattern, or outside, are fewer
        than 20 in a part, nor where no unit varies.
    """
    y, held_y = np.asarray(labels) > 0.5, np.asarray(held_out_labels) > 0.5
    fitted = int(len(y) * FITTED)
    if any(min(part.sum(), len(part) - part.sum()) < FEWEST for part in (y[:fitted], y[fitted:], held_y)):
        return ()
    scales = _scales(activations)
    if not np.isfinite(_scales(activations[:fitted])).any():
        return ()
    mean = activations.mean(axis=0, dtype=np.float64)
    x, held_x = (((values - mean) / scales).astype(np.float32) for values in (activations, held_out))
    names = np.arange(x.shape[1]) if units is None else np.asarray(units)
    chosen = [_first_units(x, y, size) for size in SIZES if size < x.shape[1]]
    models = [(columns, _refitted(x[:, columns], y)) for columns in chosen]
    models.append((np.arange(x.shape[1]), _of_layer(x, y, fitted)))
    return tuple(_scored(model, columns, names, len(columns), held_x, held_y, y) for columns, model in models)


def _scales(x: np.ndarray) -> np.ndarray:
    """The deviation of each column (U,) float64; infinite for a constant, which tells nothing."""
    deviation = x.std(axis=0, dtype=np.float64)
    return np.where(varies(deviation**2, x.mean(axis=0, dtype=np.float64)**2), deviation, np.inf)


def _first_units(x: np.ndarray, y: np.ndarray, size: int) -> np.ndarray:
    """The columns (size,) that are the first to get weights."""
    pull = _pull(x, y, np.full(len(y), y.mean()))
    if size == 1:
        return np.array([np.argmax(pull)])
    columns = np.argsort(-pull, kind="stable")[:PROMISING]
    first = low = 1 / pull.max()
    high, found = np.inf, columns[:size]
    while high > low * NEAREST and low < first * FARTHEST:
        c = low * GROWTH if np.isinf(high) else np.sqrt(low * high)
        model = _lasso(x[:, columns], y, c)
        # A column that was left out and would get a weight is let in: those left out then change nothing.
        pulled = np.flatnonzero(_pull(x, y, model.predict_proba(x[:, columns])[:, 1]) * c > 1 + TOLERANCE)
        missing = np.setdiff1d(pulled, columns)
        if len(missing):
            columns = np.concatenate([columns, missing])
            continue
        weights = np.abs(model.coef_[0])
        count = np.count_nonzero(weights)
        if count >= size:
            high, found = c, columns[np.argsort(-weights, kind="stable")[:size]]
        if count <= size:
            low = c
    return found


def _pull(x: np.ndarray, y: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """How fast the loss falls with each weight (U,): a weight of 0 stays if this is below 1 / C."""
    return np.abs((y - probability).astype(np.float32) @ x)


def _of_layer(x: np.ndarray, y: np.ndarray, fitted: int) -> "LogisticRegression":
    from sklearn.metrics import log_loss

    first = 1 / _pull(x[:fitted], y[:fitted], np.full(fitted, y[:fitted].mean())).max()
    best, lowest = None, np.inf
    for step in STEPS:
        model = _lasso(x[:fitted], y[:fitted], first * step)
        loss = log_loss(y[fitted:], model.predict_proba(x[fitted:])[:, 1])
        if loss >= lowest:
            break
        best, lowest = model, loss
    return best


def _lasso(x: np.ndarray, y: np.ndarray, c: float) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    # liblinear shrinks the intercept too, unless it is the small weight of a large constant.
    model = LogisticRegression(l1_ratio=1, C=c, solver="liblinear", intercept_scaling=30.0, tol=1e-2, random_state=0)
    with _quiet():
        return model.fit(x, y)


def _refitted(x: np.ndarray, y: np.ndarray) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    # So weak a penalty keeps weights finite where units tell a pattern without fail, and changes nothing else.
    with _quiet():
        return LogisticRegression(C=1e3, max_iter=1000).fit(x.astype(np.float64), y)


def _quiet() -> warnings.catch_warnings:
    return warnings.catch_warnings(action="ignore")


def _scored(model: "LogisticRegression", columns: np.ndarray, names: np.ndarray, size: int, x: np.ndarray,
            y: np.ndarray, fitted: np.ndarray) -> Probe:
    from sklearn.metrics import average_precision_score, roc_auc_score

    probability = model.predict_proba(x[:, columns])[:, 1]
    weights = model.coef_[0]
    order = np.argsort(-np.abs(weights), kind="stable")[:np.count_nonzero(weights)]
    spread = probability.std()
    return Probe(
        size=size, units=tuple(names[columns[order]].tolist()), weights=tuple(weights[order].tolist()),
        auc=float(roc_auc_score(y, probability)), average_precision=float(average_precision_score(y, probability)),
        correlation=float(np.corrcoef(probability, y)[0, 1]) if spread > 0 else float("nan"), share=float(y.mean()),
        rows=len(fitted), inside=int(fitted.sum()))
