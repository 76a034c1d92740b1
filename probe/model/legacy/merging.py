"""Layers that join several inputs."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer, check_numbers


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
            raise self.refusal("joins masked sequences, which is not supported")
        values = [flow.values for flow in inputs]
        widths = {each.shape[-1] for each in values}
        if len(values) < 2 or len({each.shape[:-1] for each in values}) > 1 or not self.joins(widths):
            raise self.refusal(f"cannot join inputs of the shapes {', '.join(str(each.shape[1:]) for each in values)}")
        check_numbers(self, *values[0].shape[:-1], sum(each.shape[-1] for each in values))
        return Flow(self.joined(values))

    def joins(self, widths: set[int]) -> bool:
        """Return whether inputs with these different last axes fit; one of width 1 goes with any other."""
        return len(widths - {1}) <= 1

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

    def joins(self, widths: set[int]) -> bool:
        return True

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
