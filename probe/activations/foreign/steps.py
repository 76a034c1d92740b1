"""What each layer makes of a stretch of text, and what it carries over to the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from probe.activations.signal import OUTPUT, SIGNALS
from probe.model.engine import CORES, keras, tf
from probe.model.graph import Compiled, Place
from probe.model.kernels.signals import SignalReader, signal_reader

L = keras.layers
# Layers whose row t comes from row t of what they read. Exact classes: somebody's own class may do anything.
POINTWISE = (L.Dense, L.Embedding, L.Activation, L.Dropout, L.SpatialDropout1D, L.GaussianNoise, L.GaussianDropout,
             L.ActivityRegularization, L.Identity, L.ReLU, L.LeakyReLU, L.ELU, L.Rescaling, L.Add, L.Subtract,
             L.Multiply, L.Average, L.Maximum, L.Minimum, L.TimeDistributed, L.Masking)
ALONG_AXIS = (L.Concatenate, L.LayerNormalization, L.BatchNormalization, L.Softmax)
RECURRENT = {L.LSTM: SIGNALS, L.GRU: SIGNALS[:1], L.SimpleRNN: SIGNALS[:1]}
MERGES: dict[str, Callable[[tf.Tensor, tf.Tensor], tf.Tensor]] = {
    "concat": lambda one, other: tf.concat([one, other], axis=-1), "sum": lambda one, other: one + other,
    "mul": lambda one, other: one * other, "ave": lambda one, other: (one + other) / 2}

# An array of numpy or of TensorFlow.
Array = Any
States = Sequence[Array]
# (outputs as Keras orders them, what is recorded by suffix of the layer's name and signal, (B, T, U), states)
Read = tuple[list[Array], dict[tuple[str, str], Array], list[Array]]


class Step(Protocol):
    """One layer, read stretch by stretch."""

    @property
    def against_streaming(self) -> str:
        """Why a text without end cannot be read by it; empty if it can."""

    @property
    def padded(self) -> bool:
        """Whether what is appended to a text changes nothing of the rows in front of it."""

    @property
    def signals(self) -> tuple[tuple[str, str], ...]:
        """What can be recorded: suffix of the layer's name, signal."""

    def initial(self, batch: int) -> list[Array]:
        """Return the states at the beginning of a text."""

    def read(self, args: Any, kwargs: Any, states: States, lengths: np.ndarray, wanted: Sequence[str]) -> Read:
        """Read a stretch.

        Args:
            args, kwargs: what the layer is called with.
            states: as it left them.
            lengths: (B,) int32, the rows of each text that are no padding.
            wanted: the signals to record.
        """


