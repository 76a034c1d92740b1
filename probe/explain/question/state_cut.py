"""A network cut at the state of a recurrent layer: (h_t, c_t) of an LSTM, h_t of a GRU or a SimpleRNN."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from probe.explain.question.cut import Cut, Given
from probe.explain.question.network import Network
from probe.explain.question.step import Step, mask_of, with_mask
from probe.model.engine import keras, tf

L = keras.layers
RECURRENT = (L.LSTM, L.GRU, L.SimpleRNN)
# How Bidirectional joins what its two layers put out.
MERGES: Mapping[str, Callable[[Any, Any], Any]] = {
    "concat": lambda forward, backward: tf.concat([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
    "mul": lambda forward, backward: forward * backward,
}


@dataclass(frozen=True)
class StateCut(Cut):
    """At the state after one step of time of a recurrent layer.

    What stands at the cut is the state after the layer has read token t (in its own direction). From it follow what
    the layer puts out at t and, with the inputs that it has yet to read, all that it puts out after. What it put out
    before t, and what the other direction of a Bidirectional puts out, goes past the cut.

    Attributes:
        value: number of what the layer puts out.
        direction: ``"forward"`` or ``"backward"`` of a Bidirectional; ``"forward"`` of others.
    """

    value: int
    direction: str = "forward"

    @staticmethod
    def fault(step: Step, direction: str = "forward") -> str:
        """Return why the state of this step cannot be cut, or nothing if it can."""
        layer = _inner(step.layer, direction)
        if type(layer) not in RECURRENT:
            return "has no state of an LSTM, GRU or SimpleRNN"
        if direction == "backward" and layer is step.layer:
            return "has no backward direction, being no Bidirectional"
        if len(step.reads) != 1 or len(step.writes) != 1 or layer.stateful:
            return "is given a state, returns it or keeps it, so that it cannot be cut"
        if layer is not step.layer and step.layer.merge_mode not in MERGES:
            return "keeps its two directions apart"
        return ""

    def reach(self, network: Network, given: Given, time: tf.Tensor) -> list[tf.Tensor]:
        """Return h and c (R, U) after step ``time``."""
        return self._head(network, given, time)[1]

    def leave(self, network: Network, given: Given, standing: list[tf.Tensor], time: tf.Tensor) -> Given:
        """Return the inputs with what the layer puts out from other states on."""
        step = network.writer[self.value]
        layer, (values, mask) = _inner(step.layer, self.direction), self._read(network, given)
        before = self._head(network, given, time)[0]
        count = tf.shape(before)[1]
        here = standing[0]
        if layer.zero_output_for_mask and mask is not None:
            here = tf.where(mask[:, count - 1, None], here, tf.zeros_like(here))
        after, _ = _walk(layer, values[:, count:], None if mask is None else mask[:, count:], standing)
        outputs = tf.concat([before[:, :-1], here[:, None], after], axis=1)
        if not layer.return_sequences:
            outputs = outputs[:, -1]
        return {**given, self.value: self._joined(step, outputs, network.run(given, step.reads)[step.reads[0]])}

    def _head(self, network: Network, given: Given, time: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """What the layer puts out up to the step, in the order in which it reads, and its state there."""
        layer, (values, mask) = _inner(network.writer[self.value].layer, self.direction), self._read(network, given)
        count = tf.shape(values)[1] - time if layer.go_backwards else time + 1
        states = [tf.zeros((tf.shape(values)[0], layer.units), values.dtype)
                  for _ in range(2 if isinstance(layer, L.LSTM) else 1)]
        return _walk(layer, values[:, :count], None if mask is None else mask[:, :count], states)

    def _read(self, network: Network, given: Given) -> tuple[tf.Tensor, tf.Tensor | None]:
        """What the layer reads, and its mask, in the order in which it reads."""
        step = network.writer[self.value]
        values = network.run(given, step.reads)[step.reads[0]]
        mask = mask_of(values)
        values = tf.cast(values, step.layer.compute_dtype)
        if _inner(step.layer, self.direction).go_backwards:
            return tf.reverse(values, [1]), None if mask is None else tf.reverse(mask, [1])
        return values, mask

    def _joined(self, step: Step, outputs: tf.Tensor, read: tf.Tensor) -> tf.Tensor:
        """What the whole step puts out, with its mask, of what the layer that is cut puts out."""
        layer, mask = step.layer, mask_of(read)
        if isinstance(layer, L.Bidirectional):
            back = self.direction == "backward"
            other = (layer.forward_layer if back else layer.backward_layer)(read, mask=mask)
            forward, backward = (other, outputs) if back else (outputs, other)
            if layer.return_sequences:
                backward = tf.reverse(backward, [1])
            outputs = MERGES[layer.merge_mode](forward, backward)
        return with_mask(tf.identity(outputs), mask if layer.return_sequences else None)


def _inner(layer: Any, direction: str) -> Any:
    return getattr(layer, f"{direction}_layer") if isinstance(layer, L.Bidirectional) else layer


def _walk(layer: Any, values: tf.Tensor, mask: tf.Tensor | None, states: list[tf.Tensor],
          ) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """Read steps from a state on; there may be none. A masked step leaves the state as it is.

    Returns:
        (R, T, U) what is put out at each step, and the states after the last.
    """
    zeroed = layer.zero_output_for_mask

    def step(time: tf.Tensor, states: list[tf.Tensor], found: tf.TensorArray) -> tuple[Any, ...]:
        _, after = layer.cell(values[:, time], states, training=False)
        out = after[0]
        if mask is not None:
            read = mask[:, time, None]
            after = [tf.where(read, new, old) for new, old in zip(after, states, strict=True)]
            out = tf.where(read, out, tf.zeros_like(out)) if zeroed else after[0]
        return time + 1, after, found.write(time + 1, out)

    count = tf.shape(values)[1]
    found = tf.TensorArray(values.dtype, count + 1, element_shape=(None, layer.units))  # the first is no step: an
    found = found.write(0, states[0])  # array of nothing cannot be stacked
    _, states, found = tf.while_loop(lambda time, *_: time < count, step, (0, states, found))
    return tf.transpose(found.stack()[1:], (1, 0, 2)), states
