"""Arrays on disk: ``.npy`` files that grow while they are written and are memory-mapped when read."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from probe.errors import UserError
from probe.files.atomic import replace_file


class ArrayWriter:
    """Write a one-dimensional ``.npy`` file block by block, without knowing its length beforehand.

    The file takes its place at ``path`` only when the ``with`` block ends without an error.
    """

    # Version 1.0 of the format: magic (6), version (2), header length (2), header padded to this whole.
    HEADER_BYTES = 128

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._replacement = replace_file(path)
        self._dtype = np.dtype(dtype)
        self._length = 0

    def __enter__(self) -> Self:
        self._file = self._replacement.__enter__()
        self._file.write(bytes(self.HEADER_BYTES))
        return self

    def write(self, block: np.ndarray) -> None:
        """Append ``block`` (T,), which is cast to the writer's dtype."""
        self._file.write(np.ascontiguousarray(block, self._dtype).data)
        self._length += len(block)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> bool | None:
        if error is None:
            self._file.seek(0)
            self._file.write(self._header())
        return self._replacement.__exit__(kind, error, trace)

    def _header(self) -> bytes:
        fields = f"{{'descr': {self._dtype.str!r}, 'fortran_order': False, 'shape': ({self._length},), }}"
        size = self.HEADER_BYTES - 10
        return b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + fields.ljust(size - 1).encode("latin-1") + b"\n"


def open_array(path: Path) -> np.ndarray:
    """Memory-map the ``.npy`` file at ``path`` for reading.

    Raises:
        UserError: missing, not an ``.npy`` file of numbers, or shorter than its header says.
    """
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{path}: not a readable array: {error}") from error
