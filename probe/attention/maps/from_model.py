"""The attention map of a layer of any Keras model."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from probe.attention.maps.attention_layers import attention_layer
from probe.attention.maps.attention_map import AttentionMap
from probe.attention.maps.axis_tokens import Axis
from probe.attention.maps.listening import HALVES, Heard, listening
from probe.attention.maps.map_checks import ROUNDING, check_shares
from probe.attention.maps.model_inputs import Example
from probe.errors import UserError, quoted
from probe.model.engine import keras, tf

# What a model raises for an example that it cannot read.
MISREAD = (ValueError, TypeError, tf.errors.InvalidArgumentError)
# By how much sums of weights may miss one, and outputs computed in two ways may differ as a share of the largest.
HALF_SUMS, APART, HALVES_APART = 0.01, 1e-3, 0.1


def map_of_model(model: Any, layer: Any, source: Any, target: Any, source_tokens: Sequence[str] | None,
                 target_tokens: Sequence[str] | None, call: int | None, pad: int | None,
                 keep_pads: bool) -> AttentionMap:
    """Return what an attention layer attends to, as :meth:`AttentionMap.from_model` says of the same arguments."""
    if not isinstance(model, keras.Model):
        raise UserError(f"a model must be a keras.Model; received {type(model).__name__}")
    if not model.built:
        raise UserError(f"{model.name} is not built yet; give it an Input, or call it once")
    name, chosen = attention_layer(model, layer)
    example = Example.of(source, target)
    calls = _listen(model, chosen, name, example)
    heard = _one(calls, name, call)
    where = f"layer {name} of {model.name}"
    _check_heard(heard, where)
    across, down = _axes(heard, example, lambda other: _one(_listen(model, chosen, name, other), name, call))
    remarks = [f"call {call % len(calls)} (from 0) of {len(calls)}"] if call is not None and len(calls) > 1 else []
    sees = heard.sees
    weighted = (heard.weights.sum(axis=-1) > 0).all(axis=0)  # MultiHeadAttention gives none where the query is masked
    rows = (heard.asks | (weighted & keep_pads)) & sees
    columns = heard.reads | keep_pads
    if not rows.any() or not heard.reads.any():
        raise UserError(f"{where} has nothing to attend to in this example: masks hide every position")
    weights = heard.weights[:, rows]
    remarks += [*_left_out(heard, across, down, sees, columns, rows), *_unmasked(model, heard, across, weights, pad)]
    if heard.random:
        remarks.append("the model calls the layer with training=True; the weights are those without its dropout")
    if heard.dtype in HALVES:
        sums = weights.sum(axis=-1, keepdims=True)
        weights = weights / sums
        remarks.append(f"{heard.dtype} weights: rows summed to {sums.min():.4f} … {sums.max():.4f}, and were divided "
                       "by their sums")
    words, numbered = across.words(source_tokens, columns)
    asking, counted = down.words(target_tokens, rows)
    if numbered or counted:
        sides = " and ".join(side for side, is_so in (("columns", numbered), ("rows", counted)) if is_so)
        remarks.append(f"{sides} are called by their positions, from 0")
    heads = tuple(f"head {number}" for number in range(len(weights))) if len(weights) > 1 else ()
    return AttentionMap(words, asking, weights[:, :, columns], heading=f"{name} ({type(chosen).__name__})",
                        remarks=tuple(remarks), heads=heads)


def _listen(model: keras.Model, layer: Any, name: str, example: Example) -> list[Heard]:
    args, kwargs = example.arguments(model)
    with listening(layer, name) as heard:
        try:
            model(*args, **kwargs, training=False)
        except MISREAD as error:
            raise UserError(f"{model.name} cannot read this example: {_said(error)}") from error
    if not heard:
        raise UserError(f"{model.name} does not call the layer {name} when it reads this example")
    return heard[1:] if _first_is_a_trial(model, layer, heard) else heard


def _first_is_a_trial(model: keras.Model, layer: Any, heard: list[Heard]) -> bool:
    """Keras' RNN computes a cell's first step once more before all others, to learn the shape of its output."""
    cells = [each.cell for each in model._flatten_layers() if type(each) is keras.layers.RNN]
    return (any(each is layer for cell in cells for each in cell._flatten_layers()) and len(heard) > 1
            and np.array_equal(heard[0].query, heard[1].query) and np.array_equal(heard[0].weights, heard[1].weights))


def _said(error: Exception) -> str:
    """What Keras' messages of many lines and colours say first, in one line."""
    lines = [line.strip() for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines() if line.strip()]
    return quoted(" ".join(lines[:2]) or type(error).__name__, 300)