@dataclass(frozen=True, eq=False)
class Recurrence:
    """An LSTM, GRU or SimpleRNN.

    Attributes:
        layer: Keras' layer.
        kernel, precision: what computes an LSTM.
        compiled: what reads with another layer than an LSTM, by its name and the parts into which texts are divided.
    """

    layer: Any
    kernel: str = "auto"
    precision: str = "float32"
    compiled: Compiled = field(default_factory=dict)

    @property
    def against_streaming(self) -> str:
        return "reads the text from its end" if self.layer.go_backwards else ""

    @property
    def padded(self) -> bool:
        return not self.layer.go_backwards

    @property
    def signals(self) -> tuple[tuple[str, str], ...]:
        return tuple(("", signal) for signal in RECURRENT[type(self.layer)])

    def initial(self, batch: int) -> list[Array]:
        zero = np.zeros((batch, self.layer.units), np.float32)
        return [zero, zero] if isinstance(self.layer, L.LSTM) else [zero]

    def read(self, args: Any, kwargs: Any, states: States, lengths: np.ndarray, wanted: Sequence[str]) -> Read:
        backwards = self.layer.go_backwards
        found, after = self.signals_of(turned(args[0], lengths) if backwards else args[0], states, wanted)
        hidden = found["hidden"]
        outputs = [hidden if self.layer.return_sequences else hidden[:, -1]]
        outputs += after if self.layer.return_state else []
        return outputs, {("", name): turned(found[name], lengths) if backwards else found[name] for name in wanted}, \
            after

    def signals_of(self, inputs: Array, states: States, wanted: Sequence[str]) -> tuple[dict[str, Array], list[Array]]:
        """Return signals (B, T, U), hidden among them, and the states after the last step.

        Args:
            inputs: (B, T, D) in the order of reading; of an LSTM also ids (B, T), which stand for one-hot vectors.
        """
        if not isinstance(self.layer, L.LSTM):
            return self._hidden(inputs, states)
        values = np.swapaxes(np.asarray(inputs), 0, 1)
        ids = values.ndim == 2
        names = tuple(name for name in SIGNALS if name == "hidden" or name in wanted)
        reader = self._of_ids if ids else self._of_vectors
        h, c = (np.asarray(state) for state in states)
        found, h, c = reader(values.astype(np.int32 if ids else np.float32, copy=False), h, c, names)
        return {name: np.swapaxes(found[name], 0, 1).astype(np.float32, copy=False) for name in names}, [h, c]

    @cached_property
    def _of_vectors(self) -> SignalReader:
        return signal_reader(self.layer, kernel=self.kernel, precision=self.precision)

    @cached_property
    def _of_ids(self) -> SignalReader:
        rows = np.asarray(self.layer.cell.kernel, np.float32)
        return signal_reader(self.layer, rows=rows, kernel=self.kernel, precision=self.precision)

    def _hidden(self, inputs: Array, states: States) -> tuple[dict[str, Array], list[Array]]:
        """As :meth:`signals_of`, by Keras' own cell."""
        key = (self.layer.name, min(CORES, len(inputs)))
        if key not in self.compiled:
            self.compiled[key] = self._reading(key[1])
        hidden, *after = self.compiled[key](*(np.asarray(each, np.float32) for each in (inputs, *states)))
        return {"hidden": hidden.numpy()}, [each.numpy() for each in after]

    def _reading(self, parts: int) -> Callable[..., list[tf.Tensor]]:
        """The same cell, which hands out every step and takes its state from outside; a part of the texts a core."""
        steps = L.RNN(self.layer.cell, return_sequences=True, return_state=True)

        def read(*given: tf.Tensor) -> list[tf.Tensor]:
            ends = tf.shape(given[0])[0] * tf.range(parts + 1) // parts
            divided = [tf.split(tf.cast(each, self.layer.compute_dtype), ends[1:] - ends[:-1], num=parts)
                       for each in given]
            read = [steps(x, initial_state=list(state)) for x, *state in zip(*divided, strict=True)]
            return [tf.concat(each, axis=0) for each in zip(*read, strict=True)]

        shapes = ((None, None, self.layer.cell.kernel.shape[0]), (None, self.layer.units))
        return tf.function(read, [tf.TensorSpec(shape) for shape in shapes], autograph=False)


@dataclass(frozen=True, eq=False)
class BothWays:
    """Bidirectional around two recurrent layers; see :class:`Recurrence`."""

    layer: Any
    kernel: str = "auto"
    precision: str = "float32"
    compiled: Compiled = field(default_factory=dict)

    @property
    def against_streaming(self) -> str:
        return "also reads the text from its end"

    @property
    def padded(self) -> bool:
        return bool(self.layer.return_sequences)

    @property
    def signals(self) -> tuple[tuple[str, str], ...]:
        return tuple((way, signal) for way, each in (("/forward", self.layer.forward_layer),
                                                     ("/backward", self.layer.backward_layer))
                     for signal in RECURRENT[type(each)])

    @cached_property
    def _ways(self) -> tuple[Recurrence, Recurrence]:
        forward, backward = (Recurrence(layer, self.kernel, self.precision, self.compiled)
                             for layer in (self.layer.forward_layer, self.layer.backward_layer))
        return forward, backward

    def initial(self, batch: int) -> list[Array]:
        return []

    def read(self, args: Any, kwargs: Any, states: States, lengths: np.ndarray, wanted: Sequence[str]) -> Read:
        forward, backward = self._ways
        batch = len(args[0])
        ahead, ahead_states = forward.signals_of(args[0], forward.initial(batch), wanted)
        back, back_states = backward.signals_of(turned(args[0], lengths), backward.initial(batch), wanted)
        back = {name: turned(values, lengths) for name, values in back.items()}
        one, other = ahead["hidden"], back["hidden"]
        if not self.layer.return_sequences:
            one, other = one[:, -1], other[:, 0]
        outputs = [MERGES[self.layer.merge_mode](one, other)] if self.layer.merge_mode else [one, other]
        outputs += [*ahead_states, *back_states] if self.layer.return_state else []
        recorded = {(way, name): found[name] for way, found in (("/forward", ahead), ("/backward", back))
                    for name in wanted if name in found}
        return outputs, recorded, []


