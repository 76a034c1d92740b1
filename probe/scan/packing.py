"""What collectors hold, as bytes that go from process to process: zeros, of which most have many, are left out."""

import io
import pickle
from typing import Any

import numpy as np

# Bytes of an array that is looked through for zeros.
LEAST = 1 << 16


def pack(collected: Any) -> bytes:
    """Return an object as bytes. Large arrays of which most rows are zero leave these out; −0 comes back as 0."""
    packed = io.BytesIO()
    _Packer(packed, pickle.HIGHEST_PROTOCOL).dump(collected)
    return packed.getvalue()


def unpack(packed: bytes) -> Any:
    """Return what :func:`pack` packed, in this project's own processes: bytes of others could run anything."""
    return pickle.loads(packed)


class _Packer(pickle.Pickler):
    def reducer_override(self, each: Any) -> Any:
        if type(each) is not np.ndarray or each.dtype.kind not in "biuf" or each.nbytes < LEAST \
                or not each.flags.c_contiguous:
            return NotImplemented
        some = np.flatnonzero(each.reshape(len(each), -1).any(axis=1))
        if 2 * len(some) > len(each):
            return NotImplemented
        return _spread, (each.shape, each.dtype, some, each[some])


def _spread(shape: tuple[int, ...], dtype: np.dtype, places: np.ndarray, rows: np.ndarray) -> np.ndarray:
    array = np.zeros(shape, dtype)
    array[places] = rows
    return array
