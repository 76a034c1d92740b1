"""Dense layers, alone or wrapped in TimeDistributed, which changes nothing for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.model.legacy.activations import ACTIVATIONS, for_keras
from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer, Shape, check_numbers, check_width


@dataclass(frozen=True)
class Dense(Layer):
    """activation(x W + b) on the last axis."""

    kind = "Dense"

    units: int
    activation: str = "linear"
    use_bias: bool = True

    @classmethod
    def of(cls, config: Config) -> Self:
        layer = cls(config.name, config.size("units"), config.activation(), config.flag("use_bias", True))
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return ("kernel", "bias")[:2 if self.use_bias else 1]

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((None, self.units), (self.units,))[:2 if self.use_bias else 1]

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        kernel, *bias = (array.astype(np.float64) for array in arrays)
        check_width(self, inputs[0].values, kernel.shape[0])
        check_numbers(self, *inputs[0].values.shape[:-1], self.units)
        products = inputs[0].values @ kernel + (bias[0] if bias else 0)
        return Flow(ACTIVATIONS[self.activation](products), inputs[0].mask)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.Dense(self.units, activation=for_keras(self.activation), use_bias=self.use_bias,
                                  name=self.name)


@dataclass(frozen=True)
class Activation(Layer):
    """An activation function as a layer of its own."""

    kind = "Activation"

    activation: str

    @classmethod
    def of(cls, config: Config) -> Self:
        layer = cls(config.name, config.activation())
        config.finish()
        return layer

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        return Flow(ACTIVATIONS[self.activation](inputs[0].values), inputs[0].mask)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.Activation(for_keras(self.activation), name=self.name)