@dataclass(frozen=True, eq=False)
class Convolution:
    """A Conv1D that sees nothing of what is to come: it carries over the last inputs that it reaches back to."""

    layer: Any

    against_streaming = ""
    padded = True
    signals = (("", OUTPUT),)

    @property
    def reach(self) -> int:
        """Steps before the present one that it sees."""
        return int((self.layer.kernel_size[0] - 1) * self.layer.dilation_rate[0])

    def initial(self, batch: int) -> list[Array]:
        width = self.layer.kernel.shape[1] * self.layer.groups
        return [tf.zeros((batch, self.reach, width), self.layer.compute_dtype)]

    def read(self, args: Any, kwargs: Any, states: States, lengths: np.ndarray, wanted: Sequence[str]) -> Read:
        layer = self.layer
        values = tf.concat([tf.cast(each, layer.compute_dtype) for each in (states[0], args[0])], axis=1)
        outputs = keras.ops.conv(values, layer.kernel, strides=1, padding="valid", dilation_rate=layer.dilation_rate)
        outputs = layer.activation(outputs + layer.bias if layer.use_bias else outputs)
        return [outputs], {("", OUTPUT): outputs}, [values[:, values.shape[1] - self.reach:]]


@dataclass(frozen=True, eq=False)
class Call:
    """Any other layer, called as Keras does.

    Attributes:
        layer: a Keras layer or operation.
        against_streaming: why it needs the whole of a text; empty if each row is computed from the same row alone.
    """

    layer: Any
    against_streaming: str

    signals = (("", OUTPUT),)

    @property
    def padded(self) -> bool:
        return not self.against_streaming

    def initial(self, batch: int) -> list[Array]:
        return []

    def read(self, args: Any, kwargs: Any, states: States, lengths: np.ndarray, wanted: Sequence[str]) -> Read:
        # A copy, because Keras hangs masks on tensors: no row of a text is masked.
        outputs = [tf.identity(each) for each in keras.tree.flatten(self.layer(*args, **kwargs))]
        return outputs, {("", OUTPUT): outputs[0]}, []


def turned(values: Array, lengths: np.ndarray) -> tf.Tensor:
    """Return the rows of each text (B, T, …) from its last to its first, and behind them its padding as it was."""
    return tf.reverse_sequence(values, tf.constant(lengths, tf.int32), 1)


def step_of(place: Place, kernel: str = "auto", precision: str = "float32") -> Step:
    """Return how ``place`` is read; LSTMs by ``kernel`` in ``precision``."""
    layer, kind = place.layer, type(place.layer)
    if place.reads_one_tensor:
        if kind in RECURRENT:
            return Recurrence(layer, kernel, precision, place.compiled)
        if kind is L.Bidirectional and type(layer.forward_layer) in RECURRENT and type(layer.backward_layer) in \
                RECURRENT and not layer.forward_layer.go_backwards:
            return BothWays(layer, kernel, precision, place.compiled)
        if kind is L.Conv1D and layer.strides == (1,) and layer.data_format == "channels_last" and (
                layer.padding == "causal" or layer.kernel_size == (1,)):
            return Convolution(layer)
        if kind is L.TimeDistributed and type(layer.layer) is L.Dense and \
                layer.layer.dtype_policy == layer.dtype_policy:
            return Call(layer.layer, "")  # which does the same at every step; Keras would call it once for each
    return Call(layer, _against_streaming(place))


def _against_streaming(place: Place) -> str:
    layer, kind = place.layer, type(place.layer)
    rank = len(place.output.shape)
    if kind in POINTWISE:
        return ""
    if kind in ALONG_AXIS:
        axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0] if len(layer.axis) == 1 else None
        return "" if axis in (-1, rank - 1) else "joins or compares the steps of the text"
    if kind is L.Conv1D:
        return f"sees what is to come (padding={layer.padding!r}, strides={layer.strides[0]})"
    return "may look at the whole of a text"
