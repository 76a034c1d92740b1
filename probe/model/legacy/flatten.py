"""Flatten: all numbers of an example in one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer


@dataclass(frozen=True)
class Flatten(Layer):
    """(B, T, D) → (B, T · D); Keras hands no mask on from it."""

    kind = "Flatten"
    keeps_mask = False

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("data_format", "channels_last", None)
        layer = cls(config.name)
        config.finish()
        return layer

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        values = inputs[0].values
        return Flow(values.reshape(len(values), -1))

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.Flatten(name=self.name)
