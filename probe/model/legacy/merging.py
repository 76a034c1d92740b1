"""Layers that join several inputs."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Self

import numpy as np

from probe.errors import UserError
from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer


@dataclass(frozen=True)
class Merging(Layer):
    """What joining layers have in common. Keras 2 and 3 join masks differently, so masked inputs are refused."""

    keeps_mask = False

    @classmethod
    def of(cls, config: Config) -> Self:
        layer = cls(config.name)
        config.finish()
        return layer

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        if any(flow.mask is not None for flow in inputs):
            raise UserError(f"layer {self.name} ({self.kind}): joins masked sequences, which is not supported")
        values = [flow.values for flow in inputs]
        if len(values) < 2 or len({each.shape[:-1] for each in values}) > 1:
            raise UserError(f"layer {self.name} ({self.kind}): cannot join inputs of the shapes "
                            f"{', '.join(str(each.shape[1:]) for each in values)}")
        return Flow(self.joined(values))

    @abstractmethod
    def joined(self, values: list[np.ndarray]) -> np.ndarray:
        """Return what several arrays (B, …, D) become."""

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return getattr(keras.layers, self.kind)(name=self.name)


@dataclass(frozen=True)
class Concatenate(Merging):
    """Inputs side by side on the last axis."""

    kind = "Concatenate"

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("axis", -1)
        return super().of(config)

    def joined(self, values: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(values, axis=-1)


@dataclass(frozen=True)
class Add(Merging):
    """The sum of the inputs."""

    kind = "Add"

    def joined(self, values: list[np.ndarray]) -> np.ndarray:
        return reduce(np.add, values)


@dataclass(frozen=True)
class Multiply(Merging):
    """The product of the inputs."""

    kind = "Multiply"

    def joined(self, values: list[np.ndarray]) -> np.ndarray:
        return reduce(np.multiply, values)


@dataclass(frozen=True)
class Average(Merging):
    """The mean of the inputs."""

    kind = "Average"

    def joined(self, values: list[np.ndarray]) -> np.ndarray:
        return reduce(np.add, values) / len(values)
