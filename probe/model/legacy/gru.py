"""Gated recurrent units in Keras' layout."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.model.legacy.activations import ACTIVATIONS, for_keras
from probe.model.legacy.layer import Arrays, Flow, Shape
from probe.model.legacy.recurrence import Recurrent, Step, unrolled


@dataclass(frozen=True)
class GRU(Recurrent):
    """A gated recurrent unit (Cho et al. 2014), with gates in the order z, r, candidate.

    ``reset_after`` is cuDNN's variant, which resets the product with the former state rather than the state itself and
    has two biases, (2, 3U): Keras 2's default is False, that of tf.keras 2 and Keras 3 is True.
    """

    kind = "GRU"

    units: int
    activation: str = "tanh"
    recurrent_activation: str = "hard_sigmoid"
    use_bias: bool = True
    return_sequences: bool = False
    go_backwards: bool = False
    stateful: bool = False
    zero_output_for_mask: bool = False
    reset_after: bool = False

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        width = 3 * self.units
        bias: Shape = (2, width) if self.reset_after else (width,)
        return ((None, width), (self.units, width), bias)[:3 if self.use_bias else 2]

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        return unrolled(self, inputs[0], self.step(arrays), arrays[0].shape[0], states=1)

    def step(self, arrays: Arrays) -> Step:
        """Return one step of the equations, in float64, from the file's arrays."""
        kernel, recurrent, *bias = (array.astype(np.float64) for array in arrays)
        biases = np.zeros((2, 3 * self.units))
        if bias:
            biases[:len(np.atleast_2d(bias[0]))] = bias[0]
        tanh, sigmoid = ACTIVATIONS[self.activation], ACTIVATIONS[self.recurrent_activation]
        gated = 2 * self.units

        def step(x: np.ndarray, states: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
            h = states[0]
            from_x, from_h = x @ kernel + biases[0], h @ recurrent[:, :gated] + biases[1, :gated]
            z, r = np.split(sigmoid(from_x[:, :gated] + from_h), 2, axis=-1)
            if self.reset_after:
                candidate = tanh(from_x[:, gated:] + r * (h @ recurrent[:, gated:] + biases[1, gated:]))
            else:
                candidate = tanh(from_x[:, gated:] + (r * h) @ recurrent[:, gated:])
            return (z * h + (1 - z) * candidate,)

        return step

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.GRU(
            self.units, activation=for_keras(self.activation),
            recurrent_activation=for_keras(self.recurrent_activation), use_bias=self.use_bias,
            return_sequences=self.return_sequences, go_backwards=self.go_backwards,
            zero_output_for_mask=self.zero_output_for_mask, reset_after=self.reset_after, use_cudnn=False,
            name=self.name)
