"""One writer at a time in a folder."""

import json
import os
import socket
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from probe.errors import UserError
from probe.files.atomic import make_folder, missing_folders, remove_empty, replace_text
from probe.files.reading import read_json

SIGNATURE = "lock.json"
LOCK = ".lock"
LOCKS = (LOCK, SIGNATURE)
"""What a lock leaves in the folder that it holds: names of files."""
# Seconds in which a process that only asks whether the folder is held has long gone.
GLANCE = 0.2


class FolderLock:
    """Hold a folder for this process while a ``with`` block runs; the system frees it when the process dies.

    A folder that a process signed for and left, as a killed one does, is taken over, with a warning that names it. The
    system tells who holds a folder, and not what is written in it: a process of the same number is no holder, and a
    signature that says nothing frees nobody's folder.

    A folder that was made for the lock, and its parents, go again if a failing block wrote nothing into them.

    Raises:
        UserError: another process holds the folder; the message names its host and process id.
    """

    def __init__(self, folder: Path, purpose: str) -> None:
        self._folder = folder
        self._purpose = purpose
        self._holder = folder / SIGNATURE
        self._file = folder / LOCK
        self._lock = filelock.FileLock(str(self._file), timeout=GLANCE)
        self._held: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        self._made = missing_folders(self._folder)
        try:
            make_folder(self._folder)
            self._lock.acquire(poll_interval=GLANCE / 10)
        except UserError:
            remove_empty(self._made)
            raise
        except filelock.Timeout as error:
            raise UserError(f"{self._folder}: in use by {self._described()}; wait for it, or end it") from error
        except OSError as error:
            remove_empty(self._made)
            raise UserError(f"{self._folder}: cannot lock this folder: {error.strerror or error}") from error
        try:
            self._held = _identity(self._file)
            self._take_over()
            self._sign()
        except BaseException:
            self._leave(failed=True)
            raise
        return self

    def check(self) -> None:
        """Raise :class:`UserError` if the folder is no longer the one that is held, before it is written into."""
        try:
            gone = self._held is None or _identity(self._file) != self._held
        except OSError as error:
            raise UserError(f"{self._folder}: cannot read: {error.strerror or error}") from error
        if gone:
            raise UserError(f"{self._folder}: was removed, renamed or replaced during {self._purpose}; nothing more is "
                            "written there")

    def _take_over(self) -> None:
        if self._holder.exists():
            former = read_holder(self._folder) or "a process that left no name"
            warnings.warn(f"{self._folder}: was left by {former}, which holds it no longer; taken over", stacklevel=3)

    def _sign(self) -> None:
        holder = {"host": socket.gethostname(), "pid": os.getpid(), "purpose": self._purpose}
        replace_text(self._holder, json.dumps(holder) + "\n")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._leave(failed=error is not None)

    def _leave(self, *, failed: bool) -> None:
        try:
            self._tidy(failed=failed)
        finally:
            self._lock.release()

    def _tidy(self, *, failed: bool) -> None:
        with suppress(OSError):  # on a failing disk what stays harms nobody, and its error would hide the first one
            if _identity(self._file) != self._held:
                return
            self._holder.unlink(missing_ok=True)
            if failed and self._made and not set(self._folder.iterdir()) - {self._file}:
                self._file.unlink(missing_ok=True)
                remove_empty(self._made)

    def _described(self) -> str:
        holder = read_holder(self._folder)
        return "another process" if holder is None else str(holder)


def _identity(file: Path) -> tuple[int, int] | None:
    """What tells a file from another of the same name; None if it is not there."""
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


@dataclass(frozen=True)
class Holder:
    """The process that signed for a folder, which may have died without taking its signature back."""

    host: str
    pid: int
    purpose: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.purpose})"

    @property
    def is_here(self) -> bool:
        """Whether it ran on this host."""
        return self.host == socket.gethostname()


def read_holder(folder: Path) -> Holder | None:
    """Return who signed for ``folder``; None if nobody did."""
    try:
        signed = read_json(folder / SIGNATURE)
        return Holder(str(signed["host"]), int(signed["pid"]), str(signed["purpose"]))
    except (UserError, KeyError, TypeError, ValueError, OverflowError):
        return None


def is_held(folder: Path) -> bool | None:
    """Return whether a process holds ``folder``; None if that cannot be asked, as in a folder that is read-only.

    Locks of other hosts are seen as far as the file system passes them on.
    """
    if not os.path.exists(folder / LOCK):
        return False
    try:
        with filelock.FileLock(str(folder / LOCK), blocking=False):
            return False
    except filelock.Timeout:
        return True
    except OSError:
        return None
