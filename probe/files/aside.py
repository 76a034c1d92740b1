"""Names and locks of what is written aside, so that the work of a killed writer is told from that of a living one.

What is written for ``result`` stands beside it as ``.result.XXXXXXXX.part``; while a folder is exchanged, the one that
was there before is ``.result.XXXXXXXX.former``. The system frees a lock when the process dies that held it.
"""

import os
import re
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, which refuses to remove an open file in any case
    fcntl = None  # type: ignore[assignment]

PART, FORMER = ".part", ".former"
_NAME = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}(?P<kind>\.part|\.former)")


def file_aside(path: Path) -> tuple[int, Path]:
    """Make an empty file for what ``path`` is to hold; return its open handle, by which it is locked, and its path."""
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    _lock(handle)
    return handle, Path(aside)


def folder_aside(path: Path) -> tuple[int | None, Path]:
    """Make an empty folder likewise; where the system cannot open folders there is no handle and no lock."""
    aside = tempfile.mkdtemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    handle = None if os.name == "nt" else os.open(aside, os.O_RDONLY)
    if handle is not None:
        _lock(handle)
    return handle, Path(aside)


def meant_for(aside: Path) -> tuple[Path, str] | None:
    """Return what ``aside`` was written for and its suffix, or None if it is nothing that was written aside."""
    match = _NAME.fullmatch(aside.name)
    return (aside.with_name(match["name"]), match["kind"]) if match else None


def is_in_use(aside: Path) -> bool:
    """Return whether a living process holds the lock of ``aside``."""
    if fcntl is None or aside.is_symlink():
        return False
    try:
        handle = os.open(aside, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Return False if another holds the lock; a filesystem without locks gives none and refuses none."""
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True
