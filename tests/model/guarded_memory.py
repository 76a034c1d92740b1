"""Arrays that end where memory ends: the system ends a process that reads or writes behind them.

In front of them lies a page that may be written, and tells of it.
"""

import ctypes
import mmap

import numpy as np

_libc = ctypes.CDLL(None)
_kept: list[mmap.mmap] = []
_fronts: list[np.ndarray] = []
UNTOUCHED = 7


def at_the_end(array: np.ndarray) -> np.ndarray:
    """Return a copy of ``array`` whose last byte is the last before a page that nobody may touch."""
    pages = (1 - (-array.nbytes // mmap.PAGESIZE)) * mmap.PAGESIZE
    memory = mmap.mmap(-1, pages + mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert _libc.mprotect(ctypes.c_void_p(address + pages), mmap.PAGESIZE, 0) == 0
    _kept.append(memory)
    _fronts.append(np.frombuffer(memory, np.uint8, pages - array.nbytes))
    _fronts[-1][:] = UNTOUCHED
    placed = np.frombuffer(memory, np.uint8, array.nbytes, pages - array.nbytes).view(array.dtype).reshape(array.shape)
    placed[...] = array
    return placed


def nothing_in_front_was_written() -> bool:
    """Whether the memory in front of every array so far is as it was."""
    return all((front == UNTOUCHED).all() for front in _fronts)
