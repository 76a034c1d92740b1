"""One-dimensional convolution."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.model.legacy.activations import ACTIVATIONS, for_keras
from probe.model.legacy.config import Config
from probe.model.legacy.layer import (
    Arrays,
    Flow,
    Layer,
    Shape,
    TooShort,
    check_numbers,
    check_steps,
    check_width,
)

WIDEST = 4096


@dataclass(frozen=True)
class Conv1D(Layer):
    """A convolution over time; Keras hands no mask on from it."""

    kind = "Conv1D"
    keeps_mask = False

    filters: int
    kernel_size: int
    strides: int = 1
    padding: str = "valid"
    dilation_rate: int = 1
    activation: str = "linear"
    use_bias: bool = True

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("data_format", "channels_last", None)
        config.only("groups", 1)
        layer = cls(config.name, config.size("filters"), config.size("kernel_size"), config.size("strides", 1),
                    config.choice("padding", ("valid", "same", "causal"), "valid"), config.size("dilation_rate", 1),
                    config.activation(), config.flag("use_bias", True))
        if max(layer.reach, layer.strides) > WIDEST:
            config.refuse(f"reaches over {layer.reach:,} steps with strides of {layer.strides:,}; at most {WIDEST:,} "
                          "are accepted")
        if layer.strides > 1 and layer.dilation_rate > 1:
            config.refuse(f"has strides of {layer.strides} and a dilation of {layer.dilation_rate}; Keras takes one of "
                          "them at a time")
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return ("kernel", "bias")[:2 if self.use_bias else 1]

    @property
    def reach(self) -> int:
        """Steps from the first to the last that one output sees."""
        return (self.kernel_size - 1) * self.dilation_rate + 1

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((self.kernel_size, None, self.filters), (self.filters,))[:2 if self.use_bias else 1]

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        values = inputs[0].values
        kernel, *bias = (array.astype(np.float64) for array in arrays)
        check_steps(self, values)
        check_width(self, values, kernel.shape[1])
        before, after = margins(self.padding, values.shape[1], self.reach, self.strides)
        padded = np.pad(values, ((0, 0), (before, after), (0, 0)))
        count = (padded.shape[1] - self.reach) // self.strides + 1
        if count < 1:
            raise self.refusal(f"needs at least {self.reach} steps", TooShort)
        check_numbers(self, len(values), count, self.filters)
        taps = (padded[:, k * self.dilation_rate:][:, ::self.strides][:, :count] @ kernel[k]
                for k in range(self.kernel_size))
        return Flow(ACTIVATIONS[self.activation](sum(taps) + (bias[0] if bias else 0)))

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.Conv1D(
            self.filters, self.kernel_size, strides=self.strides, padding=self.padding,
            dilation_rate=self.dilation_rate, activation=for_keras(self.activation), use_bias=self.use_bias,
            name=self.name)


def margins(padding: str, steps: int, reach: int, strides: int) -> tuple[int, int]:
    """Return how many steps are added before and after a sequence of ``steps``, as TensorFlow does."""
    if padding == "causal":
        return reach - 1, 0
    if padding == "valid":
        return 0, 0
    missing = max((-(-steps // strides) - 1) * strides + reach - steps, 0)
    return missing // 2, missing - missing // 2
