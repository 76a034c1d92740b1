"""Reading a folder that another process may replace meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from probe.errors import UserError
from probe.files.folders import restore_folder

# A folder that is replaced while it is read, so many times in a row, is not read.
ATTEMPTS = 20

Read = TypeVar("Read")


def read_folder(folder: Path, read: Callable[[Path], Read]) -> Read:
    """Return what ``read`` makes of a folder that :func:`~probe.files.whole_folder` writes.

    What was begun with the files of one writer and met those of the next is read again from the beginning; a folder
    that a killed writer moved away is put back first.

    Args:
        folder: to be read.
        read: reads it, and compares its files with each other by their checksums.

    Raises:
        UserError: what ``read`` raises of a folder that stayed the same.
    """
    for _ in range(ATTEMPTS - 1):
        restore_folder(folder)
        before = _identity(folder)
        try:
            return read(folder)
        except UserError:
            if _identity(folder) == before:
                raise
    restore_folder(folder)
    return read(folder)


def _identity(folder: Path) -> tuple[int, int, int] | None:
    """What tells a folder from the next one of its name; None if it is not there."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns
