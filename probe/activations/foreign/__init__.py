"""Networks that others made: layers by name, number or class, over any text."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.activations.foreign.mapping import CharacterMapping
from probe.activations.foreign.options import ForeignOptions

if TYPE_CHECKING:
    from probe.activations.foreign.extraction import KerasExtraction
    from probe.activations.foreign.model import ForeignModel, LayerNote, open_model

__all__ = ["CharacterMapping", "ForeignModel", "ForeignOptions", "KerasExtraction", "LayerNote", "open_model"]

_MODULES = {"ForeignModel": "model", "LayerNote": "model", "open_model": "model", "KerasExtraction": "extraction"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
