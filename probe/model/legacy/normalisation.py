"""Batch normalisation and layer normalisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer, Shape, check_width


@dataclass(frozen=True)
class BatchNormalization(Layer):
    """Ioffe and Szegedy 2015, with the moments kept from training, over the last axis."""

    kind = "BatchNormalization"

    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    @classmethod
    def of(cls, config: Config) -> Self:
        axis = config.size("axis", -1, minimum=-1)
        for key in ("renorm", "fused", "virtual_batch_size", "synchronized", "adjustment"):
            config.only(key, *((False, True, None) if key in ("fused", "synchronized") else (False, None)))
        config.only("renorm_clipping", None)
        config.number("renorm_momentum", 0.99)  # of renormalisation, which is refused
        layer = cls(config.name, axis, config.number("epsilon", 1e-3), config.flag("center", True),
                    config.flag("scale", True))
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return ("gamma",) * self.scale + ("beta",) * self.center + ("moving_mean", "moving_variance")

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((arrays[0].shape[0] if arrays and arrays[0].ndim else None,),) * len(self.weight_names)

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        weights = {name: array.astype(np.float64) for name, array in zip(self.weight_names, arrays, strict=True)}
        if self.axis not in (-1, inputs[0].values.ndim - 1):
            raise self.refusal(f"axis={self.axis} is not supported, only the last one")
        check_width(self, inputs[0].values, len(weights["moving_mean"]))
        normal = (inputs[0].values - weights["moving_mean"]) / np.sqrt(weights["moving_variance"] + self.epsilon)
        return Flow(normal * weights.get("gamma", 1) + weights.get("beta", 0), inputs[0].mask)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.BatchNormalization(epsilon=self.epsilon, center=self.center, scale=self.scale,
                                               name=self.name)


@dataclass(frozen=True)
class LayerNormalization(Layer):
    """Ba, Kiros and Hinton 2016, over the last axis."""

    kind = "LayerNormalization"

    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    @classmethod
    def of(cls, config: Config) -> Self:
        axis = config.size("axis", -1, minimum=-1)
        config.only("rms_scaling", False)
        layer = cls(config.name, axis, config.number("epsilon", 1e-3), config.flag("center", True),
                    config.flag("scale", True))
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return ("gamma",) * self.scale + ("beta",) * self.center

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((arrays[0].shape[0] if arrays and arrays[0].ndim else None,),) * len(self.weight_names)

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        weights = {name: array.astype(np.float64) for name, array in zip(self.weight_names, arrays, strict=True)}
        values = inputs[0].values
        if self.axis not in (-1, values.ndim - 1):
            raise self.refusal(f"axis={self.axis} is not supported, only the last one")
        for array in weights.values():
            check_width(self, values, len(array))
        centred = values - values.mean(axis=-1, keepdims=True)
        normal = centred / np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + self.epsilon)
        return Flow(normal * weights.get("gamma", 1) + weights.get("beta", 0), inputs[0].mask)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.LayerNormalization(epsilon=self.epsilon, center=self.center, scale=self.scale,
                                               name=self.name)
