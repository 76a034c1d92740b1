"""Heaps in which an HDF5 file keeps strings and names, looked at before the HDF5 library walks through them.

The library (1.14.6) steps from one object of a heap to the next by the size that the object tells, and from one free
block to the next as that says. A free object of size 0, or a free block that is its own next one, holds it for ever.
"""

from pathlib import Path

from probe.errors import UserError
from probe.files.hdf5_words import Words, number, open_words

GLOBAL, LOCAL = b"GCOL\x01\0\0\0", b"HEAP\0\0\0\0"
# Bytes of what stands before a global heap, and before each of its objects, padded to whole words.
HEAD = 16
WORD = 8
# What a local heap says where no free block comes next.
NO_NEXT = 1


def check_heaps(path: Path) -> None:
    """Look at every heap of an HDF5 file, wherever it lies (File Format Specification, III.D and III.E).

    Args:
        path: the file.

    Raises:
        UserError: an object of a heap has no length, free blocks lead back to themselves, heaps lie in one another, or
            the file cannot be read.
    """
    with open_words(path) as words:
        left = words.size // WORD  # objects that heaps beside one another can have at most
        for place in words.places(GLOBAL):
            left -= _objects(path, words, place, left)
        for place in words.places(LOCAL):
            left -= _free_blocks(path, words, place, left)


def _objects(path: Path, words: Words, place: int, most: int) -> int:
    """Return how many objects the global heap at ``place`` has; it ends with the file, or where none fits."""
    end = min(words.size, place + number(words.read(place + len(GLOBAL), words.length)))
    at, count = place + HEAD, 0
    while at + HEAD <= end:
        head = words.read(at, HEAD)
        length = number(head[WORD:WORD + words.length])
        step = length if number(head[:2]) == 0 else HEAD + -(-length // WORD) * WORD
        count += 1
        if step == 0:
            raise UserError(f"{path}: damaged: an object of its heap at {place:,} has no length")
        if count > most:
            raise UserError(f"{path}: damaged: its heaps lie in one another")
        at += step
    return count


def _free_blocks(path: Path, words: Words, place: int, most: int) -> int:
    """Return how many free blocks the local heap at ``place`` has."""
    head = words.read(place + len(LOCAL), 2 * words.length + words.address)
    size, free, data = (number(head[begin:end]) for begin, end in (
        (0, words.length), (words.length, 2 * words.length), (2 * words.length, None)))
    seen: set[int] = set()
    while free != NO_NEXT and free < size and data + free < words.size:
        if free in seen:
            raise UserError(f"{path}: damaged: the free blocks of its heap at {place:,} lead back to themselves")
        seen.add(free)
        if len(seen) > most:
            raise UserError(f"{path}: damaged: its heaps lie in one another")
        free = number(words.read(data + free, words.length))
    return len(seen)
