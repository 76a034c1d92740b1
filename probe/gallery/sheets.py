"""How a gallery is divided into files: one, or, where activations are many, an index and a folder of pages."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from probe.gallery.sweep import Sweep

MEGABYTE = 1_000_000
# (passage, source) → places of the units whose activations a file holds; None for all of that source.
Held = Mapping[tuple[int, int], Sequence[int] | None]


@dataclass(frozen=True)
class Sheet:
    """One file of a gallery.

    Attributes:
        file: its path from the folder that holds the index.
        views: what it shows: some of ``"findings"``, ``"unit"``, ``"read"`` and ``"network"``.
        held: the activations in it.
    """

    file: str
    views: frozenset[str]
    held: Held

    def link(self, other: str) -> str:
        """Return the address of another file from this one; nothing for itself."""
        if other == self.file:
            return ""
        depth = len(PurePosixPath(self.file).parts) - 1
        return "../" * depth + quote(os.fsencode(other))  # a name need not be UTF-8


@dataclass(frozen=True)
class Sheets:
    """All files of a gallery.

    Attributes:
        index: the one that is opened.
        pages: the others; empty if one file holds everything.
        units: for each source the first place of each file that has units' own pages, with that file.
        readers: for each passage, and each source, the file in which it is read.
    """

    index: Sheet
    pages: tuple[Sheet, ...]
    units: Sequence[Sequence[tuple[int, str]]]
    readers: Sequence[Sequence[str]]

    def unit_file(self, source: int, place: int) -> str:
        """Return the file with the own page of a unit."""
        return next(file for first, file in reversed(self.units[source]) if first <= place)


def folder_of(index: str) -> str:
    """Return the name of the folder that holds the editions of the other pages of the gallery ``index``."""
    return f"{PurePosixPath(index).stem}-pages"


def sheets(index: str, sweep: Sweep, lengths: Sequence[int], largest: float,
           specimens: Iterable[tuple[int, int, int]], edition: int = 1) -> Sheets:
    """Divide a gallery.

    Args:
        index: name of the file that is opened.
        sweep: its units.
        lengths: characters of each passage.
        largest: megabytes of packed activations that one file may hold.
        specimens: (source, place, passage) of the texts that the index shows even if all else lies elsewhere.
        edition: number of the folder in which the other files lie.
    """
    per_unit = sum(4 * -(-length // 3) for length in lengths)
    everything = [(passage, source) for passage in range(len(lengths)) for source in range(len(sweep.sources))]
    if per_unit * sweep.count <= largest * MEGABYTE:
        whole = Sheet(index, frozenset({"findings", "unit", "read", "network"}), dict.fromkeys(everything))
        return Sheets(whole, (), [[(0, index)]] * len(sweep.sources), [[index] * len(sweep.sources)] * len(lengths))

    folder, pages = f"{folder_of(index)}/{edition}", []
    most = max(1, int(largest * MEGABYTE / max(1, per_unit)))
    units: list[list[tuple[int, str]]] = []
    for source, each in enumerate(sweep.sources):
        units.append([])
        for first in range(0, len(each.units), most):
            file = f"{folder}/units-{each.slug}-{each.units[first]}.html"
            places = range(first, min(first + most, len(each.units)))
            held = {(passage, source): places for passage in range(len(lengths))}
            pages.append(Sheet(file, frozenset({"unit"}), held))
            units[-1].append((first, file))
    readers: list[list[str]] = []
    for passage, length in enumerate(lengths):
        together = 4 * -(-length // 3) * sweep.count <= largest * MEGABYTE
        parts = [range(len(sweep.sources))] if together else [[source] for source in range(len(sweep.sources))]
        readers.append([])
        for part in parts:
            name = f"passage-{passage}" + ("" if together else f"-{sweep.sources[part[0]].slug}")
            file = f"{folder}/{name}.html"
            pages.append(Sheet(file, frozenset({"read"}), {(passage, source): None for source in part}))
            readers[-1] += [file] * len(part)
    shown: dict[tuple[int, int], list[int]] = {}
    for source, place, passage in sorted(set(specimens)):
        shown.setdefault((passage, source), []).append(place)
    return Sheets(Sheet(index, frozenset({"findings", "network"}), shown), tuple(pages), units, readers)
