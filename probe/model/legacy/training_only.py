"""Layers that act in training alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Arrays, Flow, Layer

KINDS = ("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "ActivityRegularization")


@dataclass(frozen=True)
class TrainingOnly(Layer):
    """A layer that hands on what it gets when a network is used."""

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


# They differ in name alone.
TRAINING_ONLY: tuple[type[TrainingOnly], ...] = tuple(
    type(kind, (TrainingOnly,), {"kind": kind, "__module__": __name__}) for kind in KINDS)
