"""Replacing a file wholly or not at all: write aside, flush, fsync, rename, fsync the folder."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from probe.errors import UserError
from probe.files.abandoned import remove_abandoned
from probe.files.aside import file_aside, still_held
from probe.files.reading import check_plain


def make_folder(path: Path) -> Path:
    """Create the folder ``path`` and its parents if missing.

    Raises:
        UserError: something that is not a folder is in the way, or the place is not writable.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UserError(f"{path}: is a file, and a folder is needed here") from error
    except OSError as error:
        raise UserError(f"{path}: cannot create this folder: {error.strerror}") from error
    return path


@contextmanager
def made_folder(path: Path) -> Iterator[None]:
    """Make the folder ``path`` and its parents; after an error those that were missing are missing again, if empty.

    Raises:
        UserError: as :func:`make_folder`.
    """
    missing = missing_folders(path)
    try:
        make_folder(path)
        yield
    except BaseException:
        remove_empty(missing)
        raise


def missing_folders(path: Path) -> list[Path]:
    """Return which of the folder ``path`` and its parents are not there, the innermost first."""
    return [place for place in (path, *path.parents) if not place.exists()]


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders, the innermost first, as far as they are there, empty, and the disk permits it."""
    with suppress(OSError):
        for each in folders:
            if each.exists():
                each.rmdir()


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file aside for writing; it takes the place of ``path`` when the block ends without an error.

    What killed writers of ``path`` left aside goes.

    Raises:
        UserError: the disk is full, the place is not writable, or ``path`` is a pipe or device, such as /dev/null, that
            a file would take the place of; ``path`` is as it was.
    """
    make_folder(path.parent)
    check_plain(path)
    remove_abandoned(path)
    aside: Path | None = None
    try:
        handle, aside = file_aside(path)
        with still_held(handle):
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, _mode(path))
            os.replace(aside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror or error}") from error
    finally:
        if aside is not None:
            with suppress(OSError):  # a disk that refuses even this has been told of already
                aside.unlink(missing_ok=True)


def replace_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` atomically; errors as in :func:`replace_file`."""
    with replace_file(path) as file:
        file.write(content)


def replace_text(path: Path, content: str) -> None:
    """Replace ``path`` by ``content`` in UTF-8 atomically.

    Raises:
        UserError: it holds half a surrogate pair, or as :func:`replace_file`.
    """
    replace_bytes(path, utf_8(content, path))


def utf_8(text: str, path: Path) -> bytes:
    """Return the bytes of ``text``, which is to be written to ``path``.

    Raises:
        UserError: it holds half a surrogate pair, of which UTF-8 has no bytes.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError(f"{path}: cannot write: UTF-8 has no bytes for half a surrogate pair, "
                        f"U+{ord(text[error.start]):04X}") from error


def sync_folder(path: Path) -> None:
    """Make a rename inside ``path`` durable, where the system can open folders (Windows cannot)."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode(path: Path) -> int:
    """The permissions that a file had, else those that a new one gets: what nobody else could read stays so."""
    try:
        return stat.S_IMODE(os.stat(path, follow_symlinks=False).st_mode) if not path.is_symlink() else _new_mode()
    except FileNotFoundError:
        return _new_mode()


def _new_mode() -> int:
    return 0o666 & ~umask()


def umask() -> int:
    """Return the mode bits that this process withholds from what it makes."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
