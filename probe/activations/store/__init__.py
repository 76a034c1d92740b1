"""Activations kept in a folder: HDF5 parts of bounded size, the text, and a manifest. TensorFlow is not needed."""

from probe.activations.store.cut import StoreBlocks, meeting, selection_and_confirmation
from probe.activations.store.manifest import check_folder, holds_store, is_begun, is_store
from probe.activations.store.options import StoreOptions
from probe.activations.store.progress import saved_rows
from probe.activations.store.reader import Store
from probe.activations.store.resumable import Resumable
from probe.activations.store.size import plan
from probe.activations.store.writer import write_store

__all__ = ["Resumable", "Store", "StoreBlocks", "StoreOptions", "check_folder", "holds_store", "is_begun", "is_store",
           "meeting", "plan", "saved_rows", "selection_and_confirmation", "write_store"]
