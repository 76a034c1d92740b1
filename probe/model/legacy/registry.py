"""The layers that can be imported, by the names of their Keras classes. Everything else is refused by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from probe.errors import UserError
from probe.model.legacy.bidirectional import Bidirectional
from probe.model.legacy.config import Config, described_parts
from probe.model.legacy.convolution import Conv1D
from probe.model.legacy.dense import Activation, Dense
from probe.model.legacy.embedding import Embedding, Masking
from probe.model.legacy.flatten import Flatten
from probe.model.legacy.gru import GRU
from probe.model.legacy.input_layer import InputLayer
from probe.model.legacy.layer import Layer
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.merging import Add, Average, Concatenate, Multiply
from probe.model.legacy.normalisation import BatchNormalization, LayerNormalization
from probe.model.legacy.pooling import AveragePooling1D, GlobalAveragePooling1D, GlobalMaxPooling1D, MaxPooling1D
from probe.model.legacy.simple_rnn import SimpleRNN
from probe.model.legacy.training_only import TRAINING_ONLY

CLASSES: tuple[type[Layer], ...] = (
    InputLayer, Embedding, Masking, LSTM, CuDNNLSTM, GRU, SimpleRNN, Bidirectional, Conv1D, MaxPooling1D,
    AveragePooling1D, GlobalMaxPooling1D, GlobalAveragePooling1D, Flatten, Dense, Activation, BatchNormalization,
    LayerNormalization, *TRAINING_ONLY, Concatenate, Add, Multiply, Average)
LAYERS = {layer.kind: layer for layer in CLASSES}
WRAPPED = ("Dense", "Activation", "Dropout")
REASONS = {
    "Lambda": "holds code, which is never run",
    "Sequential": "a network inside a network is not supported",
    "Model": "a network inside a network is not supported",
    "Functional": "a network inside a network is not supported",
}


def layer_of(description: Any, *, zeroes_masked_steps: bool) -> Layer:
    """Return the layer that an entry of ``layers`` in a Keras configuration describes.

    Args:
        description: with ``class_name`` and ``config``.
        zeroes_masked_steps: whether the Keras that wrote it puts zeros at masked steps inside Bidirectional.

    Raises:
        UserError: Lambda, an unknown class, or a setting that is not supported; the message names the layer.
    """
    kind, values = described_parts(description)
    if kind != "TimeDistributed":
        return _made(kind, values, zeroes_masked_steps)
    config = Config(kind, values)
    inner_kind, inner_values = described_parts(config.layer("layer"))
    config.finish()
    if inner_kind not in WRAPPED:
        config.refuse(f"holds a {inner_kind:.80}; accepted are {', '.join(WRAPPED)}")
    return replace(_made(inner_kind, inner_values, zeroes_masked_steps), name=config.name)


def _made(kind: str, values: Mapping[str, Any], zeroes_masked_steps: bool) -> Layer:
    if kind not in LAYERS:
        accepted = f"accepted are {', '.join(LAYERS)} and TimeDistributed around {' or '.join(WRAPPED)}"
        reason = REASONS.get(kind, accepted)
        raise UserError(f"layer {values.get('name')!s:.80} ({kind:.80}): is refused: {reason}")
    return LAYERS[kind].of(Config(kind, values, zeroes_masked_steps=zeroes_masked_steps))
