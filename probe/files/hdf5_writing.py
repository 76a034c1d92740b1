"""Large HDF5 files, filled row by row."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from probe.errors import UserError


class Hdf5Writer:
    """A new HDF5 file of arrays of known sizes, not packed, whose rows arrive in any order.

    A file that was not closed is lost, so this writes into folders that are put in place when they are whole.

    Args:
        path: the file, new, in a folder aside.
        arrays: place → (shape, dtype).

    Raises:
        UserError: by every method: the disk is full, or the place is not writable.
    """

    def __init__(self, path: Path, arrays: Mapping[str, tuple[tuple[int, ...], Any]]) -> None:
        self._path, self._arrays = path, arrays

    def __enter__(self) -> Self:
        try:
            self._file = h5py.File(self._path, "x")
            self._datasets = {place: self._file.create_dataset(place, shape, np.dtype(dtype), fill_time="never")
                              for place, (shape, dtype) in self._arrays.items()}
        except OSError as error:
            raise self._failure(error) from error
        return self

    def write(self, place: str, start: int, rows: np.ndarray) -> None:
        """Put ``rows`` at row ``start`` of the array at ``place``."""
        try:
            self._datasets[place][start:start + len(rows)] = rows
        except (OSError, RuntimeError) as error:
            raise self._failure(error) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        try:
            self._file.close()
        except (OSError, RuntimeError) as failure:
            if error is None:
                raise self._failure(failure) from failure

    def _failure(self, error: Exception) -> UserError:
        return UserError(f"{self._path}: cannot write: {getattr(error, 'strerror', None) or error}")
