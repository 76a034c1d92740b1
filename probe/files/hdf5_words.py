"""Bytes of an HDF5 file as they lie there, found by what they begin with (File Format Specification, version 3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from probe.errors import UserError
from probe.files.hdf5_extent import ADDRESS_BYTES, LONGEST_HEAD
from probe.files.reading import BLOCK


@dataclass(frozen=True)
class Words:
    """An open file.

    Attributes:
        file: open for reading.
        size: of the file in bytes.
        address, length: how many bytes an address and a length have.
    """

    file: BinaryIO
    size: int
    address: int
    length: int

    @classmethod
    def of(cls, file: BinaryIO) -> "Words":
        """Read the sizes from the superblock; 8 where it does not tell them."""
        head = file.read(LONGEST_HEAD)
        version = head[8] if len(head) == LONGEST_HEAD else -1
        told = head[ADDRESS_BYTES[version]:][:2] if version in ADDRESS_BYTES else b"\x08\x08"
        address, length = (each if each in (2, 4, 8) else 8 for each in told)
        return cls(file, file.seek(0, 2), address, length)

    def read(self, place: int, count: int) -> bytes:
        """Return the bytes at ``place``, as many as there are up to ``count``."""
        if not 0 <= place < self.size:
            return b""
        self.file.seek(place)
        return self.file.read(min(count, self.size - place))

    def places(self, signature: bytes) -> Iterator[int]:
        """Yield where ``signature`` stands."""
        before, begin = b"", 0
        while block := self.read(begin, BLOCK):
            window, at = before + block, -1
            while (at := window.find(signature, at + 1)) >= 0:
                yield begin - len(before) + at
            before = window[1 - len(signature):]
            begin += len(block)


@contextmanager
def open_words(path: Path) -> Iterator[Words]:
    """Open a file to look at its bytes.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            yield Words.of(file)
    except OSError as error:
        raise UserError(f"{path}: cannot read: {error.strerror}") from error


def number(raw: bytes) -> int:
    """Return what bytes say as a whole number from 0."""
    return int.from_bytes(raw, "little")
