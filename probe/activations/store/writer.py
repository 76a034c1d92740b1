"""Writing a store, which may be killed at any moment and ends with the same bytes."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from probe.activations.block import Blocks
from probe.activations.store.contents import Contents
from probe.activations.store.manifest import MANIFEST, TEXT, Manifest, check_folder, is_store
from probe.activations.store.options import StoreOptions
from probe.activations.store.part import PartBuilder, file_of
from probe.activations.store.progress import PartRecord, Progress, check_parts, end
from probe.activations.store.reader import Store
from probe.activations.store.resumable import State, blocks_from
from probe.activations.store.size import check_fits, store_size
from probe.corpus import Corpus
from probe.corpus.corpus import CODES, IDS
from probe.corpus.corpus import MANIFEST as CORPUS
from probe.errors import UserError
from probe.files import (
    FolderLock,
    iterate_bytes,
    remove_leftovers,
    replace_bytes,
    replace_file,
    sha256_of,
    whole_files,
)
from probe.progress import progress_bar

PURPOSE = "the writing of activations"
MOST_DIFFERENCES = 5


def write_store(blocks: Blocks, folder: str | Path, options: StoreOptions = StoreOptions(), *,
                notes: Mapping[str, Any] | None = None, beside: Callable[[Path], None] | None = None,
                show: bool = True) -> Store:
    """Write activations into a store, or go on where the writing of this very store was stopped.

    Memory stays bounded whatever the length. A store that is there already, whole and the same, is left as it is; of
    one that was begun and has no part yet, another may be made.

    Args:
        blocks: the activations. If they are :class:`Resumable` they go on from where they were, else they are read
            again from the beginning and must come again bit for bit.
        folder: new, empty, or a store of the same text, network and options.
        options: dtype, and which rows are kept.
        notes: JSON values to keep beside the provenance; those of the first sitting stay.
        beside: writes what else the folder is to hold, before the store counts as whole.
        show: whether to show progress.

    Raises:
        UserError: another store or something else is in the folder, another process writes there, the disk is full or
            has too little room, or a number is not finite or too large for float16.
    """
    folder = Path(folder)
    contents = Contents.of(blocks, options, notes)
    check_folder(folder)
    with FolderLock(folder, PURPOSE) as lock:
        remove_leftovers(folder)
        remove_leftovers(folder / TEXT)
        if (folder / MANIFEST).exists():
            store = Store.open(folder)
            _check_same(folder, store.contents, contents)
            if beside:
                beside(folder)
            end(folder)
            return store
        progress = Progress()
        if is_store(folder):
            there, progress = Progress.read(folder)
            if progress.parts:  # else nothing is lost if something else is begun
                _check_same(folder, there, contents)
                check_parts(folder, progress)
                contents = there  # with its log and notes, which may have changed meanwhile
        check_fits(folder, store_size(contents, blocks.corpus) - progress.bytes)
        if not progress.parts:
            progress.begin(folder, contents)
            _keep_text(blocks.corpus, folder / TEXT)
        progress = _Writing(folder, contents, lock).run(blocks, progress, show=show)
        if progress.rows != contents.rows:
            raise UserError(f"{folder}: the activations end after {progress.rows:,} rows, and {contents.rows:,} were "
                            "to come")
        if beside:
            beside(folder)
        Manifest.of(contents, progress.parts).write(folder)
        end(folder)
    return Store.open(folder)


class _Writing:
    """One sitting at a store."""

    def __init__(self, folder: Path, contents: Contents, lock: FolderLock) -> None:
        self._folder, self._contents, self._lock = folder, contents, lock
        self._builder = PartBuilder(contents)

    def run(self, blocks: Blocks, progress: Progress, *, show: bool) -> Progress:
        """Read ``blocks`` to their end; return the progress with all parts."""
        builder = self._builder
        before: State = progress.state
        offset, taken = progress.characters, progress.blocks
        with progress_bar(self._contents.rows, "extract", " rows", done=progress.rows, show=show) as bar:
            for block, after in blocks_from(blocks, progress.blocks, progress.state):
                while offset < block.length:
                    held = builder.rows
                    offset += builder.take(block, offset)
                    bar.update(builder.rows - held)
                    at_end = offset == block.length
                    if builder.full:
                        progress = self._save(progress, taken + at_end, 0 if at_end else offset,
                                              after if at_end else before)
                taken, offset, before = taken + 1, 0, after
                del block  # or it would stay in memory while the next is made
            if builder.rows:
                progress = self._save(progress, taken, 0, before)
        return progress

    def _save(self, progress: Progress, blocks: int, characters: int, state: State) -> Progress:
        number = len(progress.parts)
        image, pieces = self._builder.image(number)
        self._builder.clear()
        self._lock.check()
        replace_bytes(self._folder / file_of(number), image)
        record = PartRecord(len(image), hashlib.sha256(image).hexdigest(), pieces)
        return progress.commit(self._folder, self._contents, record, blocks, characters, state)


def _check_same(folder: Path, there: Contents, asked: Contents) -> None:
    differences = there.differences(asked)
    if differences:
        more = len(differences) - MOST_DIFFERENCES
        words = "; ".join(differences[:MOST_DIFFERENCES]) + (f"; and {more} more" if more > 0 else "")
        raise UserError(f"{folder}: holds other activations: {words}; name another folder, or remove this one")


def _keep_text(corpus: Corpus, folder: Path) -> None:
    """Copy a corpus into a store, so that the store is read on any machine."""
    if (folder / CORPUS).exists() and sha256_of(folder / CORPUS) == sha256_of(corpus.folder / CORPUS):
        return
    with whole_files(folder, CORPUS) as aside:
        for name in (CODES, IDS, CORPUS):
            with replace_file(aside / name) as file:
                for block in iterate_bytes(corpus.folder / name):
                    file.write(block)
