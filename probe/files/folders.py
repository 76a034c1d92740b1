"""Replacing what a folder holds wholly or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from probe.errors import UserError
from probe.files.abandoned import remove_abandoned
from probe.files.aside import FORMER, folder_aside, meant_for
from probe.files.atomic import made_folder, sync_folder, umask
from probe.files.reading import check_plain


@contextmanager
def whole_folder(path: Path, *, new: bool = False) -> Iterator[Path]:
    """Give an empty folder aside; it takes the place of ``path`` when the block ends without an error.

    An older ``path`` is moved away only after the new one is complete. A process that is killed at that very moment
    leaves none of the two in place; :func:`restore_folder` puts the older one back. This is meant for results that are
    written once and read often; the caller makes sure that what is replaced is such a result.

    Args:
        path: the folder.
        new: replace nothing but an empty folder, even if another process has filled it when the block ends.

    Raises:
        UserError: a file is in the way, or anything that ``new`` forbids, the disk is full, or the place is not
            writable; ``path`` is as it was.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    with made_folder(path.parent):
        restore_folder(path)
        if path.exists() and not path.is_dir():
            raise UserError(f"{path}: is a file, and a folder is to be written here")
        remove_abandoned(path)
        try:
            handle, aside = folder_aside(path)
        except OSError as error:
            raise UserError(f"{path}: cannot write: {error.strerror}") from error
        try:
            with _told_of(aside, path):
                yield aside
            aside.chmod(0o777 & ~umask())
            (_appear if new else _exchange)(aside, path)
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
    while not path.exists() and path.parent.is_dir():
        asides = [entry for entry in path.parent.iterdir() if meant_for(entry) == (path, FORMER)]
        if not asides:
            return
        newest = max(asides, key=_changed)
        try:
            os.replace(newest, path)
            sync_folder(path.parent)
        except FileNotFoundError:
            continue  # its writer, or another reader, is alive and was faster
        except OSError as error:
            if not path.exists():  # else its writer is alive and has finished
                raise UserError(f"{path}: a killed writer left it as {newest.name}, and it cannot be moved back: "
                                f"{error.strerror}") from error


def _changed(entry: Path) -> int:
    """When it was changed, in nanoseconds; 0 if it has just gone."""
    try:
        return entry.stat().st_mtime_ns
    except OSError:
        return 0


def check_writable(path: Path) -> None:
    """Raise :class:`UserError` if nothing can be written at ``path``, as far as can be told without writing."""
    place = next(each for each in (path, *path.absolute().parents) if each.exists())
    if place.is_dir() and not os.access(place, os.W_OK | os.X_OK):
        raise UserError(f"{path}: cannot write: {place} is not writable")


@contextmanager
def whole_files(folder: Path, seal: str) -> Iterator[Path]:
    """Give an empty folder aside; the files in it take their places in ``folder`` when the block ends without an error.

    Other files in ``folder`` stay. After an error ``folder`` is as it was, missing if it was missing, as far as the
    disk still permits that.

    Args:
        folder: made if missing.
        seal: the file that says that the others are whole: it goes before the first of them is replaced and comes
            last. A process that is killed in between leaves a folder without it. If it comes alone, it is replaced in
            one step.

    Raises:
        UserError: the disk is full, or the place is not writable.
    """
    check_plain(folder / seal)
    handle: int | None = None
    aside: Path | None = None
    with made_folder(folder):
        remove_abandoned(folder / seal)
        try:
            handle, aside = folder_aside(folder / seal)
            with _told_of(aside, folder):
                yield aside
            _put(aside, folder, seal)
            sync_folder(folder)
        except OSError as error:
            raise UserError(f"{folder}: cannot write: {error.strerror or error}") from error
        finally:
            if handle is not None:
                os.close(handle)
            if aside is not None:
                shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _told_of(aside: Path, path: Path) -> Iterator[None]:
    """Let errors name what was to appear in ``path``, since ``aside`` will be gone when a person looks for it."""
    try:
        yield
    except UserError as error:
        raise UserError(str(error).replace(str(aside), str(path))) from error


def _put(aside: Path, folder: Path, seal: str) -> None:
    """Let the files in ``aside`` take their places in ``folder``; if that fails, the former ones are there again."""
    names = sorted((path.name for path in aside.iterdir()), key=lambda name: name == seal)
    for name in names:
        if (folder / name).is_dir():
            raise UserError(f"{folder / name}: is a folder, and a file is to be written here")
    former = aside / FORMER
    former.mkdir()
    moved: list[str] = []
    placed: list[str] = []
    try:
        for name in ([] if names == [seal] else dict.fromkeys([seal, *names])):
            if (folder / name).exists():
                os.replace(folder / name, former / name)
                moved.append(name)
        for name in names:
            os.replace(aside / name, folder / name)
            placed.append(name)
    except BaseException:
        with suppress(OSError):  # of a disk that refuses this too there is nothing more to tell
            for name in placed:
                (folder / name).unlink()
            for name in reversed(moved):
                os.replace(former / name, folder / name)
        raise


def _appear(aside: Path, path: Path) -> None:
    """Let the folder ``aside`` be ``path``, if that is missing or empty."""
    try:
        if os.name == "nt" and path.exists():  # where not even an empty folder is replaced
            path.rmdir()
        os.replace(aside, path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise UserError(f"{path}: is not empty, and a new folder is needed here") from error
        raise


def _exchange(aside: Path, path: Path) -> None:
    """Put the folder ``aside`` in the place of ``path``; if that fails, the former folder is there again."""
    former = aside.with_suffix(FORMER)
    while True:
        if path.exists():
            with suppress(FileNotFoundError):  # another writer has just moved it away
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
