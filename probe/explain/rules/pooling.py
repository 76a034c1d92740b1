"""Maxima over time: relevance goes to the largest entry."""

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.functions import TINY
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing
from probe.explain.rules.windows import OUTSIDE, windows

Masks = tuple[np.ndarray | None, ...]


class MaxPooling1D(Rule):
    """The largest of each window; among equals the first, as in TensorFlow's gradient."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        return "with channels before time has no rule" if step.layer.data_format != "channels_last" else None

    def forward(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Arrays:
        return (_taken(reads[0], self._winners(step, reads[0])),)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        return (_put(visit.reads[0], self._winners(visit.step, visit.reads[0]), given[0]),)

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        values, base = visit.reads[0], baseline.reads[0]
        rises = visit.writes[0] >= baseline.writes[0]
        winners = np.where(rises, self._winners(visit.step, values), self._winners(visit.step, base))
        return (_put(values, winners, given[0] * quotient_of_maxima(
            visit.writes[0] - baseline.writes[0], _taken(values, winners) - _taken(base, winners))),)

    def _winners(self, step: Step, values: np.ndarray) -> np.ndarray:
        """(B, T', K) int64: the position of the largest entry of each window."""
        layer = step.layer
        positions = windows(values.shape[1], layer.pool_size[0], layer.strides[0], layer.padding)
        seen = np.where((positions != OUTSIDE)[None, :, :, None], values[:, positions], -np.inf)
        return positions[np.arange(len(positions))[:, None], seen.argmax(axis=2)]


class GlobalMaxPooling1D(Rule):
    """The largest of all steps, masked ones too; equals share, as in TensorFlow's gradient."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        if step.layer.keepdims:
            return "that keeps its dimensions has no rule"
        return "with channels before time has no rule" if step.layer.data_format != "channels_last" else None

    def forward(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Arrays:
        return (reads[0].max(axis=1),)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        return (_largest(visit.reads[0]) * given[0][:, None],)

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        values, base = visit.reads[0], baseline.reads[0]
        rises = (visit.writes[0] >= baseline.writes[0])[:, None]
        shares = np.where(rises, _largest(values), _largest(base))
        return (given[0][:, None] * shares * quotient_of_maxima(
            (visit.writes[0] - baseline.writes[0])[:, None], values - base),)


def quotient_of_maxima(of_maximum: np.ndarray, of_entry: np.ndarray) -> np.ndarray:
    """Return Δ(maximum) / Δ(entry), 1 where the entry does not change.

    The entry is the largest of the input if the maximum rises, and the largest of the baseline if it falls. It then
    changes at least as much as the maximum and to the same side, so that the quotient lies from 0 to 1 and the change
    of the maximum is told in full, wherever the other's largest entry lies.
    """
    return np.divide(of_maximum, of_entry, out=np.ones(np.broadcast_shapes(of_maximum.shape, of_entry.shape)),
                     where=np.abs(of_entry) >= TINY)


def _largest(values: np.ndarray) -> np.ndarray:
    """The part of each step in the largest entry over time: 1, or equal parts among equals."""
    largest = values == values.max(axis=1, keepdims=True)
    return largest / largest.sum(axis=1, keepdims=True)


def _taken(values: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, positions, axis=1)


def _put(like: np.ndarray, positions: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Add what is given (B, T', K) to zeros of ``like``'s shape at positions (B, T', K)."""
    found = np.zeros_like(like)
    examples, channels = np.arange(len(like))[:, None, None], np.arange(like.shape[2])
    np.add.at(found, (examples, positions, channels), given)
    return found
