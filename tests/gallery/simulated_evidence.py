"""What speaks for simulated units and against them, by formulas that share nothing with probe."""

from collections import defaultdict

import numpy as np

from probe.scan.controls.ablation import Ablation
from probe.scan.controls.logistic import Probe
from probe.scan.evidence import Chance, Interval, Untrained

UNITS = 48
ROLL = 25
RESAMPLES = 400


def ngram_guesses(selection: str, labels: np.ndarray, confirmation: str, order: int) -> np.ndarray:
    """Guess each label from the last ``order`` characters, leaning on shorter contexts where few are known."""
    if order == 0:
        return np.full(len(confirmation), labels.mean())
    seen = defaultdict(list)
    for place, label in enumerate(labels):
        seen[selection[max(0, place - order + 1):place + 1]].append(label)
    shorter = ngram_guesses(selection, labels, confirmation, order - 1)
    contexts = [confirmation[max(0, place - order + 1):place + 1] for place in range(len(confirmation))]
    return np.array([(sum(seen[context]) + guess) / (len(seen[context]) + 1)
                     for context, guess in zip(contexts, shorter, strict=True)])


def correlation(values: np.ndarray, labels: np.ndarray) -> float:
    return float(correlations(values[:, None], labels)[0])


def correlations(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The correlation of each column of values (T, U) with labels (T,): (U,)."""
    return paired(values, labels[:, None])


def paired(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The correlation of each column of values (T, U) with the same column of labels (T, U), or with its only one."""
    values, labels = values - values.mean(axis=0, dtype=np.float64), labels - labels.mean(axis=0, dtype=np.float64)
    return (labels * values).sum(axis=0) / np.sqrt((labels**2).sum(axis=0) * (values**2).sum(axis=0))


def resampled(values: np.ndarray, labels: np.ndarray, guess: np.ndarray, length: int) -> tuple[Interval, Interval]:
    """Intervals of the correlation and of its lead over the guess's, from blocks of ``length`` characters."""
    blocks = len(labels) // length
    if blocks < 20:
        return Interval(blocks=blocks), Interval(blocks=blocks)
    starts = np.random.default_rng(0).integers(0, blocks, (RESAMPLES, blocks, 1)) * length
    rows = (starts + np.arange(length)).reshape(RESAMPLES, -1).T
    rows = rows[:, (np.ptp(labels[rows], axis=0) > 0) & (np.ptp(guess[rows], axis=0) > 0)]
    r, guessed = paired(values[rows], labels[rows]), paired(guess[rows], labels[rows])
    found = np.stack([r, np.abs(r) - np.abs(guessed)], 1)
    low, high = np.quantile(found, [0.025, 0.975], axis=0).tolist()
    return Interval(low[0], high[0], blocks), Interval(low[1], high[1], blocks)


def largest_by_roll(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The largest |r| of any unit at each roll of the labels, of all patterns (rolls, P); the first roll is none."""
    drawn, wanted = ((each - each.mean(axis=0)) / each.std(axis=0) / len(each)**0.5
                     for each in (values.astype(np.float64), labels.astype(np.float64)))
    return np.array([np.abs(np.einsum("tu,tp->up", drawn, np.roll(wanted, roll, axis=0))).max(axis=0)
                     for roll in range(0, len(labels) - ROLL + 1, ROLL)])


def chance_of(r: float, largest: np.ndarray, p: int) -> Chance:
    reached = abs(r) - 1e-9
    return Chance(p=float((largest[:, p] >= reached).mean()), floor=1 / len(largest),
                  family=float((np.nanmax(largest, axis=1) >= reached).mean()))


def untrained_of(r: float, twins: list[np.ndarray], labels: np.ndarray) -> Untrained:
    best = float(max(np.abs(correlations(values, labels)).max() for values in twins))
    return Untrained(unit=r, best=best, twins=len(twins), characters=len(labels))


def probes_of(unit: int, r: float) -> tuple[Probe, ...]:
    """Groups of units that reach a little more than the best alone, by no formula."""
    groups = {1: abs(r), 5: abs(r) + 0.01, UNITS: abs(r) + 0.02}
    return tuple(Probe(size=size, units=(unit,), weights=(1.0,), auc=0.95, average_precision=0.9, correlation=reached,
                       share=0.3, rows=600, inside=180) for size, reached in groups.items())


def ablation_of(layer: str, unit: int, pattern: str, characters: int) -> Ablation:
    """A loss that no formula gave: ten units of no weight beside one that counts inside the pattern."""
    others = tuple(round(0.001 * place, 3) for place in range(10))
    return Ablation(layer=layer, unit=unit, pattern=pattern, mean=0.1, characters=characters,
                    inside=0.041, outside=0.002, edges=0.113, intact_inside=1.4, intact_outside=1.5, intact_edges=2.1,
                    random_units=tuple(range(20, 30)), random_inside=others, random_outside=others, random_edges=others,
                    share_inside=0.0, share_outside=0.8, share_edges=0.0)