def _one(calls: list[Heard], name: str, call: int | None) -> Heard:
    """The call that is asked for, or all of them as one, its rows one below the other."""
    if call is None:
        if len({(each.weights.shape[0], each.weights.shape[2]) for each in calls}) > 1:
            raise UserError(f"the {len(calls)} calls of layer {name} read different numbers of positions, so they make "
                            "no map together; call says which is meant")
        return calls[0] if len(calls) == 1 else _joined(calls)
    if isinstance(call, bool) or not isinstance(call, int | np.integer):
        raise UserError(f"call must be a whole number or None; received {quoted(repr(call))}")
    if not -len(calls) <= call < len(calls):
        raise UserError(f"layer {name} is called {len(calls)} time{'s' * (len(calls) > 1)}; received call={call}")
    return calls[call]


def _joined(calls: list[Heard]) -> Heard:
    heads = max(len(each.allowed) for each in calls)
    allowed = [np.broadcast_to(each.allowed, (heads, *each.allowed.shape[1:])) for each in calls]
    return Heard(np.concatenate([each.weights for each in calls], axis=1), calls[0].dtype,
                 np.concatenate(allowed, axis=1), np.any([each.reads for each in calls], axis=0),
                 np.concatenate([each.asks for each in calls]), np.concatenate([each.query for each in calls]),
                 calls[0].value, max(each.missed for each in calls), any(each.random for each in calls))


def _check_heard(heard: Heard, where: str) -> None:
    """Refuse weights that are no shares, that go to what is masked, or that the model did not use."""
    half = heard.dtype in HALVES
    rows = heard.asks & heard.sees
    if not rows.any():
        return
    try:
        check_shares(np.where(rows[:, np.newaxis], heard.weights, 1 / heard.weights.shape[-1]),
                     HALF_SUMS if half else ROUNDING)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
    hidden = ~np.broadcast_to(heard.allowed, heard.weights.shape) & rows[:, np.newaxis]
    if heard.weights[hidden].any():
        head, row, column = np.argwhere(hidden & (heard.weights != 0))[0].tolist()
        raise UserError(f"{where} gives the weight {heard.weights[head, row, column]:.3g} in row {row} of head {head} "
                        f"to position {column}, which its mask hides")
    if heard.missed > (HALVES_APART if half else APART) and not heard.random:
        raise UserError(f"{where} puts out something else when it is asked for its weights (off by {heard.missed:.2g} "
                        "of the largest output), so these are not the weights that the model used")


def _axes(heard: Heard, example: Example, listen: Callable[[Example], Heard]) -> tuple[Axis, Axis]:
    """Say which input stands along the source's axis and the target's: by length, else by what changes with the target.
    """
    source, target = example.source_array, example.target_array
    rows, columns = heard.weights.shape[1:]
    both = target is not None and len(source) == len(target)
    other = example.with_another_target() if both and len(source) in (rows, columns) else None
    again = None if other is None else listen(other)

    def axis(name: str, length: int, before: np.ndarray, after: np.ndarray | None, otherwise: np.ndarray) -> Axis:
        fitting = [array for array in (source, target) if array is not None and len(array) == length]
        if len(fitting) < 2:
            return Axis(name, length, fitting[0] if fitting else None)
        if after is None:
            return Axis(name, length, otherwise)
        same = np.allclose(before, after, rtol=1e-3, atol=1e-5 * np.abs(before).max())  # but for the order of sums
        return Axis(name, length, source if same else target)

    otherwise = source if target is None else target
    return (axis("source", columns, heard.value, None if again is None else again.value, source),
            axis("target", rows, heard.query, None if again is None else again.query, otherwise))


def _left_out(heard: Heard, across: Axis, down: Axis, sees: np.ndarray, columns: np.ndarray,
              rows: np.ndarray) -> list[str]:
    """Say which positions are masked, and what became of them."""
    remarks = []
    if not columns.all():
        remarks.append(f"left out: {(~columns).sum()} of {across.length} columns, masked and of weight 0")
    if not (rows | ~sees).all():
        remarks.append(f"left out: {(~rows & sees).sum()} of {down.length} rows, asking from masked positions")
    blind = np.flatnonzero(heard.asks & ~sees).tolist()
    if blind:
        shown = ", ".join(map(str, blind[:5])) + (" …" if len(blind) > 5 else "")
        remarks.append(f"left out: {len(blind)} of {down.length} rows with nothing to attend to, since masks hide "
                       f"every position from them ({shown}, from 0)")
    return remarks


def _unmasked(model: keras.Model, heard: Heard, across: Axis, weights: np.ndarray, pad: int | None) -> list[str]:
    """Say how much weight goes to padding that no mask hides from the layer."""
    if pad is None and any(getattr(each, "mask_zero", False) for each in model._flatten_layers()):
        pad = 0
    if pad is None or across.array is None or across.array.ndim > 1:
        return []
    padding = (across.array == pad) & heard.reads
    if not padding.any():
        return []
    share = float(weights[:, :, padding].sum(axis=-1).mean())
    return [f"padding that no mask hides from the layer (id {pad}, {padding.sum()} of {across.length} columns) gets "
            f"{share:.1%} of the weight"]
