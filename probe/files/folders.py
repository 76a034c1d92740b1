"""Replacing what a folder holds wholly or not at all."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from probe.errors import UserError
from probe.files.aside import FORMER, PART, folder_aside, is_in_use, meant_for
from probe.files.atomic import make_folder, sync_folder, umask

# Seconds in which a folder that was made aside may not have its lock yet.
JUST_MADE = 60


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder aside; it takes the place of ``path`` when the block ends without an error.

    An older ``path`` is moved away only after the new one is complete. A process that is killed at that very moment
    leaves none of the two in place; :func:`restore_folder` puts the older one back. This is meant for results that are
    written once and read often; the caller makes sure that what is replaced is such a result.

    Raises:
        UserError: a file is in the way, the disk is full, or the place is not writable; ``path`` is as it was.
    """
    path = path.resolve() if path.is_symlink() else path
    make_folder(path.parent)
    restore_folder(path)
    if path.exists() and not path.is_dir():
        raise UserError(f"{path}: is a file, and a folder is to be written here")
    _remove_abandoned(path)
    try:
        handle, aside = folder_aside(path)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror}") from error
    try:
        with _told_of(aside, path):
            yield aside
        aside.chmod(0o777 & ~umask())
        _exchange(aside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror or error}") from error
    finally:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(aside, ignore_errors=True)


def restore_folder(path: Path) -> None:
    """Put the folder ``path`` back if it is missing because a writer was killed while it exchanged it.

    Those who read what :func:`whole_folder` writes call this first.

    Raises:
        UserError: it is there under another name, and cannot be moved.
    """
    if path.exists() or not path.parent.is_dir():
        return
    asides = [entry for entry in path.parent.iterdir() if meant_for(entry) == (path, FORMER)]
    if not asides:
        return
    newest = max(asides, key=lambda entry: entry.stat().st_mtime_ns)
    try:
        os.replace(newest, path)
        sync_folder(path.parent)
    except OSError as error:
        if not path.exists():  # else its writer is alive and has finished
            raise UserError(f"{path}: a killed writer left it as {newest.name}, and it cannot be moved back: "
                            f"{error.strerror}") from error


def check_writable(path: Path) -> None:
    """Raise :class:`UserError` if nothing can be written at ``path``, as far as can be told without writing."""
    place = next(each for each in (path, *path.absolute().parents) if each.exists())
    if place.is_dir() and not os.access(place, os.W_OK | os.X_OK):
        raise UserError(f"{path}: cannot write: {place} is not writable")


@contextmanager
def whole_files(folder: Path, seal: str) -> Iterator[Path]:
    """Give an empty folder aside; the files in it take their places in ``folder`` when the block ends without an error.

    Other files in ``folder`` stay. After an error ``folder`` is as it was, missing if it was missing.

    Args:
        folder: made if missing.
        seal: the file that says that the others are whole: it is removed before the first of them is replaced, and
            comes last. A process that is killed in between leaves a folder without it.

    Raises:
        UserError: the disk is full, or the place is not writable.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    make_folder(folder)
    handle: int | None = None
    aside: Path | None = None
    try:
        handle, aside = folder_aside(folder / seal)
        with _told_of(aside, folder):
            yield aside
        (folder / seal).unlink(missing_ok=True)
        for path in sorted(aside.iterdir(), key=lambda path: path.name == seal):
            os.replace(path, folder / path.name)
        sync_folder(folder)
        made = []
    except OSError as error:
        raise UserError(f"{folder}: cannot write: {error.strerror or error}") from error
    finally:
        if handle is not None:
            os.close(handle)
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        with suppress(OSError):
            for place in made:
                place.rmdir()


@contextmanager
def _told_of(aside: Path, path: Path) -> Iterator[None]:
    """Let errors name what was to appear in ``path``, since ``aside`` will be gone when a person looks for it."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(str(aside), str(path))) from error


def _remove_abandoned(path: Path) -> None:
    """Remove what killed writers of the folder ``path`` left aside."""
    for entry in path.parent.iterdir():
        with suppress(OSError):
            if (meant_for(entry) == (path, PART) and not entry.is_symlink() and not is_in_use(entry)
                    and time.time() - entry.stat().st_mtime > JUST_MADE):
                shutil.rmtree(entry, ignore_errors=True)


def _exchange(aside: Path, path: Path) -> None:
    """Put the folder ``aside`` in the place of ``path``; if that fails, the former folder is there again."""
    former = aside.with_suffix(FORMER)
    while True:
        if path.exists():
            os.replace(path, former)
        try:
            os.replace(aside, path)
            break
        except OSError:
            if not path.exists():
                if former.exists():
                    os.replace(former, path)
                raise
            # A reader has just put the former folder back, or another writer a newer one: that goes instead.
            shutil.rmtree(former, ignore_errors=True)
    with suppress(FileNotFoundError):
        os.replace(former, aside)  # a half-removed folder must not be taken for one to be put back
