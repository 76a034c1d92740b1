"""What is asked of a network: which number, at which point, against which baseline; and the answers it can compute."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.question.answers import Form, entrance, gradients_of, line_of, scores_of
from probe.explain.question.network import Network
from probe.explain.question.target import Asked, Target, target_of
from probe.model.engine import CORES, tf

# Numbers of the points that are computed at once: the working memory is some tens of times as much.
AT_ONCE = 1 << 21
Points = Sequence[np.ndarray]
# A value (B, …) float64 and its mask (B, T).
Standing = tuple[np.ndarray, np.ndarray | None]


@dataclass(frozen=True, eq=False)
class Question:
    """One number for each of B examples, as a function of what stands at the places.

    Attributes:
        network: which is asked.
        inputs: all that it takes, (B, …).
        places: numbers of the values at which contributions are taken: what the embeddings of the explained input put
            out, or that input itself.
        points: float64, the values there, (B, T, D), or (B, D) for a network that reads vectors.
        baselines: float64, of the same shapes, what stands for nothing.
        masks: (B, T) bool of each place, or None.
        outputs: (B, …) float64, what the network puts out.
        target: which number.
        pads: (B, T) bool, which tokens are padding; None if that is not known.
        layer: number of the value after the layer that was asked for; None if none was.
        seed: of methods that draw.
        inner: what that layer puts out, float64, and its mask, which were computed on the way; None if none was asked
            for.
    """

    network: Network
    inputs: tuple[np.ndarray, ...]
    places: tuple[int, ...]
    points: tuple[np.ndarray, ...]
    baselines: tuple[np.ndarray, ...]
    masks: tuple[np.ndarray | None, ...]
    outputs: np.ndarray
    target: Target
    pads: np.ndarray | None = None
    layer: int | None = None
    seed: int = 0
    inner: Standing | None = None

    @property
    def size(self) -> int:
        """The number of examples B."""
        return len(self.points[0])

    @property
    def rows(self) -> np.ndarray:
        """(B,): every example once."""
        return np.arange(self.size)

    def about(self, target: Target) -> "Question":
        """Return the same question about another number."""
        return replace(self, target=target)

    def scores(self, points: Points, rows: np.ndarray) -> np.ndarray:
        """Return the target at other points.

        Args:
            points: for each place, (R, …).
            rows: (R,) which example each row belongs to: its other inputs, its masks and its target.

        Returns:
            (R,) float64.
        """
        return self.answered(scores_of, points, rows)[0] + self.target.shift[rows]

    def gradients(self, points: Points, rows: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Return the target at other points, (R,) float64, and its gradient there, float64, of the points' shapes."""
        scores, *slopes = self.answered(gradients_of, points, rows)
        return scores + self.target.shift[rows], tuple(slopes)

    def at_layer(self, value: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the target, what a layer puts out, and the target's gradient with respect to that.

        Args:
            value: number of the value after the layer.

        Returns:
            (B,), (B, …) and (B, …), float64.

        Raises:
            UserError: the target does not follow from the layer.
        """
        if self.target.value not in self.network.downstream(value):
            raise UserError(f"layer {self.network.writer[value].name} does not reach the number that is explained")
        standing, mask = self.inner if self.inner is not None and value == self.layer else _entered(
            self.network, self.inputs, (value,))[0][0]
        cut = replace(self, places=(value,), points=(standing,), masks=(mask,))
        scores, (slopes,) = cut.gradients(cut.points, self.rows)
        return scores, standing, slopes

    def along(self, alphas: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return Σ weight · gradient on the straight lines from the baselines to the examples.

        Args:
            alphas: (N,) from 0 at the baseline to 1 at the example.
            weights: (N,).

        Returns:
            For each place, float64 of the points' shape.
        """
        sums = [np.zeros(point.shape) for point in self.points]
        each = max(1, AT_ONCE // sum(point[0].size for point in self.points))  # rows, examples × alphas
        for examples in _parts(self.size, each):
            step = max(1, each // len(self.rows[examples]))
            for part in _parts(len(alphas), step):
                shares = min(CORES, len(alphas[part]))
                given = self._given([point[examples] for point in self.points], self.rows[examples])
                lows = [tf.constant(low[examples], tf.float32) for low in self.baselines]
                found = line_of(self.network, self._form(shares))(
                    *given, lows, *(tf.constant(array[part], tf.float32) for array in (alphas, weights)))
                for total, slopes in zip(sums, found, strict=True):
                    total[examples] += slopes.numpy()
        return tuple(sums)

    def answered(self, answer: Callable[[Network, Form], Callable[..., Any]], points: Points, rows: np.ndarray,
                 *more: Any) -> list[np.ndarray]:
        """Return what a compiled function answers, some rows at a time, as float64 arrays of R rows.

        Args:
            answer: makes the function for a network and a form.
            points, rows: as in :meth:`scores`.
            more: further arguments of the function.
        """
        each = max(1, AT_ONCE // sum(array[0].size for array in points))
        found = []
        for part in _parts(len(rows), each):
            function = answer(self.network, self._form(min(CORES, len(rows[part]))))
            given = self._given([array[part] for array in points], rows[part])
            found.append([tensor.numpy() for tensor in function(*given, *more)])
        return [np.concatenate(arrays).astype(np.float64) for arrays in zip(*found, strict=True)]

    def _given(self, points: Points, rows: np.ndarray) -> list[Any]:
        """The first arguments of compiled functions."""
        return [[tf.constant(array, tf.float32) for array in points],
                [tf.constant(mask[rows]) for mask in self.masks if mask is not None],
                [tf.constant(array[rows]) for array in self.inputs],
                tf.constant(self.target.index[rows]), tf.constant(self.target.sign[rows], tf.float32)]

    def _form(self, shares: int) -> Form:
        masked = tuple(mask is not None for mask in self.masks)
        return Form(self.places, masked, self.target.value, self.target.function, shares)


def _parts(count: int, step: int) -> Iterator[slice]:
    """Those of ``count`` that are computed at once."""
    for start in range(0, count, step):
        yield slice(start, start + step)


def ask(network: Network, inputs: Sequence[np.ndarray], *, target: Asked = None, labels: Sequence[str] | None = None,
        output: str = "logits", layer: Any = None, baseline: "str | np.ndarray | None" = None,
        pad_value: int | None = None, pads: np.ndarray | None = None, which: int = 0, seed: int = 0) -> Question:
    """Put a question to a network.

    Args:
        network: which.
        inputs: all that it takes, (B, …).
        target, labels, output: as :func:`~probe.explain.target.target_of` takes them.
        layer: as ``Network.value_of`` takes it; None if no layer is meant.
        baseline: what stands for nothing: None or ``"zero"`` for vectors of zeros, ``"pad"`` for what the embedding has
            for ``pad_value``, or numbers that are laid on the shape of the values at the place.
        pad_value: the id of padding.
        pads: (B, T) bool, which tokens are padding.
        which: the input whose tokens are explained; the others stay as they are.
        seed: of methods that draw.

    Raises:
        UserError: any of them does not fit the network.
    """
    if len(network.outputs) != 1:
        raise UserError(f"{network.name}: has {len(network.outputs)} outputs; explain one of them, with "
                        "keras.Model(model.inputs, model.outputs[0])")
    arrays = _checked_inputs(network, inputs)
    if not 0 <= which < len(arrays):
        raise UserError(f"input must be from 0 to {len(arrays) - 1}; received {which}")
    places = _places(network, network.inputs[which])
    if seed < 0:
        raise UserError(f"seed must be at least 0; received {seed}")
    value = None if layer is None else network.value_of(layer)
    try:
        entered, outputs = _entered(network, arrays, places if value is None else (*places, value))
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        raise UserError(f"{network.name}: cannot read inputs of the shape {arrays[which].shape}: they may be too short "
                        "for its convolutions or pools") from error
    points, masks = zip(*entered[:len(places)], strict=True)
    if any(point.shape[1:2] != arrays[which].shape[1:2] for point in points):
        raise UserError(f"{network.name}: makes vectors of the shape {points[0].shape} of {arrays[which].shape} ids; "
                        "accepted is a vector a token")
    if not np.isfinite(outputs).all():
        raise UserError(f"{network.name}: puts out numbers that are not finite, which cannot be explained")
    baselines = tuple(_baseline(network, place, point, baseline, pad_value, arrays[which])
                      for place, point in zip(places, points, strict=True))
    return Question(network, arrays, places, points, baselines, masks, outputs,
                    target_of(network, outputs, target, labels, output), pads,
                    value, seed, None if value is None else entered[-1])


def _entered(network: Network, arrays: Sequence[np.ndarray], values: tuple[int, ...],
             ) -> tuple[list[Standing], np.ndarray]:
    """What the network computes at some of its values, with masks, and what it puts out."""
    standing, masks, outputs = entrance(network, values, min(CORES, len(arrays[0])))(*map(tf.constant, arrays))
    return [(np.asarray(each, np.float64), None if mask is None else np.asarray(mask))
            for each, mask in zip(standing, masks, strict=True)], np.asarray(outputs, np.float64)


def _checked_inputs(network: Network, inputs: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    if len(inputs) != len(network.inputs):
        raise UserError(f"{network.name}: takes {len(network.inputs)} inputs; received {len(inputs)}")
    arrays = []
    for number, given in zip(network.inputs, inputs, strict=True):
        shape, array = network.shape(number), np.asarray(given)
        fits = array.ndim == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape, strict=True))
        if not fits or array.size == 0 or array.dtype.kind not in "biuf":
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise UserError(f"{network.name}: takes numbers of the shape ({wanted}); received {array.dtype} of the "
                            f"shape {array.shape}")
        if not np.isfinite(array).all():
            raise UserError(f"{network.name}: takes finite numbers; received {array[~np.isfinite(array)].flat[0]}")
        _check_ids(network, number, array)
        arrays.append(array.astype(network.symbols[number].dtype))
    return tuple(arrays)


def _places(network: Network, number: int) -> tuple[int, ...]:
    """What the embeddings of an input put out; the input itself if no embedding reads it."""
    embeddings = network.embeddings(number)
    if not embeddings and not str(network.symbols[number].dtype).startswith(("float", "bfloat")):
        raise UserError(f"{network.name}: reads {network.symbols[number].dtype} numbers without an Embedding; explain "
                        "the rest of it, behind the layer that makes vectors of them")
    return tuple(step.writes[0] for step in embeddings) or (number,)


def _check_ids(network: Network, number: int, ids: np.ndarray) -> None:
    """Refuse ids that an embedding has no row for: TensorFlow reads zeros there on a GPU."""
    for step in network.readers[number]:
        rows = getattr(step.layer, "input_dim", None) if step.kind == "Embedding" else None
        if rows is not None and not (ids.min() >= 0 and ids.max() < rows):
            strange = ids[(ids < 0) | (ids >= rows)].flat[0]
            raise UserError(f"{network.name}: layer {step.name} has rows for ids from 0 to {rows - 1}; received "
                            f"{strange}")


def _baseline(network: Network, place: int, point: np.ndarray, given: "str | np.ndarray | None",
              pad_value: int | None, ids: np.ndarray) -> np.ndarray:
    if given is None or (isinstance(given, str) and given == "zero"):
        return np.zeros_like(point)
    if isinstance(given, str):
        step = network.writer.get(place)
        if given != "pad" or step is None or pad_value is None:
            raise UserError(f"baseline must be zero, pad (for a network with an embedding and a known pad_value) or "
                            f"numbers; received {given!r:.80}")
        return np.asarray(step.layer(np.full_like(ids, pad_value)), np.float64)
    try:
        numbers = np.broadcast_to(np.asarray(given, np.float64), point.shape).copy()
    except (ValueError, TypeError) as error:
        raise UserError(f"baseline must be numbers that fit the shape {point.shape}; received {given!r:.80}") from error
    if not np.isfinite(numbers).all():
        raise UserError(f"baseline must be finite numbers; received {numbers[~np.isfinite(numbers)].flat[0]}")
    return numbers
