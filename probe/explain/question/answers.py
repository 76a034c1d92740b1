"""Functions of tensors that answer questions, compiled once for a network and whatever the number of rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from probe.errors import UserError
from probe.explain.question.network import Network
from probe.explain.question.step import mask_of, with_mask
from probe.model.engine import keras, tf

Tensors = list[tf.Tensor]
# Arguments of every compiled function: the fields of Rows.
FIRST = 5
# What TensorFlow says of gradients that some processors lack, as those of grouped convolutions where oneDNN is off.
UNSUPPORTED = "not supported on CPU"


@dataclass(frozen=True)
class Form:
    """What a compiled function holds of a question: nothing of its examples.

    Attributes:
        places: numbers of the values that are given in place of what the network would compute.
        masked: of each place, whether a mask goes with it.
        value: number of the value that is explained.
        function: what is made of that value; None if an entry of it is meant.
        shares: into how many parts rows are divided, one a core.
    """

    places: tuple[int, ...]
    masked: tuple[bool, ...]
    value: int
    function: Callable[[Any], Any] | None
    shares: int


@dataclass(frozen=True)
class Rows:
    """R rows of what is given.

    Attributes:
        points: for each place (R, …) float32.
        masks: (R, T) bool of the places that have one.
        inputs: all that the network takes, (R, …).
        index, sign: (R,), which entry of the value is meant, and by what it is multiplied.
    """

    points: Tensors
    masks: Tensors
    inputs: Tensors
    index: tf.Tensor
    sign: tf.Tensor


def entrance(network: Network, values: tuple[int, ...], shares: int) -> Callable[..., Any]:
    """Return the function from all inputs to some of the network's values, their masks, and the output.

    Args:
        network, values: numbers of the values.
        shares: into how many parts rows are divided, one a core.
    """

    def enter(*inputs: tf.Tensor) -> Any:
        parts = [network.run({number: each[first:last] for number, each in zip(network.inputs, inputs, strict=True)},
                             [*values, network.outputs[0]])
                 for first, last in _ends(tf.shape(inputs[0])[0], shares)]
        masks = [[mask_of(part[value]) for part in parts] for value in values]
        return ([tf.concat([part[value] for part in parts], axis=0) for value in values],
                [None if each[0] is None else tf.concat(each, axis=0) for each in masks],
                tf.concat([part[network.outputs[0]] for part in parts], axis=0))

    return _kept(network, ("entrance", values, shares), enter,
                 [_spec(network, number, network.symbols[number].dtype) for number in network.inputs])


def scores_of(network: Network, form: Form) -> Callable[..., Tensors]:
    """Return the function from rows to scores."""
    return shared(network, form, ("scores",), lambda rows: [scored(network, form, entered(network, form, rows), rows)])


def gradients_of(network: Network, form: Form) -> Callable[..., Tensors]:
    """Return the function from rows to scores and their gradients at the places."""
    return shared(network, form, ("gradients",), lambda rows: _gradients(network, form, rows))


def line_of(network: Network, form: Form) -> Callable[..., Tensors]:
    """Return the function from the beginnings of lines to sums of gradients along them, at each place (B, …).

    It takes rows, whose points are the ends of the lines; their beginnings; and (N,) float32, where on the lines from 0
    to 1 gradients are taken, and by what each is multiplied.
    """

    def line(points: Tensors, masks: Tensors, inputs: Tensors, index: tf.Tensor, sign: tf.Tensor, lows: Tensors,
             alphas: tf.Tensor, weights: tf.Tensor) -> Tensors:
        def tiled(tensor: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
            return tf.tile(tensor, tf.concat([[count], tf.ones(tf.rank(tensor) - 1, tf.int32)], 0))

        def part(first: tf.Tensor, last: tf.Tensor) -> Tensors:
            places, shares = alphas[first:last], weights[first:last]
            count = last - first
            on_line = [tf.reshape(low + tf.tensordot(places, high - low, 0), tf.concat([[-1], tf.shape(low)[1:]], 0))
                       for low, high in zip(lows, points, strict=True)]
            rows = Rows(on_line, *(keras.tree.map_structure(lambda each: tiled(each, count), given)
                                   for given in (masks, inputs, index, sign)))
            return [tf.tensordot(shares, tf.reshape(slopes, tf.concat([[count], tf.shape(low)], 0)), 1)
                    for slopes, low in zip(_gradients(network, form, rows)[1:], lows, strict=True)]

        found = [part(first, last) for first, last in _ends(tf.shape(alphas)[0], form.shares)]
        return [tf.add_n(list(each)) for each in zip(*found, strict=True)]

    numbers = tf.TensorSpec((None,), tf.float32)
    signature = _signature(network, form)
    return _kept(network, ("line", form), line, [*signature, signature[0], numbers, numbers])


def entered(network: Network, form: Form, rows: Rows) -> dict[int, tf.Tensor]:
    """Return what is given, by number: the inputs, and the points with their masks."""
    masks = iter(rows.masks)
    points = [with_mask(tf.identity(tf.cast(point, network.symbols[place].dtype)), next(masks) if has else None)
              for place, point, has in zip(form.places, rows.points, form.masked, strict=True)]
    return dict(zip((*network.inputs, *form.places), (*rows.inputs, *points), strict=True))


def scored(network: Network, form: Form, given: dict[int, tf.Tensor], rows: Rows) -> tf.Tensor:
    """Return the scores (R,) that follow from what is given."""
    found = tf.cast(network.run(given, [form.value])[form.value], tf.float32)
    if form.function is not None:
        return tf.reshape(form.function(found), [-1])
    return tf.gather(tf.reshape(found, [tf.shape(found)[0], -1]), rows.index, axis=1, batch_dims=1) * rows.sign


def _gradients(network: Network, form: Form, rows: Rows) -> Tensors:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(rows.points)
        scores = scored(network, form, entered(network, form, rows), rows)
    return [scores, *tape.gradient(scores, rows.points, unconnected_gradients="zero")]


def shared(network: Network, form: Form, kind: tuple[Any, ...], answer: Callable[..., Tensors],
           more: Sequence[Any] = ()) -> Callable[..., Tensors]:
    """Compile an answer; its rows are shared out among the cores.

    Args:
        network, form: what is asked.
        kind: tells this answer from others.
        answer: takes :class:`Rows`, and what ``more`` describes.
        more: TensorFlow's specifications of further arguments, which belong to no row.
    """

    def function(*given: Any) -> Tensors:
        each, rest = given[:FIRST], given[FIRST:]
        found = [answer(Rows(*keras.tree.map_structure(lambda of, first=first, last=last: of[first:last], each)), *rest)
                 for first, last in _ends(tf.shape(given[3])[0], form.shares)]
        return [tf.concat(parts, axis=0) for parts in zip(*found, strict=True)]

    return _kept(network, (*kind, form), function, [*_signature(network, form), *more])


def _ends(count: tf.Tensor, shares: int) -> list[tuple[tf.Tensor, tf.Tensor]]:
    ends = tf.unstack(count * tf.range(shares + 1) // shares, shares + 1)
    return list(zip(ends[:-1], ends[1:], strict=True))


def _kept(network: Network, key: tuple[Any, ...], function: Callable[..., Any], signature: Any) -> Callable[..., Any]:
    """The function that the network has under this key, compiled when it is first asked for.

    Of functions of the outputs the last alone is kept: each may be a new one, and holds what its writer gave it.
    """
    if key not in network.compiled:
        if _function_of(key) is not None:
            for old in [old for old in network.compiled if _function_of(old) not in (None, _function_of(key))]:
                del network.compiled[old]
        network.compiled[key] = tf.function(function, input_signature=signature, autograph=False)
    return partial(_asked, network.compiled[key], network.name)


def _asked(compiled: Callable[..., Any], name: str, *given: Any) -> Any:
    try:
        return compiled(*given)
    except tf.errors.InvalidArgumentError as error:
        if UNSUPPORTED not in str(error):
            raise
        line = str(error).partition(UNSUPPORTED)[0].strip().splitlines()[-1]
        what = re.sub(r".*\}\}|are$", "", line).strip()
        raise UserError(f"{name}: TensorFlow does not compute on this processor: {what}") from error


def _function_of(key: tuple[Any, ...]) -> Callable[[Any], Any] | None:
    return key[-1].function if isinstance(key[-1], Form) else None


def _signature(network: Network, form: Form) -> list[Any]:
    return [[_spec(network, place, tf.float32) for place in form.places],
            [tf.TensorSpec((None, None), tf.bool) for has in form.masked if has],
            [_spec(network, number, network.symbols[number].dtype) for number in network.inputs],
            tf.TensorSpec((None,), tf.int64), tf.TensorSpec((None,), tf.float32)]


def _spec(network: Network, number: int, dtype: Any) -> tf.TensorSpec:
    return tf.TensorSpec((None, *network.shape(number)[1:]), dtype)
