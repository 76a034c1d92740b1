"""LSTM and CuDNNLSTM in the layouts of Keras 1 and 2."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.model.legacy.activations import ACTIVATIONS, for_keras
from probe.model.legacy.layer import Arrays, Flow, Layer, Shape, named_weights
from probe.model.legacy.recurrence import WEIGHTS, Recurrent, Step, unrolled

# Twelve arrays, kernel, recurrent kernel and bias of each gate, in this order: Keras 1.
KERAS_1_ORDER, ORDER = "icfo", "ifco"

# (x (B, D), h (B, U)) → what enters the activations of the gates i, f, c, o, each (B, U).
Gates = Callable[[np.ndarray, np.ndarray], list[np.ndarray]]


@dataclass(frozen=True)
class LSTM(Recurrent):
    """A long short-term memory layer (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    Its arrays are three, with gates in the order i, f, c, o; two without a bias; or Keras 1's twelve.
    """

    kind = "LSTM"

    units: int
    activation: str = "tanh"
    recurrent_activation: str = "hard_sigmoid"
    use_bias: bool = True
    return_sequences: bool = False
    go_backwards: bool = False
    stateful: bool = False
    zero_output_for_mask: bool = False

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        units = self.units
        if len(arrays) == 12:
            width = arrays[0].shape[0] if arrays[0].ndim else None
            return ((width, units), (units, units), (units,)) * (4 if self.use_bias else 0)
        return ((None, 4 * units), (units, 4 * units), (4 * units,))[:3 if self.use_bias else 2]

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        return unrolled(self, inputs[0], stepping(self.gates(arrays), self.activation, self.recurrent_activation),
                        arrays[0].shape[0], states=2)

    def gates(self, arrays: Arrays) -> Gates:
        """Return the products of one step, in float64, from the file's arrays."""
        if len(arrays) == 12:
            of_gate = {gate: arrays[3 * place:3 * place + 3] for place, gate in enumerate(KERAS_1_ORDER)}
        else:
            parts = [np.split(array, 4, axis=-1) for array in arrays]
            of_gate = {gate: [part[place] for part in parts] for place, gate in enumerate(ORDER)}
        weights = [[array.astype(np.float64) for array in of_gate[gate]] for gate in ORDER]
        return lambda x, h: [x @ kernel + h @ recurrent + (bias[0] if bias else 0)
                             for kernel, recurrent, *bias in weights]

    def relaid(self, arrays: Arrays) -> tuple[Layer, dict[str, np.ndarray]]:
        if len(arrays) == 12:
            places = [KERAS_1_ORDER.index(gate) for gate in ORDER]
            arrays = [np.concatenate([arrays[3 * place + part] for place in places], axis=-1) for part in range(3)]
        return self, named_weights(WEIGHTS, arrays)

    def relaying(self, arrays: Arrays) -> str:
        return "gates of Keras 1 put in today's order" if len(arrays) == 12 else ""

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.LSTM(
            self.units, activation=for_keras(self.activation),
            recurrent_activation=for_keras(self.recurrent_activation), use_bias=self.use_bias,
            return_sequences=self.return_sequences, go_backwards=self.go_backwards,
            zero_output_for_mask=self.zero_output_for_mask, use_cudnn=False, name=self.name)


@dataclass(frozen=True)
class CuDNNLSTM(Recurrent):
    """The LSTM that ran on a GPU alone: cuDNN's parameters as they are, matrices row by row, two biases a gate."""

    kind = "CuDNNLSTM"

    units: int
    return_sequences: bool = False
    go_backwards: bool = False
    stateful: bool = False

    @property
    def as_lstm(self) -> LSTM:
        """The LSTM that computes the same."""
        return LSTM(self.name, self.units, "tanh", "sigmoid", return_sequences=self.return_sequences,
                    go_backwards=self.go_backwards, stateful=self.stateful)

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        # A file that Keras itself converted holds the arrays of an LSTM.
        biases = 4 if self._is_converted(arrays) else 8
        return (None, 4 * self.units), (self.units, 4 * self.units), (biases * self.units,)

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        if inputs[0].mask is not None:
            raise self.refusal("receives a mask, which Keras 2 never let it have")
        if self._is_converted(arrays):
            return self.as_lstm.forward(inputs, arrays)
        return unrolled(self, inputs[0], stepping(self.gates(arrays), "tanh", "sigmoid"), arrays[0].shape[0], states=2)

    def gates(self, arrays: Arrays) -> Gates:
        """Return the products of one step as cuDNN defines them: W x + b_W + R h + b_R, W (U, D) and R (U, U)."""
        kernels, recurrents, biases = (array.astype(np.float64) for array in arrays)
        units, size = self.units, kernels.shape[0]
        blocks = [slice(gate * units, (gate + 1) * units) for gate in range(4)]
        # Rows that follow one another: products with blocks of wide rows take ten times as long.
        of_gate = [(np.ascontiguousarray(kernels[:, block]).reshape(units, size),
                    np.ascontiguousarray(recurrents[:, block]), biases[:4 * units][block], biases[4 * units:][block])
                   for block in blocks]
        return lambda x, h: [x @ w.T + bw + h @ r.T + br for w, r, bw, br in of_gate]

    def relaid(self, arrays: Arrays) -> tuple[Layer, dict[str, np.ndarray]]:
        if self._is_converted(arrays):
            return self.as_lstm.relaid(arrays)
        kernels, recurrents, biases = arrays
        size = kernels.shape[0]
        kernel = np.hstack([block.reshape(self.units, size).T for block in np.hsplit(kernels, 4)])
        recurrent = np.hstack([block.T for block in np.hsplit(recurrents, 4)])
        bias = biases.reshape(2, -1).astype(np.float64).sum(axis=0)
        return self.as_lstm, named_weights(WEIGHTS, (kernel, recurrent, bias))

    def relaying(self, arrays: Arrays) -> str:
        return "" if self._is_converted(arrays) else "cuDNN's matrices transposed gate by gate, two biases summed"

    def keras_layer(self) -> Any:
        raise NotImplementedError("Keras 3 has no CuDNNLSTM: build what relaid() returns")

    def _is_converted(self, arrays: Arrays) -> bool:
        return len(arrays) == 3 and arrays[2].shape == (4 * self.units,)


def stepping(gates: Gates, activation: str, recurrent_activation: str) -> Step:
    """Return one step of the equations, (x, (h, c)) → (h, c), from the products that enter the gates."""
    tanh, sigmoid = ACTIVATIONS[activation], ACTIVATIONS[recurrent_activation]

    def step(x: np.ndarray, states: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        h, c = states
        i, f, g, o = gates(x, h)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    return step
