"""What every unit does at every character, streamed in blocks."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.activations.block import Block, Blocks, BlocksInStreams, LayerSignal
from probe.activations.options import ExtractOptions

if TYPE_CHECKING:
    from probe.activations.deviation import Deviation, Distance, stream_deviation, window_deviation
    from probe.activations.extract import Extraction
    from probe.activations.foreign.extraction import KerasExtraction
    from probe.activations.foreign.mapping import CharacterMapping
    from probe.activations.foreign.model import ForeignModel, open_model
    from probe.activations.foreign.options import ForeignOptions
    from probe.activations.gates import GateStatistics
    from probe.activations.interchange.arrays import export_npy, export_npz, recorded_in_npy, recorded_in_npz
    from probe.activations.interchange.lstmvis.annotations import Annotations
    from probe.activations.interchange.lstmvis.exporting import export_lstmvis
    from probe.activations.interchange.lstmvis.importing import recorded_in_lstmvis
    from probe.activations.interchange.recorded import Recorded
    from probe.activations.rows import rows_of
    from probe.activations.signals import SignalArray, Signals
    from probe.activations.store import Store, StoreOptions, write_store
    from probe.activations.texts import selection_and_confirmation

__all__ = [
    "Annotations", "Block", "Blocks", "BlocksInStreams", "CharacterMapping", "Deviation", "Distance", "ExtractOptions",
    "Extraction", "ForeignModel", "ForeignOptions", "GateStatistics", "KerasExtraction", "LayerSignal", "Recorded",
    "SignalArray", "Signals", "Store", "StoreOptions", "export_lstmvis", "export_npy", "export_npz", "open_model",
    "recorded_in_lstmvis", "recorded_in_npy", "recorded_in_npz", "rows_of", "selection_and_confirmation",
    "stream_deviation", "window_deviation", "write_store",
]

_MODULES = {
    "Annotations": "interchange.lstmvis.annotations", "CharacterMapping": "foreign.mapping", "Deviation": "deviation",
    "Distance": "deviation", "Extraction": "extract", "ForeignModel": "foreign.model",
    "ForeignOptions": "foreign.options", "GateStatistics": "gates", "KerasExtraction": "foreign.extraction",
    "Recorded": "interchange.recorded", "SignalArray": "signals", "Signals": "signals", "Store": "store",
    "StoreOptions": "store", "export_lstmvis": "interchange.lstmvis.exporting", "export_npy": "interchange.arrays",
    "export_npz": "interchange.arrays", "open_model": "foreign.model",
    "recorded_in_lstmvis": "interchange.lstmvis.importing", "recorded_in_npy": "interchange.arrays",
    "recorded_in_npz": "interchange.arrays", "rows_of": "rows", "selection_and_confirmation": "texts",
    "stream_deviation": "deviation", "window_deviation": "deviation", "write_store": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
