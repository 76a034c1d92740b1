"""Replacing a file wholly or not at all: write aside, flush, fsync, rename, fsync the folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from probe.errors import UserError
from probe.files.aside import file_aside


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
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file aside for writing; it takes the place of ``path`` when the block ends without an error.

    Raises:
        UserError: the disk is full, or the place is not writable; ``path`` is as it was.
    """
    make_folder(path.parent)
    aside: Path | None = None
    try:
        handle, aside = file_aside(path)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o666 & ~umask())
        os.replace(aside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror or error}") from error
    finally:
        if aside is not None:
            with suppress(OSError):  # a disk that refuses even this has been told of already
                aside.unlink(missing_ok=True)


def replace_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` atomically."""
    with replace_file(path) as file:
        file.write(content)


def replace_text(path: Path, content: str) -> None:
    """Replace ``path`` by ``content`` in UTF-8 atomically."""
    replace_bytes(path, content.encode("utf-8"))


def sync_folder(path: Path) -> None:
    """Make a rename inside ``path`` durable, where the system can open folders (Windows cannot)."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def umask() -> int:
    """Return the mode bits that this process withholds from what it makes."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
