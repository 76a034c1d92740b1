"""Embedding and Masking: the layers at which masks begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer, Shape, check_numbers, check_steps


@dataclass(frozen=True)
class Embedding(Layer):
    """A row of numbers for each id."""

    kind = "Embedding"

    input_dim: int
    output_dim: int
    mask_zero: bool = False

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("sparse", False)
        layer = cls(config.name, config.size("input_dim"), config.size("output_dim"), config.flag("mask_zero", False))
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return ("embeddings",)

    def accepted_shapes(self, arrays: Arrays) -> tuple[Shape, ...]:
        return ((self.input_dim, self.output_dim),)

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        if inputs[0].values.ndim != 2:
            raise self.refusal(f"needs sequences of ids, and receives arrays of rank {inputs[0].values.ndim - 1}")
        check_numbers(self, *inputs[0].values.shape, self.output_dim)
        ids = inputs[0].values.astype(np.int64)
        mask = ids != 0 if self.mask_zero else None
        return Flow(arrays[0][ids].astype(np.float64), mask)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.Embedding(self.input_dim, self.output_dim, mask_zero=self.mask_zero, name=self.name)


@dataclass(frozen=True)
class Masking(Layer):
    """Skip the steps at which every number equals ``mask_value``; a mask that comes in is forgotten."""

    kind = "Masking"

    mask_value: float = 0.0

    @classmethod
    def of(cls, config: Config) -> Self:
        layer = cls(config.name, config.number("mask_value", 0.0))
        config.finish()
        return layer

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        check_steps(self, inputs[0].values)
        # Keras compares in float32: 0.1 there is not 0.1 here.
        mask = (inputs[0].values.astype(np.float32) != np.float32(self.mask_value)).any(axis=-1)
        return Flow(inputs[0].values * mask[..., None], mask)

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return keras.layers.Masking(self.mask_value, name=self.name)
