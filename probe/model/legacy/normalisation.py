"""Batch normalisation and layer normalisation."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer, Shape, check_width


@dataclass(frozen=True)
class Normalisation(Layer):
    """What both have: the last axis is normalised, then scaled by gamma and shifted by beta, if these are there."""

    # Weights beside gamma and beta, and settings that must have one of these values.
    moments: ClassVar[tuple[str, ...]] = ()
    only: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

    axis: int = -1
    epsilon: float = 1e-3
    center: bool = True
    scale: bool = True

    @classmethod
    def of(cls, config: Config) -> Self:
        axis = config.size("axis", -1, minimum=-1)
        for key, values in cls.only.items():
            config.only(key, *values)
        layer = cls(config.name, axis, config.number("epsilon", 1e-3), config.flag("center", True),
                    config.flag("scale", True))
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return ("gamma",) * self.scale + ("beta",) * self.center + self.moments

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((arrays[0].shape[0] if arrays and arrays[0].ndim else None,),) * len(self.weight_names)

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        weights = {name: array.astype(np.float64) for name, array in zip(self.weight_names, arrays, strict=True)}
        values = inputs[0].values
        if self.axis not in (-1, values.ndim - 1):
            raise self.refusal(f"axis={self.axis} is not supported, only the last one")
        for array in weights.values():
            check_width(self, values, len(array))
        normal = self._normal(values, weights)
        return Flow(normal * weights.get("gamma", 1) + weights.get("beta", 0), inputs[0].mask)

    @abstractmethod
    def _normal(self, values: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return values (B, …, D) in float64 with their means taken away, divided by their deviations."""


@dataclass(frozen=True)
class BatchNormalization(Normalisation):
    """Ioffe and Szegedy 2015, with the moments kept from training, over the last axis."""

    kind = "BatchNormalization"
    moments = ("moving_mean", "moving_variance")
    only: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "renorm": (False, None), "virtual_batch_size": (False, None), "adjustment": (False, None),
        "renorm_clipping": (None,), "fused": (False, True, None), "synchronized": (False, True, None)}

    @classmethod
    def of(cls, config: Config) -> Self:
        config.number("renorm_momentum", 0.99)  # of renormalisation, which is refused
        return super().of(config)

    def _normal(self, values: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
        return (values - weights["moving_mean"]) / np.sqrt(weights["moving_variance"] + self.epsilon)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.BatchNormalization(epsilon=self.epsilon, center=self.center, scale=self.scale,
                                               name=self.name)


@dataclass(frozen=True)
class LayerNormalization(Normalisation):
    """Ba, Kiros and Hinton 2016, over the last axis."""

    kind = "LayerNormalization"
    only: ClassVar[Mapping[str, tuple[Any, ...]]] = {"rms_scaling": (False,)}

    def _normal(self, values: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
        centred = values - values.mean(axis=-1, keepdims=True)
        return centred / np.sqrt((centred ** 2).mean(axis=-1, keepdims=True) + self.epsilon)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.LayerNormalization(epsilon=self.epsilon, center=self.center, scale=self.scale,
                                               name=self.name)
