"""What every unit does at every character, streamed in blocks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.activations.block import Block, Blocks, LayerSignal
from probe.activations.options import ExtractOptions

if TYPE_CHECKING:
    from probe.activations.deviation import Deviation, stream_deviation
    from probe.activations.extract import Extraction
    from probe.activations.texts import selection_and_confirmation

__all__ = ["Block", "Blocks", "Deviation", "ExtractOptions", "Extraction", "LayerSignal", "selection_and_confirmation",
           "stream_deviation"]

_MODULES = {"Deviation": "deviation", "stream_deviation": "deviation", "Extraction": "extract",
            "selection_and_confirmation": "texts"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
