"""Large HDF5 files, filled row by row."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from probe.errors import UserError


class Hdf5Writer:
    """A new HDF5 file of arrays of known sizes, not packed, whose rows arrive in any order.

    A file that was not closed is lost, so this writes into folders that are put in place when they are whole. The HDF5
    library ends the process where it cannot write what it keeps to the last, so it is never told of a disk that fails:
    who writes is.

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
            self._disk = _Disk(open(self._path, "x+b", buffering=0))
        except OSError as error:
            raise self._failure(error) from error
        self._file = h5py.File(self._disk, "w")
        self._datasets = {place: self._file.create_dataset(place, shape, np.dtype(dtype), fill_time="never")
                          for place, (shape, dtype) in self._arrays.items()}
        return self

    def write(self, place: str, start: int, rows: np.ndarray) -> None:
        """Put ``rows`` at row ``start`` of the array at ``place``."""
        self._datasets[place][start:start + len(rows)] = rows
        self._check()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._file.close()
        self._disk.close()
        if error is None:
            self._check()

    def _check(self) -> None:
        if self._disk.failure:
            raise self._failure(self._disk.failure) from self._disk.failure

    def _failure(self, error: OSError) -> UserError:
        return UserError(f"{self._path}: cannot write: {error.strerror or error}")


class _Disk(io.RawIOBase):
    """A file that seems to take all that it is given, and remembers the first error."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def _tried(self, operation: Callable[..., int], *arguments: Any) -> int | None:
        try:
            return operation(*arguments)
        except OSError as error:
            self.failure = self.failure or error
            return None

    def write(self, content: Any) -> int:
        """Write all of ``content``; a disk may take it in pieces."""
        rest = memoryview(content).cast("B")
        while len(rest) and (taken := self._tried(self._file.write, rest)):
            rest = rest[taken:]
        return len(memoryview(content).cast("B"))

    def readinto(self, into: Any) -> int:
        """Fill ``into``, with zeros from where nothing can be read."""
        place = memoryview(into).cast("B")
        count = self._tried(self._file.readinto, place) or 0
        place[count:] = bytes(len(place) - count)
        return len(place)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        return self._tried(self._file.seek, offset, whence) or 0

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def truncate(self, size: int | None = None) -> int:
        """Let the file have ``size`` bytes."""
        self._tried(self._file.truncate, size)
        return size or 0

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError as error:
            self.failure = self.failure or error
        super().close()
