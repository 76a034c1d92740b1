"""The manifest of a finished store: what it holds, and the checksum of everything in it."""

import operator
from dataclasses import dataclass
from pathlib import Path

from probe.activations.store import progress
from probe.activations.store.contents import Contents
from probe.activations.store.index import RowIndex
from probe.activations.store.progress import PartRecord
from probe.corpus import Corpus
from probe.errors import UserError
from probe.files import (
    LARGEST_JSON,
    LOCKS,
    is_leftover,
    read_bundle,
    read_manifest,
    sha256_of,
    write_bundle,
    write_manifest,
)

KIND, VERSION = "store", 1
MANIFEST, INDEX, TEXT = "store.json", "index.safetensors", "text"


@dataclass(frozen=True)
class PartFile:
    """The size of a part's file and the sha256 of its bytes."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A finished store.

    Attributes:
        contents: what it holds.
        parts: its K parts.
        index: where in them each row lies.
    """

    contents: Contents
    parts: tuple[PartFile, ...]
    index: RowIndex

    @classmethod
    def of(cls, contents: Contents, parts: tuple[PartRecord, ...]) -> "Manifest":
        """Return the manifest of a store whose parts are all whole.

        Raises:
            UserError: the parts do not hold each row once.
        """
        index = RowIndex.of([part.pieces for part in parts])
        return cls(contents, tuple(PartFile(part.bytes, part.sha256) for part in parts), index)

    def write(self, folder: Path) -> None:
        """Make ``folder``, which holds the parts and the text, a finished store."""
        sha256 = write_bundle(folder / INDEX, {"first": self.index.first, "count": self.index.count,
                                               "pieces": self.index.pieces})
        write_manifest(folder / MANIFEST, KIND, VERSION, {
            "contents": self.contents.to_json(), "parts": [[part.bytes, part.sha256] for part in self.parts],
            "index": sha256, "text": sha256_of(folder / TEXT / "corpus.json")})

    @classmethod
    def read(cls, folder: Path) -> "tuple[Manifest, Corpus]":
        """Return the manifest of a store, and its text.

        Raises:
            UserError: missing, unfinished, damaged, or of another version.
        """
        if not (folder / MANIFEST).exists():
            raise UserError(_no_store(folder))
        content = read_manifest(folder / MANIFEST, KIND, VERSION)
        arrays = read_bundle(folder / INDEX, str(content.get("index")))
        if sha256_of(folder / TEXT / "corpus.json", LARGEST_JSON) != content.get("text"):
            raise UserError(f"{folder / TEXT}: damaged: not the text of this store")
        corpus = Corpus.open(folder / TEXT)
        try:
            contents = Contents.from_json(content["contents"])
            parts = tuple(PartFile(operator.index(size), str(sha256)) for size, sha256 in content["parts"])
            if any(arrays[name].dtype != "int64" or arrays[name].ndim != 1 for name in ("first", "count", "pieces")):
                raise ValueError("its index must be of whole numbers")
            index = RowIndex(arrays["first"], arrays["count"], arrays["pieces"])
            if len(index) != contents.rows or len(index.pieces) != len(parts):
                raise ValueError(f"{contents.rows:,} rows in {len(parts)} parts are declared, and {len(index):,} in "
                                 f"{len(index.pieces)} are there")
            if contents.segment.stop > len(corpus) or contents.text != corpus.source:
                raise ValueError("it is not of the text that is kept in it")
        except UserError as error:
            raise UserError(f"{folder / INDEX}: {error}") from error
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UserError(f"{folder / MANIFEST}: not the description of a store: {error!r:.120}") from error
        return cls(contents, parts, index), corpus


def is_store(folder: Path) -> bool:
    """Return whether ``folder`` holds a store, be it unfinished."""
    return (folder / MANIFEST).exists() or (folder / progress.MANIFEST).exists()


def holds_store(folder: Path) -> bool:
    """Return whether ``folder`` holds a whole store."""
    return (folder / MANIFEST).exists()


def is_begun(folder: Path) -> bool:
    """Return whether ``folder`` holds a whole store, or a part of one at least, with which a writer goes on."""
    return (folder / MANIFEST).exists() or progress.saved_rows(folder) > 0


def check_folder(folder: Path) -> None:
    """Raise :class:`UserError` if ``folder`` is neither new, nor empty, nor a store."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is a file; name a new folder for the activations")
    if folder.is_dir() and not is_store(folder) and any(
            entry.name not in LOCKS and not is_leftover(entry) for entry in folder.iterdir()):
        raise UserError(f"{folder}: is not empty and holds no activations; name a new folder")


def _no_store(folder: Path) -> str:
    if (folder / progress.MANIFEST).exists():
        return (f"{folder}: unfinished, and a store is read when it is whole; the command that began it goes on where "
                "it stopped")
    if not folder.is_dir():
        return f"{folder}: no such folder"
    return f"{folder}: holds no activations; 'probe extract RUN --out {folder}' writes them"
