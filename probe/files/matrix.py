"""Matrices on disk: ``.npy`` files of a known size whose rows arrive in any order."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from probe.files.atomic import replace_file


class MatrixWriter:
    """Write a two-dimensional ``.npy`` file of known size without holding it in memory.

    The file takes its place at ``path`` only when the ``with`` block ends without an error; the caller sees to it that
    all rows were written.

    Args:
        path: the file.
        rows, columns: its shape.
        dtype: its dtype.

    Raises:
        UserError: by leaving the block: the disk is full, or the place is not writable; ``path`` is as it was.
    """

    def __init__(self, path: Path, rows: int, columns: int, dtype: np.dtype[Any] | type) -> None:
        self._replacement = replace_file(path)
        self._shape, self._dtype = (rows, columns), np.dtype(dtype)

    def __enter__(self) -> Self:
        self._file = self._replacement.__enter__()
        header = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False, "shape": self._shape}
        np.lib.format.write_array_header_1_0(self._file, header)
        self._first = self._file.tell()
        return self

    def write(self, start: int, rows: np.ndarray) -> None:
        """Put ``rows`` (T, U), which are cast to the writer's dtype, at row ``start``."""
        self._file.seek(self._first + start * self._shape[1] * self._dtype.itemsize)
        self._file.write(np.ascontiguousarray(rows, self._dtype).data)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> bool | None:
        return self._replacement.__exit__(kind, error, trace)
