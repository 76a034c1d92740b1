"""Bidirectional: one recurrent layer reads from the beginning, one from the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from probe.model.legacy.config import Config, described_parts
from probe.model.legacy.gru import GRU
from probe.model.legacy.layer import Arrays, Flow, Layer, Shape, described
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.recurrence import WEIGHTS, Recurrent
from probe.model.legacy.simple_rnn import SimpleRNN

KINDS: dict[str, type[Recurrent]] = {each.kind: each for each in (LSTM, CuDNNLSTM, GRU, SimpleRNN)}
MERGES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "concat": lambda one, other: np.concatenate([one, other], axis=-1),
    "sum": np.add,
    "mul": np.multiply,
    "ave": lambda one, other: (one + other) / 2,
}


@dataclass(frozen=True)
class Bidirectional(Layer):
    """Two copies of a recurrent layer; the first half of the arrays belongs to the one that reads forwards."""

    kind = "Bidirectional"

    layer: Recurrent
    merge_mode: str = "concat"

    @classmethod
    def of(cls, config: Config) -> Self:
        inner = _inner(config, "layer")
        if config.zeroes_masked_steps:
            inner = _zeroing(inner, inner.return_sequences)
        if config.given("backward_layer"):
            other = _inner(config, "backward_layer", "go_backwards")
            same = other.but(name=inner.name, go_backwards=False)
            if _zeroing(same, inner.zero_output_for_mask) != inner:
                config.refuse("its backward_layer has other settings than its layer")
        config.only("backward_layer", None)
        layer = cls(config.name, inner, config.choice("merge_mode", tuple(MERGES), "none"))
        config.finish()
        return layer

    def settings(self) -> dict[str, Any]:
        return {"name": self.name, "layer": described(self.layer), "merge_mode": self.merge_mode}

    @property
    def weight_names(self) -> tuple[str, ...]:
        return tuple(f"{way}_{name}" for way in ("forward", "backward") for name in self.layer.weight_names)

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return self.layer.accepted_shapes(_half(arrays, 0)) * 2

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        one = self.layer.forward(inputs, _half(arrays, 0))
        other = self.layer.but(go_backwards=True).forward(inputs, _half(arrays, 1)).values
        if self.layer.return_sequences:
            other = other[:, ::-1]
        return Flow(MERGES[self.merge_mode](one.values, other), one.mask)

    def relaid(self, arrays: Arrays) -> tuple[Layer, dict[str, np.ndarray]]:
        inner = self.layer.as_lstm if isinstance(self.layer, CuDNNLSTM) else self.layer
        one, other = (self.layer.relaid(_half(arrays, number))[1] for number in (0, 1))
        weights = {f"{way}_{name}": half[name] for way, half in (("forward", one), ("backward", other))
                   for name in WEIGHTS if name in half}
        return replace(self, layer=inner), weights

    def relaying(self, arrays: Arrays) -> str:
        return self.layer.relaying(_half(arrays, 0))

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        built = keras.layers.Bidirectional(self.layer.keras_layer(), merge_mode=self.merge_mode, name=self.name)
        for half in (built.forward_layer, built.backward_layer):
            half.use_cudnn = False  # not part of a layer's config, from which the halves are made
            half.zero_output_for_mask = self.layer.zero_output_for_mask
        return built


def _inner(config: Config, key: str, *allowed: str) -> Recurrent:
    kind, values = described_parts(config.layer(key))
    if kind not in KINDS:
        config.refuse(f"its {key} is a {kind!r:.80}; accepted are {', '.join(KINDS)}")
    inner = KINDS[kind].of(Config(kind, values, zeroes_masked_steps=config.zeroes_masked_steps))
    if inner.go_backwards and "go_backwards" not in allowed:
        config.refuse("go_backwards=True inside Bidirectional is not supported")
    return inner


def _zeroing(layer: Recurrent, zeroes: bool) -> Recurrent:
    """The layer with zeros at masked steps, or without; a CuDNNLSTM takes no mask at all."""
    return layer if isinstance(layer, CuDNNLSTM) else layer.but(zero_output_for_mask=zeroes)


def _half(arrays: Arrays, number: int) -> Arrays:
    middle = len(arrays) // 2
    return arrays[middle:] if number else arrays[:middle]
