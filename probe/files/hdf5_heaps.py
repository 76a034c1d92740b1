"""Heaps in which an HDF5 file keeps strings of variable length, looked at before the HDF5 library walks through them.

The library (1.14.6) steps from one object of a heap to the next by the size that the object tells. A free one that
tells 0 holds it for ever.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from probe.errors import UserError
from probe.files.hdf5_extent import LONGEST_HEAD, length_bytes_of
from probe.files.reading import BLOCK

HEAP = b"GCOL\x01\0\0\0"
# Bytes of what stands before a heap, and before each of its objects, padded to whole words.
HEAD = 16
WORD = 8


def check_heaps(path: Path) -> None:
    """Look at every global heap collection of an HDF5 file, wherever it lies (HDF5 File Format Specification, III.E).

    Args:
        path: the file.

    Raises:
        UserError: an object of a heap has no length, or heaps lie in one another.
    """
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            length_bytes = length_bytes_of(file.read(LONGEST_HEAD))
            file.seek(0)
            left = size // WORD  # objects that heaps beside one another can have at most
            for place in list(_heaps(file)):
                left -= _objects(path, file, place, size, length_bytes, left)
    except OSError as error:
        raise UserError(f"{path}: cannot read: {error.strerror}") from error


def _heaps(file: BinaryIO) -> Iterator[int]:
    """Yield where the first words of a heap stand."""
    before, begin = b"", 0
    while block := file.read(BLOCK):
        window, at = before + block, -1
        while (at := window.find(HEAP, at + 1)) >= 0:
            yield begin - len(before) + at
        before = window[-(len(HEAP) - 1):]
        begin += len(block)


def _objects(path: Path, file: BinaryIO, place: int, size: int, length_bytes: int, most: int) -> int:
    """Return how many objects the heap at ``place`` has; it ends with the file, or where less than an object fits."""
    file.seek(place + len(HEAP))
    end = min(size, place + int.from_bytes(file.read(length_bytes), "little"))
    at, count = place + HEAD, 0
    while at + HEAD <= end:
        file.seek(at)
        head = file.read(HEAD)
        number = int.from_bytes(head[:2], "little")
        length = int.from_bytes(head[WORD:WORD + length_bytes], "little")
        step = length if number == 0 else HEAD + -(-length // WORD) * WORD
        count += 1
        if step == 0:
            raise UserError(f"{path}: damaged: an object of its heap at {place:,} has no length")
        if count > most:
            raise UserError(f"{path}: damaged: its heaps lie in one another")
        at += step
    return count
