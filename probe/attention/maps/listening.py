"""What an attention layer attends to while its model reads: heard inside the model's own forward pass.

The layer is called by the model, with the tensors and masks that the model hands it, and is asked for its weights
beside; so nested models, shared layers and models with a ``call`` of their own need no taking apart, and no mask is
lost on the way.
"""

import inspect
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.model.engine import keras, tf

# A layer is changed while it is listened to, and functions run step by step: for one example at a time.
_ALONE = threading.RLock()
# Shares of a half: bits of the mantissa are few, and sums of weights miss one by more.
HALVES = ("float16", "bfloat16")


@dataclass(frozen=True, eq=False)
class Heard:
    """One call of an attention layer.

    Attributes:
        weights: (H, T, S) float64, as the layer computed them in its own dtype, without dropout.
        dtype: of the layer's weights.
        allowed: (1 or H, T, S) bool, where the masks let it look; those of pads, causal, windows and the user's own.
        reads: (S,) bool, positions that no mask hides from all rows, whatever causal masks and windows do.
        asks: (T,) bool, rows whose output is not masked.
        query, value: (T, D) and (S, D'), what asks and what is read.
        missed: the greatest difference between the output that goes with the weights and the one that the model went
            on with, as a share of the largest output; over rows that ask and can see something.
        random: whether the model calls the layer for training, with dropout on the weights.
    """

    weights: np.ndarray
    dtype: str
    allowed: np.ndarray
    reads: np.ndarray
    asks: np.ndarray
    query: np.ndarray
    value: np.ndarray
    missed: float
    random: bool

    @property
    def sees(self) -> np.ndarray:
        """(T,) bool, rows from which no head has every position hidden."""
        return np.asarray(self.allowed.any(axis=-1).all(axis=0))


@contextmanager
def listening(layer: Any, name: str) -> Iterator[list[Heard]]:
    """Collect what a layer attends to at each call in the ``with`` block, which must run in this thread.

    While it lasts, the layer's ``call`` is one that asks for the weights first and then computes what it would have
    computed; functions of TensorFlow run step by step, and no variable of Keras keeps what is assigned to it. The list
    is filled when the block is left.

    Raises:
        UserError: when the block is left, if the layer gave no weights, or such as no map can be made of.
    """
    heard: list[Heard] = []
    calls: list[_Call | None] = []
    with _ALONE:
        own, eagerly = vars(layer).get("call"), tf.config.functions_run_eagerly()
        vars(layer)["call"] = _listening(layer.call, layer, calls)
        try:
            tf.config.run_functions_eagerly(True)
            with keras.StatelessScope():
                yield heard
        finally:
            tf.config.run_functions_eagerly(eagerly)
            if own is None:
                del vars(layer)["call"]
            else:
                vars(layer)["call"] = own
    # Not in the layer's call, where Keras would wrap a refusal in a message of its own.
    heard += [_heard(name, layer, each) for each in calls]


@dataclass(frozen=True, eq=False)
class _Call:
    """What a layer was given and put out: tensors, as they were then."""

    given: Mapping[str, Any]
    masks: Mapping[str, Any]
    scored: Any
    output: Any


