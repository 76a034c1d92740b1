"""Arrays on disk: ``.npy`` files that grow while they are written and are memory-mapped when read."""

import tokenize
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from probe.errors import UserError
from probe.files.atomic import replace_file
from probe.files.reading import check_plain

# numpy parses a header as Python, so a damaged one raises whatever Python's own reading does.
HEADER_FAILURES = (OSError, ValueError, EOFError, OverflowError, SyntaxError, TypeError, KeyError, UserWarning,
                   tokenize.TokenError)


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
        self._file.write(bytes(self.HEADER_BYTES))  # stays in the file's buffer, so it cannot fail yet
        return self

    def write(self, block: np.ndarray) -> None:
        """Append ``block`` (T,), which is cast to the writer's dtype."""
        self._file.write(np.ascontiguousarray(block, self._dtype).data)
        self._length += len(block)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> bool | None:
        if error is None:
            try:
                self._file.seek(0)
                self._file.write(self._header())
            except OSError as failure:  # the disk is full: the replacement cleans up and says so
                kind, error, trace = type(failure), failure, failure.__traceback__
        return self._replacement.__exit__(kind, error, trace)

    def _header(self) -> bytes:
        fields = f"{{'descr': {self._dtype.str!r}, 'fortran_order': False, 'shape': ({self._length},), }}"
        size = self.HEADER_BYTES - 10
        return b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + fields.ljust(size - 1).encode("latin-1") + b"\n"


def open_array(path: Path) -> np.ndarray:
    """Memory-map the ``.npy`` file at ``path`` for reading.

    Raises:
        UserError: missing, not an ``.npy`` file of numbers, or shorter or longer than its header says.
    """
    check_plain(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # a header that only Python 2 would have written
            array = np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except HEADER_FAILURES as error:
        raise UserError(f"{path}: not a readable array: {error!s:.120}") from error
    if (behind := path.stat().st_size - array.offset - array.nbytes) > 0:
        raise UserError(f"{path}: not a readable array: {behind:,} bytes come after it")
    return array
