"""Trees by which an HDF5 file finds members of groups and chunks of arrays, looked at before the HDF5 library is.

The library (1.14.6) goes from a node to those that it names without looking whether they are below it: a node that
names itself, or one above it, ends the process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from probe.errors import UserError
from probe.files.hdf5_words import Words, number, open_words

NODE, GROUPS, CHUNKS = b"TREE", 0, 1
# Bytes of nodes that are looked at for each byte of the file: nodes lie beside one another, and their keys may be taken
# for those of an array of another rank.
MOST = 16


@dataclass(frozen=True)
class Trees:
    """The nodes of version 1 above the leaves (File Format Specification, III.A.1).

    Attributes:
        path: of the file.
        groups, chunks: where a node stands → its level, from 1.
    """

    path: Path
    groups: Mapping[int, int]
    chunks: Mapping[int, int]

    @classmethod
    def of(cls, path: Path) -> "Trees":
        """Find the nodes of a file, and look at those of its groups.

        Raises:
            UserError: a node of a group names one that is not below it, or the file cannot be read.
        """
        found: tuple[dict[int, int], dict[int, int]] = {}, {}
        with open_words(path) as words:
            for place in words.places(NODE):
                kind, level = words.read(place + len(NODE), 2).ljust(2, b"\0")
                if kind in (GROUPS, CHUNKS) and level:
                    found[kind][place] = level
            trees = cls(path, *found)
            trees._check(words, trees.groups, words.length)
        return trees

    def check_chunks(self, rank: int) -> None:
        """Look at the nodes as those of an array of so many axes.

        Raises:
            UserError: a node names one that is not below it, or the file cannot be read.
        """
        if self.chunks:
            with open_words(self.path) as words:
                # A key is the bytes of a chunk, what filters it passed by, and where it begins on each axis and within
                # a number.
                self._check(words, self.chunks, 8 + 8 * (rank + 1))

    def _check(self, words: Words, nodes: Mapping[int, int], key: int) -> None:
        left = MOST * words.size
        for place, level in nodes.items():
            head = len(NODE) + 4 + 2 * words.address
            used = number(words.read(place + len(NODE) + 2, 2))
            raw = words.read(place + head, used * (key + words.address))
            left -= len(raw)
            if left < 0:
                raise UserError(f"{self.path}: damaged: nodes of its trees lie in one another")
            for begin in range(key, len(raw), key + words.address):
                if nodes.get(number(raw[begin:begin + words.address]), 0) >= level:
                    raise UserError(f"{self.path}: damaged: a node of a tree, at {place:,}, names one that is not "
                                    "below it")
