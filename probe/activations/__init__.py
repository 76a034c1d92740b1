"""What every unit does at every character, streamed in blocks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.activations.block import Block, Blocks
from probe.activations.options import ExtractOptions

if TYPE_CHECKING:
    from probe.activations.extract import Extraction, stream_deviation

__all__ = ["Block", "Blocks", "ExtractOptions", "Extraction", "stream_deviation"]


def __getattr__(name: str) -> Any:
    if name not in {"Extraction", "stream_deviation"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("probe.activations.extract"), name)
