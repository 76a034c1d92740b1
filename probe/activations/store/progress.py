"""A store that is being written: what is whole already, and how the reading goes on from there.

A part counts once the manifest of the unfinished store says so, which is replaced after the part, the line of the
journal and the state of the reading have reached the disk. Whatever a kill leaves beyond that is written again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.store.contents import Contents
from probe.activations.store.part import file_of
from probe.errors import UserError
from probe.files import (
    append_line,
    journal_size,
    read_bundle,
    read_lines,
    read_manifest,
    remove_files,
    size_of,
    truncate_journal,
    write_bundle,
    write_manifest,
)

KIND, VERSION = "unfinished store", 1
MANIFEST, JOURNAL = "unfinished.json", "parts.jsonl"


@dataclass(frozen=True)
class PartRecord:
    """One whole part.

    Attributes:
        bytes: of its file.
        sha256: of these.
        pieces: first row and count of each piece of consecutive rows, (P, 2) int64.
    """

    bytes: int
    sha256: str
    pieces: np.ndarray


@dataclass(frozen=True)
class Progress:
    """How far the writing of a store has come.

    Attributes:
        parts: those that are whole.
        rows, bytes: of these together.
        blocks: blocks that were taken in wholly.
        characters: of each stream of the next block that were taken in too.
        state: the state of the reading before the next block, by which it goes on; empty if it does so by counting.
    """

    parts: tuple[PartRecord, ...] = ()
    rows: int = 0
    bytes: int = 0
    blocks: int = 0
    characters: int = 0
    state: Mapping[str, np.ndarray] = field(default_factory=dict)

    def begin(self, folder: Path, contents: Contents) -> None:
        """Declare ``folder`` an unfinished store of nothing yet."""
        self._write(folder, contents, "", 0)

    def commit(self, folder: Path, contents: Contents, part: PartRecord, blocks: int, characters: int,
               state: Mapping[str, np.ndarray]) -> "Progress":
        """Save that ``part``, whose file is in its place, is whole, and return the progress with it."""
        after = Progress((*self.parts, part), self.rows + int(part.pieces[:, 1].sum()), self.bytes + part.bytes, blocks,
                         characters, state)
        former = self._state_file(folder)
        sha256 = write_bundle(after._state_file(folder), dict(state))
        append_line(folder / JOURNAL, {"bytes": part.bytes, "sha256": part.sha256, "pieces": part.pieces.tolist()})
        after._write(folder, contents, sha256, journal_size(folder / JOURNAL))
        remove_files(former)
        return after

    @classmethod
    def read(cls, folder: Path) -> tuple[Contents, "Progress"]:
        """Return what an unfinished store is to hold and how far it is; cut off what came after that was saved.

        Raises:
            UserError: it is damaged.
        """
        path = folder / MANIFEST
        content = read_manifest(path, KIND, VERSION)
        try:
            contents = Contents.from_json(content["contents"])
            if _count(content, "parts") == 0:
                remove_files(folder / JOURNAL)
                return contents, cls()
            journal = folder / JOURNAL
            if not journal.exists() or journal.stat().st_size < _count(content, "journal"):
                raise ValueError(f"{JOURNAL} is missing or cut short")
            truncate_journal(journal, content["journal"])
            parts = tuple(_record(line) for line in read_lines(folder / JOURNAL))
            rows, size = sum(int(part.pieces[:, 1].sum()) for part in parts), sum(part.bytes for part in parts)
            found = cls(parts, rows, size, _count(content, "blocks"), _count(content, "characters"))
            if len(parts) != content["parts"]:
                raise ValueError(f"{len(parts)} parts of {content['parts']} are in its journal")
            return contents, replace(found, state=read_bundle(found._state_file(folder), content["state"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise _damaged(path, error) from error

    def _write(self, folder: Path, contents: Contents, state: str, journal: int) -> None:
        write_manifest(folder / MANIFEST, KIND, VERSION, {
            "contents": contents.to_json(), "parts": len(self.parts), "rows": self.rows,
            "blocks": self.blocks, "characters": self.characters, "state": state, "journal": journal})

    def _state_file(self, folder: Path) -> Path:
        return folder / f"state-{len(self.parts):06}.safetensors"


def _record(line: Mapping[str, Any]) -> PartRecord:
    return PartRecord(line["bytes"], line["sha256"], np.asarray(line["pieces"], np.int64).reshape(-1, 2))


def _count(content: Mapping[str, Any], name: str) -> int:
    """A number of a manifest, of what there can be none or some."""
    value = content.get(name)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} must be a whole number from 0; received {value!r:.40}")
    return value


def _damaged(path: Path, error: Exception) -> UserError:
    return UserError(f"{path}: damaged: {error!s:.120}; remove the folder and extract again")


def saved_rows(folder: Path) -> int:
    """Return how many rows an unfinished store holds, without touching it; 0 if there is none.

    Raises:
        UserError: its manifest is damaged.
    """
    path = folder / MANIFEST
    if not path.exists():
        return 0
    content = read_manifest(path, KIND, VERSION)
    try:
        return _count(content, "rows")
    except ValueError as error:
        raise _damaged(path, error) from error


def end(folder: Path) -> None:
    """Remove what only an unfinished store has, its manifest last."""
    remove_files(folder / JOURNAL, *sorted(folder.glob("state-*.safetensors")), folder / MANIFEST)


def check_parts(folder: Path, progress: Progress) -> None:
    """Raise :class:`UserError` if the files of whole parts are not there in the size they were written in."""
    for number, part in enumerate(progress.parts):
        path = folder / file_of(number)
        if size_of(path) != part.bytes:
            raise UserError(f"{path}: missing or cut short, though it was whole; remove the folder and extract again")
