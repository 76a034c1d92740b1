"""Names and locks of what is written aside, so that the work of a killed writer is told from that of a living one.

What is written for ``result`` stands beside it as ``.result.XXXXXXXX.part``; while a folder is exchanged, the one that
was there before is ``.result.XXXXXXXX.former``. The system frees a lock when the process dies that held it.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, which refuses to remove an open file in any case
    fcntl = None  # type: ignore[assignment]

PART, FORMER = ".part", ".former"
# Seconds for which what was touched counts as a living writer's, where no lock can tell.
JUST_TOUCHED = 60
_NAME = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}(?P<kind>\.part|\.former)", re.DOTALL)


def file_aside(path: Path) -> tuple[int, Path]:
    """Make an empty file for what ``path`` is to hold; return its open handle, by which it is locked, and its path."""
    while True:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
        if _is_ours(handle, aside):
            return handle, Path(aside)
        os.close(handle)


def folder_aside(path: Path) -> tuple[int | None, Path]:
    """Make an empty folder likewise; where the system cannot open folders there is no handle and no lock."""
    while True:
        aside = tempfile.mkdtemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
        if os.name == "nt":
            return None, Path(aside)
        try:
            handle = os.open(aside, os.O_RDONLY)
        except FileNotFoundError:
            continue
        except OSError:
            os.rmdir(aside)
            raise
        if _is_ours(handle, aside):
            return handle, Path(aside)
        os.close(handle)


@contextmanager
def still_held(handle: int) -> Iterator[None]:
    """Keep the lock of :func:`file_aside` while a block runs in which ``handle`` is closed."""
    if fcntl is None:  # and a file that is open cannot be renamed
        yield
        return
    kept = os.dup(handle)
    try:
        yield
    finally:
        os.close(kept)


def meant_for(aside: Path) -> tuple[Path, str] | None:
    """Return what ``aside`` was written for and its suffix, or None if it is nothing that was written aside."""
    match = _NAME.fullmatch(aside.name)
    return (aside.with_name(match["name"]), match["kind"]) if match else None


@contextmanager
def claimed(aside: Path) -> Iterator[bool]:
    """Give whether no living process writes ``aside``; none begins to while the block runs.

    Raises:
        OSError: it cannot be opened.
    """
    if fcntl is None or aside.is_symlink():
        yield aside.is_symlink() or not aside.is_dir() or _is_old(aside)
        return
    handle = os.open(aside, os.O_RDONLY)
    try:
        locked = _lock(handle)
        yield _is_old(aside) if locked is None else locked
    finally:
        os.close(handle)


def _is_ours(handle: int, aside: str) -> bool:
    """Lock what was just made aside; return False if another writer took it for a killed one's before, and with it."""
    try:
        return _lock(handle) is not False and os.path.samestat(os.fstat(handle), os.stat(aside))
    except FileNotFoundError:
        return False


def _is_old(aside: Path) -> bool:
    return time.time() - aside.stat().st_mtime > JUST_TOUCHED


def _lock(handle: int) -> bool | None:
    """Return False if another holds the lock, None where there are no locks, as on some network filesystems."""
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except BlockingIOError:
        return False
    except OSError:
        pass
    return None
