"""Training that can stop at any time and go on where it stopped."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.train.options import TrainOptions
from probe.train.presets import PRESETS, Preset

if TYPE_CHECKING:
    from probe.train.characters import train

__all__ = ["PRESETS", "Preset", "TrainOptions", "train"]


def __getattr__(name: str) -> Any:
    if name != "train":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("probe.train.characters").train
