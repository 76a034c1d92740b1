"""Arrays in memory that is used again: the system clears new memory page by page, which costs a tenth of an update."""

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

# TensorFlow takes arrays that begin here without a copy.
ALIGNED = 64
# Arrays handed out since a block was last used, after which it is given back to the system.
KEPT = 256


@dataclass
class _Block:
    memory: np.ndarray
    last_used: int = 0

    def is_free(self) -> bool:
        """Whether no array lies in it: two references are its own and that of the call."""
        return sys.getrefcount(self.memory) == 2


@dataclass
class Memory:
    """Blocks of memory by size. An array's block is free again when the array, and every view of it, is gone."""

    _blocks: dict[int, list[_Block]] = field(default_factory=lambda: defaultdict(list))
    _handed_out: int = 0
    _lock: Lock = field(default_factory=Lock)

    def array(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Return an array of any contents that begins at a multiple of ``ALIGNED`` bytes."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        with self._lock:
            self._handed_out += 1
            block = next((each for each in self._blocks[size] if each.is_free()), None)
            if self._handed_out % KEPT == 0:
                self._give_back()
            if block is None:
                block = _Block(np.empty(size + ALIGNED, np.uint8))
                self._blocks[size].append(block)
            block.last_used = self._handed_out
            start = -block.memory.ctypes.data % ALIGNED
            return block.memory[start:start + size].view(dtype).reshape(shape)

    def _give_back(self) -> None:
        for size, blocks in list(self._blocks.items()):
            self._blocks[size] = [each for each in blocks
                                  if not each.is_free() or self._handed_out - each.last_used < KEPT]
            if not self._blocks[size]:
                del self._blocks[size]
