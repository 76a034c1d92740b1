"""What is asked of a network: which number, at which point, against which baseline; and the answers it can compute."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.network import Network
from probe.explain.step import mask_of, with_mask
from probe.explain.target import Asked, Target, target_of
from probe.model.engine import CORES, keras, tf

# Numbers of the points that are computed at once: the working memory is some tens of times as much.
AT_ONCE = 1 << 21
Points = Sequence[np.ndarray]


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
        return self._shifted(self._computed("scores", None, points, rows)[0], rows)

    def gradients(self, points: Points, rows: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Return the target at other points, (R,) float64, and its gradient there, float64, of the points' shapes."""
        scores, *slopes = self._computed("gradients", None, points, rows)
        return self._shifted(scores, rows), tuple(slopes)

    def at_layer(self, value: int, points: Points | None = None, rows: np.ndarray | None = None,
                 ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the target, what a layer puts out, and the target's gradient with respect to that.

        Args:
            value: number of the value after the layer.
            points, rows: as in :meth:`scores`; the examples themselves if there are none.

        Returns:
            (R,), (R, …) and (R, …), float64.

        Raises:
            UserError: the target does not follow from the layer.
        """
        if self.target.value not in self.network.downstream(value):
            raise UserError(f"layer {self.network.writer[value].name} does not reach the number that is explained")
        points, rows = (self.points, self.rows) if points is None or rows is None else (points, rows)
        scores, activations, slopes = self._computed("layer", value, points, rows)
        return self._shifted(scores, rows), activations, slopes

    def _shifted(self, scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return scores + self.target.shift[rows]

    def _computed(self, kind: str, value: int | None, points: Points, rows: np.ndarray) -> list[np.ndarray]:
        found = [[each.numpy() for each in self._function(kind, value, min(CORES, len(rows[part])))(
            [tf.constant(array[part], tf.float32) for array in points],
            [tf.constant(mask[rows[part]]) for mask in self.masks if mask is not None],
            [tf.constant(array[rows[part]]) for array in self.inputs],
            tf.constant(self.target.index[rows[part]]), tf.constant(self.target.sign[rows[part]], tf.float32))]
            for part in _parts(points)]
        return [np.concatenate(arrays).astype(np.float64) for arrays in zip(*found, strict=True)]

    def _function(self, kind: str, value: int | None, shares: int) -> Callable[..., list[tf.Tensor]]:
        masked = tuple(mask is not None for mask in self.masks)
        key = (kind, value, shares, self.places, self.target.value, self.target.function, masked)
        compiled = self.network.compiled
        if key not in compiled:
            compiled[key] = _compiled(self.network, self.places, self.target, masked, kind, value, shares)
        return compiled[key]


def _parts(points: Points) -> Iterator[slice]:
    """Rows that are computed at once."""
    count = len(points[0])
    step = max(1, AT_ONCE // max(1, sum(array[0].size for array in points)))
    for start in range(0, count, step):
        yield slice(start, start + step)


def _compiled(network: Network, places: tuple[int, ...], target: Target, masked: tuple[bool, ...], kind: str,
              value: int | None, shares: int) -> Callable[..., list[tf.Tensor]]:
    """Compile one kind of answer for any number of rows from ``shares`` on, into which they are divided for the cores.
    """

    def answer(points: list[tf.Tensor], masks: list[tf.Tensor], inputs: list[tf.Tensor], index: tf.Tensor,
               sign: tf.Tensor) -> list[tf.Tensor]:
        waiting = iter(masks)
        points = [with_mask(tf.identity(point), next(waiting) if has else None)
                  for point, has in zip(points, masked, strict=True)]
        inner: list[tf.Tensor] = []

        def watch(number: int, tensor: tf.Tensor) -> tf.Tensor:
            if number != value:
                return tensor
            watched = with_mask(tf.identity(tensor), mask_of(tensor))
            tape.watch(watched)
            inner.append(watched)
            return watched

        given = {**dict(zip(network.inputs, inputs, strict=True)), **dict(zip(places, points, strict=True))}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            if kind == "gradients":
                tape.watch(points)
            if value in given:
                watch(value, given[value])
                given[value] = inner[0]
            found = tf.cast(network.run(given, [target.value], watch)[target.value], tf.float32)
            if target.function is not None:
                scores = tf.reshape(target.function(found), [-1])
            else:
                flat = tf.reshape(found, [tf.shape(found)[0], -1])
                scores = tf.gather(flat, index, axis=1, batch_dims=1) * sign
        if kind == "scores":
            return [scores]
        wanted = points if kind == "gradients" else inner
        slopes = tape.gradient(scores, wanted, unconnected_gradients="zero")
        return [scores, *slopes] if kind == "gradients" else [scores, *inner, *slopes]

    def shared(*given: Any) -> list[tf.Tensor]:
        count = tf.shape(given[3])[0]
        ends = count * tf.range(shares + 1) // shares
        found = [answer(*keras.tree.map_structure(lambda each, first=first, last=last: each[first:last], given))
                 for first, last in zip(tf.unstack(ends[:-1], shares), tf.unstack(ends[1:], shares), strict=True)]
        return [tf.concat(each, axis=0) for each in zip(*found, strict=True)]

    specs = [_spec(network, place, tf.float32) for place in places]
    masks = [tf.TensorSpec((None, None), tf.bool) for has in masked if has]
    inputs = [_spec(network, number, network.symbols[number].dtype) for number in network.inputs]
    signature = [specs, masks, inputs, tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None,), tf.float32)]
    return tf.function(shared, input_signature=signature, autograph=False)


def _spec(network: Network, number: int, dtype: Any) -> tf.TensorSpec:
    return tf.TensorSpec((None, *network.shape(number)[1:]), dtype)


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
    arrays = _checked_inputs(network, inputs)
    if not 0 <= which < len(arrays):
        raise UserError(f"input must be from 0 to {len(arrays) - 1}; received {which}")
    places = _places(network, network.inputs[which])
    tensors = {number: tf.constant(array) for number, array in zip(network.inputs, arrays, strict=True)}
    found = network.run(tensors, [*places, *network.outputs[:1]])
    points = tuple(np.asarray(found[place], np.float64) for place in places)
    masks = tuple(None if mask_of(found[place]) is None else np.asarray(mask_of(found[place])) for place in places)
    outputs = np.asarray(found[network.outputs[0]], np.float64)
    if not np.isfinite(outputs).all():
        raise UserError(f"{network.name}: puts out numbers that are not finite, which cannot be explained")
    baselines = tuple(_baseline(network, place, point, baseline, pad_value, arrays[which])
                      for place, point in zip(places, points, strict=True))
    return Question(network, arrays, places, points, baselines, masks, outputs,
                    target_of(network, outputs, target, labels, output), pads,
                    None if layer is None else network.value_of(layer), seed)


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
    embeddings = [step for step in network.readers[number] if step.kind == "Embedding"]
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
        return np.broadcast_to(np.asarray(given, np.float64), point.shape).copy()
    except ValueError as error:
        raise UserError(f"baseline must be numbers that fit the shape {point.shape}; received {np.shape(given)}"
                        ) from error
