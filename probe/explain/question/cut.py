"""A network cut in two, at a layer or at the state of a recurrent one: what flows through the cut alone."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from probe.explain.question.answers import Form, Rows, entered, scored, shared
from probe.explain.question.network import Network
from probe.explain.question.step import mask_of, with_mask
from probe.model.engine import tf

if TYPE_CHECKING:
    from probe.explain.question.question import Points, Question

Given = dict[int, tf.Tensor]
TIME = tf.TensorSpec((), tf.int32)


@dataclass(frozen=True)
class Cut(ABC):
    """Where a network is cut. Its fields are what has to be compiled anew, and nothing else."""

    @abstractmethod
    def reach(self, network: Network, given: Given, time: tf.Tensor) -> list[tf.Tensor]:
        """Return what stands at the cut, arrays of R rows.

        Args:
            network: that is cut.
            given: values by number from which it follows.
            time: () int32, the step of time, for a cut that is at one.
        """

    @abstractmethod
    def leave(self, network: Network, given: Given, standing: list[tf.Tensor], time: tf.Tensor) -> Given:
        """Return values from which the target follows, with something else standing at the cut."""


@dataclass(frozen=True)
class LayerCut(Cut):
    """At the value of this number."""

    value: int

    def reach(self, network: Network, given: Given, time: tf.Tensor) -> list[tf.Tensor]:
        """Return the value."""
        return [network.run(given, [self.value])[self.value]]

    def leave(self, network: Network, given: Given, standing: list[tf.Tensor], time: tf.Tensor) -> Given:
        """Return the inputs with another value, under the mask that it had."""
        mask = mask_of(self.reach(network, given, time)[0])
        return {**given, self.value: with_mask(tf.identity(standing[0]), mask)}


@dataclass(frozen=True, eq=False)
class Crossing:
    """What was found at a cut, float64.

    Attributes:
        scores: (R,) the target.
        standing: what stands at the cut, arrays (R, …).
        slopes: the target's gradient with respect to that, arrays of the same shapes; what comes to the target without
            passing the cut stays as it is.
    """

    scores: np.ndarray
    standing: tuple[np.ndarray, ...]
    slopes: tuple[np.ndarray, ...]


def crossing(question: "Question", cut: Cut, points: "Points", rows: np.ndarray, time: int = 0) -> Crossing:
    """Return what stands at a cut at other points, and how strongly the target answers to it.

    Args:
        question: whose target, places and other inputs.
        cut, time: where; the step is counted in the order of the text, from 0.
        points, rows: as ``Question.scores`` takes them.
    """
    scores, *both = question.answered(partial(_crossing_of, cut=cut), points, rows, tf.constant(time, tf.int32))
    half = len(both) // 2
    return Crossing(scores + question.target.shift[rows], tuple(both[:half]), tuple(both[half:]))


def through(question: "Question", cut: Cut, chosen: Sequence[np.ndarray], points: "Points", rows: np.ndarray,
            time: int = 0) -> tuple[np.ndarray, ...]:
    """Return the target's gradient with respect to the points, through some of what stands at a cut and nothing else.

    Args:
        question, cut, points, rows, time: as for :func:`crossing`.
        chosen: for each array at the cut, which of its numbers let through, bool, of a shape that is laid on one row's.

    Returns:
        For each place float64 of the points' shape.
    """
    return tuple(question.answered(partial(_through_of, cut=cut, count=len(chosen)), points, rows,
                                   tf.constant(time, tf.int32), [tf.constant(share) for share in chosen]))


def shape_at(question: "Question", value: int) -> tuple[int, ...]:
    """Return the shape of a value for one of these examples."""
    given = {number: tf.constant(array[:1]) for number, array in zip(question.network.inputs, question.inputs,
                                                                     strict=True)}
    return tuple(question.network.run(given, [value])[value].shape[1:])


def alone(question: "Question", value: int) -> bool:
    """Return whether everything that goes from the places to the target passes this value."""
    reached = set(question.places) - {value}
    for step in question.network.steps:
        if reached.intersection(step.reads):
            reached.update(number for number in step.writes if number != value)
    return question.target.value not in reached


def _crossing_of(network: Network, form: Form, cut: Cut) -> Callable[..., list[tf.Tensor]]:
    """The function from rows and a step of time to scores, what stands at the cut, and the gradient there."""

    def answer(rows: Rows, time: tf.Tensor) -> list[tf.Tensor]:
        given = entered(network, form, rows)
        standing = cut.reach(network, given, time)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(standing)
            scores = scored(network, form, cut.leave(network, given, standing, time), rows)
        return [scores, *standing, *tape.gradient(scores, standing, unconnected_gradients="zero")]

    return shared(network, replace(form, shares=1), ("crossing", cut), answer, [TIME])


def _through_of(network: Network, form: Form, cut: Cut, count: int) -> Callable[..., list[tf.Tensor]]:
    """The function from rows, a step of time and what lets through at the cut to the gradient at the places."""

    def answer(rows: Rows, time: tf.Tensor, chosen: list[tf.Tensor]) -> list[tf.Tensor]:
        given = entered(network, form, rows)  # what goes past the cut is not watched
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(rows.points)
            standing = cut.reach(network, entered(network, form, rows), time)
            passing = [tf.ensure_shape(tf.where(share, each, tf.stop_gradient(each)), each.shape)
                       for each, share in zip(standing, chosen, strict=True)]
            scores = scored(network, form, cut.leave(network, given, passing, time), rows)
        return tape.gradient(scores, rows.points, unconnected_gradients="zero")

    return shared(network, replace(form, shares=1), ("through", cut, count), answer,
                  [TIME, [tf.TensorSpec(None, tf.bool)] * count])
