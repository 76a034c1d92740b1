"""Arrays that end where memory ends: the system ends a process that reads or writes behind them."""

import ctypes
import mmap

import numpy as np

_libc = ctypes.CDLL(None)
_kept: list[mmap.mmap] = []


def at_the_end(array: np.ndarray) -> np.ndarray:
    """Return a copy of ``array`` whose last byte is the last before a page that nobody may touch."""
    pages = -(-array.nbytes // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, pages + mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert _libc.mprotect(ctypes.c_void_p(address + pages), mmap.PAGESIZE, 0) == 0
    _kept.append(memory)
    placed = np.frombuffer(memory, np.uint8, array.nbytes, pages - array.nbytes).view(array.dtype).reshape(array.shape)
    placed[...] = array
    return placed
