"""A network cut in two, at a layer or at the state of a recurrent one: what flows through the cut alone."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.explain.network import Network
from probe.explain.step import mask_of, with_mask
from probe.model.engine import tf

if TYPE_CHECKING:
    from probe.explain.question import Points, Question

Given = dict[int, tf.Tensor]
# Numbers of the points that are computed at once.
AT_ONCE = 1 << 21


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
    scores, *both = _computed(question, "crossing", cut, points, rows, time, [])
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
    return tuple(_computed(question, "through", cut, points, rows, time, chosen))


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


@dataclass(frozen=True)
class _Asked:
    """What a compiled function holds of a question: nothing of its examples."""

    network: Network
    places: tuple[int, ...]
    value: int
    function: Callable[[Any], Any] | None
    cut: Cut

    def standing(self, points: Sequence[tf.Tensor], inputs: Given, time: tf.Tensor) -> list[tf.Tensor]:
        return self.cut.reach(self.network, {**inputs, **dict(zip(self.places, points, strict=True))}, time)

    def scores(self, points: Sequence[tf.Tensor], inputs: Given, standing: list[tf.Tensor], index: tf.Tensor,
               sign: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
        given = {**inputs, **dict(zip(self.places, points, strict=True))}
        given = self.cut.leave(self.network, given, standing, time)
        found = tf.cast(self.network.run(given, [self.value])[self.value], tf.float32)
        if self.function is not None:
            return tf.reshape(self.function(found), [-1])
        return tf.gather(tf.reshape(found, [tf.shape(found)[0], -1]), index, axis=1, batch_dims=1) * sign

    def crossing(self, points: list[tf.Tensor], inputs: Given, index: tf.Tensor, sign: tf.Tensor, time: tf.Tensor,
                 chosen: list[tf.Tensor]) -> list[tf.Tensor]:
        standing = self.standing(points, inputs, time)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(standing)
            scores = self.scores(points, inputs, standing, index, sign, time)
        return [scores, *standing, *tape.gradient(scores, standing, unconnected_gradients="zero")]

    def through(self, points: list[tf.Tensor], inputs: Given, index: tf.Tensor, sign: tf.Tensor, time: tf.Tensor,
                chosen: list[tf.Tensor]) -> list[tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            watched = [with_mask(tf.identity(point), mask_of(point)) for point in points]
            tape.watch(watched)
            standing = self.standing(watched, inputs, time)
            passing = [tf.ensure_shape(tf.where(share, each, tf.stop_gradient(each)), each.shape)
                       for each, share in zip(standing, chosen, strict=True)]
            scores = self.scores(points, inputs, passing, index, sign, time)
        return tape.gradient(scores, watched, unconnected_gradients="zero")


def _computed(question: "Question", kind: str, cut: Cut, points: "Points", rows: np.ndarray, time: int,
              chosen: Sequence[np.ndarray]) -> list[np.ndarray]:
    function = _compiled(question, kind, cut, len(chosen))
    found = [[each.numpy() for each in function(
        [tf.constant(array[part], tf.float32) for array in points],
        [tf.constant(mask[rows[part]]) for mask in question.masks if mask is not None],
        [tf.constant(array[rows[part]]) for array in question.inputs],
        tf.constant(question.target.index[rows[part]]), tf.constant(question.target.sign[rows[part]], tf.float32),
        tf.constant(time, tf.int32), [tf.constant(share) for share in chosen])]
        for part in _parts(points)]
    return [np.concatenate(arrays).astype(np.float64) for arrays in zip(*found, strict=True)]


def _parts(points: "Points") -> Iterator[slice]:
    step = max(1, AT_ONCE // max(1, sum(array[0].size for array in points)))
    for start in range(0, len(points[0]), step):
        yield slice(start, start + step)


def _compiled(question: "Question", kind: str, cut: Cut, chosen: int) -> Callable[..., Any]:
    network, masked = question.network, tuple(mask is not None for mask in question.masks)
    key = (kind, cut, question.places, question.target.value, question.target.function, masked)
    if key in network.compiled:
        return network.compiled[key]
    asked = _Asked(network, question.places, question.target.value, question.target.function, cut)
    answer = asked.crossing if kind == "crossing" else asked.through

    def answered(points: list[tf.Tensor], masks: list[tf.Tensor], inputs: list[tf.Tensor], index: tf.Tensor,
                 sign: tf.Tensor, time: tf.Tensor, shares: list[tf.Tensor]) -> list[tf.Tensor]:
        waiting = iter(masks)
        points = [with_mask(tf.identity(point), next(waiting) if has else None)
                  for point, has in zip(points, masked, strict=True)]
        return answer(points, dict(zip(network.inputs, inputs, strict=True)), index, sign, time, shares)

    def spec(number: int, dtype: Any) -> tf.TensorSpec:
        return tf.TensorSpec((None, *network.shape(number)[1:]), dtype)

    signature = [[spec(place, tf.float32) for place in question.places],
                 [tf.TensorSpec((None, None), tf.bool) for has in masked if has],
                 [spec(number, network.symbols[number].dtype) for number in network.inputs],
                 tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None,), tf.float32), tf.TensorSpec((), tf.int32),
                 [tf.TensorSpec(None, tf.bool)] * chosen]
    network.compiled[key] = tf.function(answered, input_signature=signature, autograph=False)
    return network.compiled[key]
