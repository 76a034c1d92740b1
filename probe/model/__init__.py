"""The character model, its kernels, and runs. TensorFlow is imported when a name that needs it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.model.drawing import SampleOptions
from probe.model.options import ModelOptions

if TYPE_CHECKING:
    from probe.model.char_lstm import CharLSTM, Reading, States
    from probe.model.checkpoint import Checkpoint
    from probe.model.run import Run
    from probe.model.sampling import Sampled, Sampler

__all__ = ["CharLSTM", "Checkpoint", "ModelOptions", "Reading", "Run", "SampleOptions", "Sampled", "Sampler", "States"]

_MODULES = {"CharLSTM": "char_lstm", "Reading": "char_lstm", "States": "char_lstm", "Checkpoint": "checkpoint",
            "Run": "run", "Sampled": "sampling", "Sampler": "sampling"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
