"""Pooling over time, in windows or over all of it."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.convolution import WIDEST, margins
from probe.model.legacy.layer import Arrays, Flow, Layer, TooShort, check_steps


@dataclass(frozen=True)
class WindowPooling(Layer):
    """What pooling in windows has in common; Keras hands no mask on from it."""

    keeps_mask = False

    pool_size: int = 2
    strides: int = 2
    padding: str = "valid"

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("data_format", "channels_last", None)
        size = config.size("pool_size", 2)
        strides = config.size("strides", size)
        if max(size, strides) > WIDEST:
            config.refuse(f"pools {size:,} steps with strides of {strides:,}; at most {WIDEST:,} are accepted")
        layer = cls(config.name, size, strides, config.choice("padding", ("valid", "same"), "valid"))
        config.finish()
        return layer

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        values = inputs[0].values
        check_steps(self, values)
        before, after = margins(self.padding, values.shape[1], self.pool_size, self.strides)
        last = before + values.shape[1] + after - self.pool_size
        windows = [values[:, max(start, 0):start + self.pool_size]
                   for start in range(-before, last - before + 1, self.strides)]
        if not windows:
            raise self.refusal(f"needs at least {self.pool_size} steps", TooShort)
        return Flow(np.stack([self.pooled(window) for window in windows], axis=1))

    @abstractmethod
    def pooled(self, window: np.ndarray) -> np.ndarray:
        """Return one output (B, D) of a window (B, t, D), which holds no padding."""

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return getattr(keras.layers, self.kind)(self.pool_size, strides=self.strides, padding=self.padding,
                                                name=self.name)


@dataclass(frozen=True)
class MaxPooling1D(WindowPooling):
    """The largest number of each window."""

    kind = "MaxPooling1D"

    def pooled(self, window: np.ndarray) -> np.ndarray:
        return window.max(axis=1)


@dataclass(frozen=True)
class AveragePooling1D(WindowPooling):
    """The mean of each window, without its padding."""

    kind = "AveragePooling1D"

    def pooled(self, window: np.ndarray) -> np.ndarray:
        return window.mean(axis=1)


@dataclass(frozen=True)
class GlobalPooling(Layer):
    """What pooling over all time has in common."""

    keeps_mask: ClassVar[bool] = False

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("data_format", "channels_last", None)
        config.only("keepdims", False)
        layer = cls(config.name)
        config.finish()
        return layer

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        return getattr(keras.layers, self.kind)(name=self.name)


@dataclass(frozen=True)
class GlobalMaxPooling1D(GlobalPooling):
    """The largest number of all steps, masked ones too, as in Keras."""

    kind = "GlobalMaxPooling1D"

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        check_steps(self, inputs[0].values)
        return Flow(inputs[0].values.max(axis=1))


@dataclass(frozen=True)
class GlobalAveragePooling1D(GlobalPooling):
    """The mean of the steps that are not masked."""

    kind = "GlobalAveragePooling1D"

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        values, mask = inputs[0].values, inputs[0].mask
        check_steps(self, values)
        if mask is None:
            return Flow(values.mean(axis=1))
        weights = mask[..., None].astype(np.float64)
        return Flow((values * weights).sum(axis=1) / weights.sum(axis=1))
