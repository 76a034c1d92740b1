"""Layers without arithmetic of their own: the input, what only acts in training, and Flatten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer

# Numbers of one example that an input may have.
LARGEST_INPUT = 1 << 22


@dataclass(frozen=True)
class InputLayer(Layer):
    """Where data enters: the shape of one example, None for any length of time."""

    kind = "InputLayer"

    shape: tuple[int | None, ...]

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("sparse", False)
        config.only("ragged", False)
        config.only("optional", False)
        config.only("input_tensor", None)
        shape = config.any("batch_input_shape") if config.given("batch_input_shape") else config.any("batch_shape")
        layer = cls(config.name, example_shape(config, shape))
        config.finish()
        return layer

    def settings(self) -> dict[str, Any]:
        return {"name": self.name, "batch_input_shape": [None, *self.shape]}

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        return inputs[0]

    def keras_layer(self) -> Any:
        raise NotImplementedError("an input is made by keras.Input")


def example_shape(config: Config, shape: Any) -> tuple[int | None, ...]:
    """Return the shape of one example, from one with the batch as its first size.

    Raises:
        UserError: it is not a shape of rank 1 to 2, or absurdly large.
    """
    sizes = shape[1:] if isinstance(shape, list) else None
    if sizes is None or not 1 <= len(sizes) <= 2 or any(
            size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 1) for size in sizes):
        config.refuse(f"its input's shape must be a batch of sequences, of ids or of vectors; received {shape!r:.80}")
    if int(np.prod([float(size or 1) for size in sizes])) > LARGEST_INPUT:
        config.refuse(f"its input has the shape {shape!r:.80}; at most {LARGEST_INPUT:,} numbers are accepted")
    return tuple(sizes)


@dataclass(frozen=True)
class TrainingOnly(Layer):
    """A layer that acts in training alone, and hands on what it gets when a network is used."""

    rate: float = 0.0

    @classmethod
    def of(cls, config: Config) -> Self:
        layer = cls(config.name, config.number("rate", 0.0))
        config.finish()
        return layer

    def forward(self, inputs: Sequence[Flow], arrays: Arrays) -> Flow:
        return inputs[0]

    def keras_layer(self) -> Any:
        from probe.model.engine import keras

        if self.kind in ("Dropout", "SpatialDropout1D") and 0 < self.rate < 1:
            return getattr(keras.layers, self.kind)(self.rate, name=self.name)
        return keras.layers.Identity(name=self.name)


@dataclass(frozen=True)
class Dropout(TrainingOnly):
    """Srivastava et al. 2014."""

    kind = "Dropout"


@dataclass(frozen=True)
class SpatialDropout1D(TrainingOnly):
    """Dropout of whole features (Tompson et al. 2015)."""

    kind = "SpatialDropout1D"


@dataclass(frozen=True)
class GaussianNoise(TrainingOnly):
    """Additive noise in training."""

    kind = "GaussianNoise"


@dataclass(frozen=True)
class GaussianDropout(TrainingOnly):
    """Multiplicative noise in training."""

    kind = "GaussianDropout"


@dataclass(frozen=True)
class ActivityRegularization(TrainingOnly):
    """A penalty in training."""

    kind = "ActivityRegularization"


@dataclass(frozen=True)
class Flatten(Layer):
    """All numbers of an example in one row; Keras hands no mask on from it."""

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
