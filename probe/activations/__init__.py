"""What every unit does at every character, streamed in blocks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.activations.block import Block, Blocks, BlocksInStreams, LayerSignal
from probe.activations.options import ExtractOptions

if TYPE_CHECKING:
    from probe.activations.deviation import Deviation, Distance, stream_deviation, window_deviation
    from probe.activations.extract import Extraction
    from probe.activations.gates import GateStatistics
    from probe.activations.interchange.arrays import export_npy, export_npz, recorded_in_npy, recorded_in_npz
    from probe.activations.interchange.lstmvis.annotations import Annotations
    from probe.activations.interchange.lstmvis.exporting import export_lstmvis
    from probe.activations.interchange.lstmvis.importing import recorded_in_lstmvis
    from probe.activations.interchange.recorded import Recorded
    from probe.activations.signals import SignalArray, Signals
    from probe.activations.store import Store, StoreOptions, write_store
    from probe.activations.texts import selection_and_confirmation

__all__ = [
    "Annotations", "Block", "Blocks", "BlocksInStreams", "Deviation", "Distance", "ExtractOptions", "Extraction",
    "GateStatistics", "LayerSignal", "Recorded", "SignalArray", "Signals", "Store", "StoreOptions", "export_lstmvis",
    "export_npy", "export_npz", "recorded_in_lstmvis", "recorded_in_npy", "recorded_in_npz",
    "selection_and_confirmation", "stream_deviation", "window_deviation", "write_store",
]

_MODULES = {
    "Annotations": "interchange.lstmvis.annotations", "Deviation": "deviation", "Distance": "deviation",
    "Extraction": "extract", "GateStatistics": "gates", "Recorded": "interchange.recorded", "SignalArray": "signals",
    "Signals": "signals", "Store": "store", "StoreOptions": "store",
    "export_lstmvis": "interchange.lstmvis.exporting", "export_npy": "interchange.arrays",
    "export_npz": "interchange.arrays", "recorded_in_lstmvis": "interchange.lstmvis.importing",
    "recorded_in_npy": "interchange.arrays", "recorded_in_npz": "interchange.arrays",
    "selection_and_confirmation": "texts", "stream_deviation": "deviation", "window_deviation": "deviation",
    "write_store": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