def _listening(call: Callable[..., Any], layer: Any, calls: "list[_Call | None]") -> Callable[..., Any]:
    thread, signature = threading.get_ident(), inspect.signature(call)

    @wraps(call)
    def listened(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != thread:
            return call(*args, **kwargs)
        if not tf.executing_eagerly():
            calls.append(None)
            return call(*args, **kwargs)
        given = signature.bind(*args, **kwargs).arguments
        hung = [(each, each._keras_mask) for each in keras.tree.flatten((args, kwargs)) if hasattr(each, "_keras_mask")]
        masks = _masks(layer, given)
        with warnings.catch_warnings(action="ignore"):  # the model's own call gives the same ones
            scored = call(*args, **{**kwargs, "return_attention_scores": True, "training": False})
        for tensor, mask in hung:  # MultiHeadAttention takes the masks off what it reads
            tensor._keras_mask = mask
        output = call(*args, **kwargs)
        calls.append(_Call(given, masks, scored, output[0] if isinstance(output, tuple) else output))
        return output

    return listened


def _masks(layer: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The masks of a call by what they hide, before the layer takes them off."""
    if isinstance(layer, keras.layers.Attention):
        mask = list(given.get("mask") or ()) + [None, None]
        return {"query": mask[0], "value": mask[1]}
    query = given.get("query_mask")
    if isinstance(layer, keras.layers.MultiHeadAttention):  # heeds what hangs on the query, not the argument
        query = getattr(given["query"], "_keras_mask", None)
    return {"query": query, "value": given.get("value_mask"), "key": given.get("key_mask"),
            "attention": given.get("attention_mask")}


def _heard(name: str, layer: Any, call: _Call | None) -> Heard:
    if call is None:
        raise UserError(f"layer {name} is called inside a compiled function that cannot be run step by step, such as "
                        "those of vectorized_map, so its weights are nowhere to be had")
    given, masks, scored = call.given, call.masks, call.scored
    if not isinstance(scored, tuple) or len(scored) != 2 or scored[1] is None:
        raise UserError(f"layer {name}, a {type(layer).__name__}, returns no weights when it is asked for them")
    inputs = given["inputs"] if "inputs" in given else [given["query"], given["value"]]
    weights = keras.ops.convert_to_numpy(scored[1])
    single = isinstance(layer, keras.layers.Attention)  # whose only head takes the place of the batch
    if weights.ndim != (3 if single else 4):
        raise UserError(f"layer {name} attends over {_axes(layer)} of queries of shape {tuple(inputs[0].shape)}; "
                        "accepted is attention over one axis, of queries of shape (batch, T, D)")
    if len(weights) != 1:
        raise UserError(f"layer {name} sees a batch of {len(weights)} where one example was given, so a map cannot be "
                        "told from another; accepted is a layer that reads an example as it stands")
    found = (weights if single else weights[0]).astype(np.float64)
    _, rows, columns = found.shape
    reads, asks = np.ones(columns, bool), np.ones(rows, bool)
    for place in ("value", "key"):
        if masks.get(place) is not None:
            reads &= _array(masks[place])[0].astype(bool)
    if masks["query"] is not None:
        asks = _array(masks["query"])[0].astype(bool)
    allowed = np.broadcast_to(reads, (1, rows, columns))
    if masks.get("attention") is not None:
        allowed = allowed & _broadcast(_array(masks["attention"]), found.shape)
        reads = allowed[:, asks].any(axis=(0, 1)) if asks.any() else reads
    allowed = allowed & _near(layer, given, rows, columns)
    sees = asks & allowed.any(axis=-1).all(axis=0)
    ours, theirs = (_array(each)[0].astype(np.float64)[sees] for each in (scored[0], call.output))
    missed = np.abs(ours - theirs).max(initial=0.0) / max(np.abs(theirs).max(initial=0.0), np.finfo(np.float32).tiny)
    return Heard(found, str(scored[1].dtype.name), allowed, reads, asks, _array(inputs[0])[0], _array(inputs[1])[0],
                 float(missed), bool(given.get("training")) and _dropout(layer) > 0)


def _broadcast(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A mask of a call, (T, S), (1, T, S) or (1, H, T, S) or with ones in their place, as (H, T, S) bool."""
    whole = mask[:, np.newaxis] if mask.ndim == 3 else mask
    return np.broadcast_to(whole.astype(bool), (1, *shape))[0]


def _near(layer: Any, given: Mapping[str, Any], rows: int, columns: int) -> np.ndarray:
    """Where causal masks and windows let a layer look, (T, S) bool."""
    behind = np.arange(rows)[:, np.newaxis] - np.arange(columns)
    near = np.ones((rows, columns), bool)
    if given.get("use_causal_mask"):
        near &= behind >= 0
    window = getattr(layer, "_sliding_window", None) or getattr(layer, "sliding_window", None)
    return near if window is None else near & (np.abs(behind) < window)


def _axes(layer: Any) -> str:
    axes = getattr(layer, "_attention_axes", None)
    return "the last axes but one" if axes is None else f"axes {', '.join(map(str, axes))}"


def _dropout(layer: Any) -> float:
    return float(getattr(layer, "dropout", 0) or 0)


def _array(tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))
