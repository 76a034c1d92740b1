"""The layers that can be imported, by the names of their Keras classes. Everything else is refused by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from probe.errors import UserError
from probe.model.legacy.bidirectional import Bidirectional
from probe.model.legacy.config import Config
from probe.model.legacy.convolution import Conv1D
from probe.model.legacy.dense import Activation, Dense
from probe.model.legacy.embedding import Embedding, Masking
from probe.model.legacy.layer import Layer
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.merging import Add, Average, Concatenate, Multiply
from probe.model.legacy.normalisation import BatchNormalization
from probe.model.legacy.plain import (
    ActivityRegularization,
    Dropout,
    Flatten,
    GaussianDropout,
    GaussianNoise,
    InputLayer,
    SpatialDropout1D,
)
from probe.model.legacy.pooling import AveragePooling1D, GlobalAveragePooling1D, GlobalMaxPooling1D, MaxPooling1D

LAYERS: dict[str, type[Layer]] = {layer.kind: layer for layer in (
    InputLayer, Embedding, Masking, LSTM, CuDNNLSTM, Bidirectional, Conv1D, MaxPooling1D, AveragePooling1D,
    GlobalMaxPooling1D, GlobalAveragePooling1D, Flatten, Dense, Activation, BatchNormalization, Dropout,
    SpatialDropout1D, GaussianNoise, GaussianDropout, ActivityRegularization, Concatenate, Add, Multiply, Average)}
WRAPPED = ("Dense", "Activation", "Dropout")
REASONS = {
    "Lambda": "holds code, which is never run",
    "Sequential": "a network inside a network is not supported",
    "Model": "a network inside a network is not supported",
    "Functional": "a network inside a network is not supported",
}


def layer_of(description: Any, *, by_tensorflow: bool) -> Layer:
    """Return the layer that an entry of ``layers`` in a Keras configuration describes.

    Args:
        description: with ``class_name`` and ``config``.
        by_tensorflow: whether tf.keras wrote it, rather than Keras of its own.

    Raises:
        UserError: Lambda, an unknown class, or a setting that is not supported; the message names the layer.
    """
    kind, values = _parts(description)
    if kind != "TimeDistributed":
        return _made(kind, values, by_tensorflow)
    config = Config(kind, values, by_tensorflow=by_tensorflow)
    inner_kind, inner_values = _parts(config.layer("layer"))
    config.finish()
    if inner_kind not in WRAPPED:
        config.refuse(f"holds a {inner_kind:.80}; accepted are {', '.join(WRAPPED)}")
    return replace(_made(inner_kind, inner_values, by_tensorflow), name=config.name)


def _parts(description: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(description, Mapping):
        raise UserError(f"not a layer of a Keras configuration: {description!r:.80}")
    kind, values = description.get("class_name"), description.get("config")
    if not isinstance(kind, str) or not isinstance(values, Mapping):
        raise UserError(f"a layer must have a class_name and a config; received {sorted(description)!r:.80}")
    registered = description.get("registered_name")
    if registered not in (None, kind):
        raise UserError(f"layer {values.get('name')} ({registered!r:.80}): a class of somebody's own is refused")
    return kind, values


def _made(kind: str, values: Mapping[str, Any], by_tensorflow: bool) -> Layer:
    if kind not in LAYERS:
        accepted = f"accepted are {', '.join(LAYERS)} and TimeDistributed around {' or '.join(WRAPPED)}"
        reason = REASONS.get(kind, accepted)
        raise UserError(f"layer {values.get('name')} ({kind:.80}): is refused: {reason}")
    return LAYERS[kind].of(Config(kind, values, by_tensorflow=by_tensorflow))
