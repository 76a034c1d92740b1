"""What findings tell of each simulated unit by itself, by formulas of their own."""

from collections.abc import Sequence

import numpy as np

from probe.scan.finding import PatternNote
from probe.scan.portrait import Context, GateShares, Portrait, Push, Relation
from tests.gallery.simulated_evidence import correlations

BEFORE, AFTER = 50, 29


def alphabet_of(text: str) -> tuple[str, ...]:
    return (*sorted(set(text)), "")


def expected_of(selection: str, confirmation: str, alphabet: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return (T, 5) indices and probabilities of the characters that most often follow each one in a text."""
    place = {character: index for index, character in enumerate(alphabet)}
    counts = np.full((len(alphabet), len(alphabet)), 0.01)
    for one, other in zip(selection, selection[1:], strict=False):
        counts[place[one], place[other]] += 1
    shares = counts / counts.sum(axis=1, keepdims=True)
    rows = shares[[place.get(character, len(alphabet) - 1) for character in confirmation]]
    best = np.argsort(-rows, axis=1, kind="stable")[:, :5]
    return best.astype(np.int32), np.take_along_axis(rows, best, axis=1).astype(np.float32)


def portrait_of(unit: int, text: str, values: np.ndarray, labels: np.ndarray, notes: Sequence[PatternNote],
                alphabet: Sequence[str], half_life: float) -> Portrait:
    """Return the portrait of one of U units, of values (T, U) and labels (T, P)."""
    own = values[:, unit].astype(np.float64)
    low, high = float(own.min()), float(own.max())
    inside = [np.histogram(own[labels[:, p] > 0.5], 40, (low, high))[0] if note.kind == "boolean" else np.zeros(40)
              for p, note in enumerate(notes)]
    others = np.nan_to_num(correlations(values, own))
    order = [int(other) for other in np.argsort(others) if other != unit]
    following = np.array([alphabet.index(character) if character in alphabet else -1 for character in text[1:]])
    ranked = np.argsort(own[:-1])
    tenth = len(ranked) // 10
    shares = [np.bincount(following[some], minlength=len(alphabet)) / tenth for some in (ranked[-tenth:],
                                                                                       ranked[:tenth])]
    row = np.random.default_rng([11, unit]).normal(0, 0.4, len(alphabet))
    return Portrait("1", "hidden", unit, low, high, len(text),
                    tuple(context for band in range(5) for context in contexts_of(band, text, own, low, high)),
                    np.histogram(own, 40, (low, high))[0], np.array(inside, np.int64),
                    tuple(Relation("1", "hidden", other, float(others[other])) for other in order[:-6:-1]),
                    tuple(Relation("1", "hidden", other, float(others[other])) for other in order[:5]),
                    pushes_of(row - row.mean(), alphabet), pushes_of(shares[0] - shares[1], alphabet), half_life)


def contexts_of(band: int, text: str, own: np.ndarray, low: float, high: float) -> list[Context]:
    chosen: list[int] = []
    for place in np.argsort(np.abs(own - np.quantile(own, band / 4)), kind="stable").tolist():
        if len(chosen) < 4 and all(abs(place - other) >= 80 for other in chosen):
            chosen.append(place)
    levels = np.rint((own - low) / (high - low) * 255).astype(np.uint8)
    spans = [(max(0, place - BEFORE), place, min(len(text), place + AFTER)) for place in chosen]
    return [Context(band, first, text[first:last], place - first, levels[first:last]) for first, place, last in spans]


def pushes_of(changes: np.ndarray, alphabet: Sequence[str]) -> tuple[Push, ...]:
    order = np.argsort(-changes)
    kept = [index for index in order[:8] if changes[index] > 0] + [index for index in order[-8:] if changes[index] < 0]
    return tuple(Push(alphabet[index], float(changes[index])) for index in kept)


def gates_of(units: int) -> GateShares:
    """Return gates of which some are always open, some never, and a unit that never forgets."""
    random = np.random.default_rng(13)
    left, right = random.beta(0.5, 1.5, (2, 3, units)) / 2
    half_life = -np.log(2) / np.log(random.uniform(0.3, 0.999, units))
    half_life[-1] = np.inf
    return GateShares(tuple(range(units)), left, right, half_life)
