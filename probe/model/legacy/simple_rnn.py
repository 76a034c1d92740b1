"""The fully connected recurrent layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.model.legacy.activations import ACTIVATIONS, for_keras
from probe.model.legacy.layer import Arrays, Flow, Shape
from probe.model.legacy.recurrence import Recurrent, unrolled


@dataclass(frozen=True)
class SimpleRNN(Recurrent):
    """h = activation(x W + h R + b) (Elman 1990)."""

    kind = "SimpleRNN"

    units: int
    activation: str = "tanh"
    use_bias: bool = True
    return_sequences: bool = False
    go_backwards: bool = False
    stateful: bool = False
    zero_output_for_mask: bool = False

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((None, self.units), (self.units, self.units), (self.units,))[:3 if self.use_bias else 2]

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        kernel, recurrent, *bias = (array.astype(np.float64) for array in arrays)
        activation, shift = ACTIVATIONS[self.activation], bias[0] if bias else 0.0

        def step(x: np.ndarray, states: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
            return (activation(x @ kernel + states[0] @ recurrent + shift),)

        return unrolled(self, inputs[0], step, kernel.shape[0], states=1)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.SimpleRNN(
            self.units, activation=for_keras(self.activation), use_bias=self.use_bias,
            return_sequences=self.return_sequences, go_backwards=self.go_backwards,
            zero_output_for_mask=self.zero_output_for_mask, name=self.name)
