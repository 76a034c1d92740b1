"""Old Keras 2 files: read safely, understood layer by layer, and rebuilt from a whitelist."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.model.legacy.char_stack import CharStack, char_stack
from probe.model.legacy.inference import default_recurrent_activation, leaves_open_recurrent_activation
from probe.model.legacy.network import LegacyNetwork
from probe.model.legacy.source import LegacyFile

if TYPE_CHECKING:
    from probe.model.legacy.parity import Parity, char_parity, network_parity
    from probe.model.legacy.rebuild import keras_model

__all__ = [
    "CharStack", "LegacyFile", "LegacyNetwork", "Parity", "char_parity", "char_stack", "default_recurrent_activation",
    "keras_model", "leaves_open_recurrent_activation", "network_parity",
]

_MODULES = {"Parity": "parity", "char_parity": "parity", "network_parity": "parity", "keras_model": "rebuild"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
