"""Training a :class:`~probe.model.CharLSTM` that can stop at any time and go on where it stopped."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.train.options import TrainOptions
from probe.train.presets import PRESETS, Preset

if TYPE_CHECKING:
    from probe.train.interrupt import Interrupted
    from probe.train.trainer import train

__all__ = ["PRESETS", "Interrupted", "Preset", "TrainOptions", "train"]

_MODULES = {"Interrupted": "interrupt", "train": "trainer"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
