"""One operation of a network in its place, as attributions see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from probe.model.engine import keras, tf

L = keras.layers
# Layers whose activation is a step of its own, after the linear part.
SPLIT = (L.Dense, L.Conv1D)
# Layers that do nothing but apply a function.
FUNCTIONS = (L.Activation, L.ReLU, L.LeakyReLU, L.ELU, L.PReLU, L.Softmax)


@dataclass(frozen=True)
class Value:
    """Stands where a step reads the value of this number."""

    number: int


@dataclass(frozen=True, eq=False)
class Step:
    """One operation of a network in its place.

    A Dense or Conv1D with an activation is two steps: its linear part, of kind ``"Dense"`` or ``"Conv1D"``, and a step
    of kind ``"Activation"`` that bears the same name.

    Attributes:
        name: of the layer; ``"encoder/lstm"`` in a nested model, ``"lstm (2)"`` where a layer is used again.
        kind: the name of the layer's class; ``"Activation"`` for the function of another layer.
        layer: the Keras layer or operation.
        reads: numbers of the values that it reads.
        writes: numbers of the values that it writes.
        call: what it is called with, (args, kwargs) with :class:`Value` in the place of tensors.
        function: what an activation applies; None for other steps.
        linear: whether the layer's activation is left to the next step.
    """

    name: str
    kind: str
    layer: Any
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    call: tuple[tuple[Any, ...], dict[str, Any]]
    function: Callable[[Any], Any] | None = None
    linear: bool = False

    def outputs(self, values: Mapping[int, tf.Tensor]) -> list[tf.Tensor]:
        """Compute the step at inference; masks go along as Keras hangs them on tensors.

        Args:
            values: by number, those that it reads at least.
        """
        args, kwargs = keras.tree.map_structure(
            lambda each: self._seen(values[each.number]) if isinstance(each, Value) else each, self.call)
        if self.linear:
            return [with_mask(self._linear(args[0]), mask_of(args[0]) if self.layer.supports_masking else None)]
        if self.function is not None and not isinstance(self.layer, FUNCTIONS):
            return [with_mask(self.function(args[0]), mask_of(args[0]))]
        return keras.tree.flatten(self.layer(*args, **kwargs))

    def _seen(self, value: tf.Tensor) -> tf.Tensor:
        """A value as the layer may see it: Keras warns of masks that a layer would drop."""
        dropped = mask_of(value) is not None and not getattr(self.layer, "supports_masking", True)
        return tf.identity(value) if dropped else value

    def _linear(self, values: tf.Tensor) -> tf.Tensor:
        layer = self.layer
        values, kernel = (tf.cast(each, layer.compute_dtype) for each in (values, layer.kernel))
        if isinstance(layer, L.Dense):
            sums = keras.ops.matmul(values, kernel)
        else:
            causal = layer.padding == "causal"
            if causal:
                reach = (layer.kernel_size[0] - 1) * layer.dilation_rate[0]
                values = tf.pad(values, [[0, 0], [reach, 0], [0, 0]])
            sums = keras.ops.conv(values, kernel, strides=layer.strides[0],
                                  padding="valid" if causal else layer.padding, dilation_rate=layer.dilation_rate[0])
        return sums + tf.cast(layer.bias, sums.dtype) if layer.use_bias else sums


def steps_of(name: str, layer: Any, call: tuple[tuple[Any, ...], dict[str, Any]], reads: tuple[int, ...],
             writes: tuple[int, ...], between: Callable[[], int]) -> list[Step]:
    """Return the one or two steps that using a layer is.

    Args:
        name: of the use.
        layer: the Keras layer or operation.
        call, reads, writes: as in :class:`Step`.
        between: numbers a new value, between the two steps.
    """
    if type(layer) is L.TimeDistributed and type(layer.layer) is L.Dense:
        layer = layer.layer  # which does the same at every step of time
    kind = type(layer).__name__
    splits = type(layer) in SPLIT and getattr(layer, "data_format", "channels_last") == "channels_last"
    if splits and layer.activation is not keras.activations.linear:
        sums = between()
        return [Step(name, kind, layer, reads, (sums,), call, linear=True),
                Step(name, "Activation", layer, (sums,), writes, ((Value(sums),), {}), layer.activation)]
    if isinstance(layer, FUNCTIONS):
        function = layer.activation if type(layer) is L.Activation else layer
        return [Step(name, kind, layer, reads, writes, call, function)]
    return [Step(name, kind, layer, reads, writes, call, linear=splits)]


def mask_of(tensor: tf.Tensor) -> tf.Tensor | None:
    """Return the mask that Keras hung on a tensor, (B, T) bool, or None."""
    return getattr(tensor, "_keras_mask", None)


def with_mask(tensor: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """Return a tensor with a mask where Keras looks for it."""
    if mask is not None:
        tensor._keras_mask = mask
    return tensor
