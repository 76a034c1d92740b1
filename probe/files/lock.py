"""One writer at a time in a folder."""

import json
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from probe.errors import UserError
from probe.files.atomic import make_folder, replace_text
from probe.files.reading import read_json


class FolderLock:
    """Hold a folder for this process while a ``with`` block runs; the system frees it when the process dies.

    A folder that was made for the lock and into which a failing block wrote nothing is removed again.

    Raises:
        UserError: another process holds the folder; the message names its host and process id.
    """

    def __init__(self, folder: Path, purpose: str) -> None:
        self._folder = folder
        self._purpose = purpose
        self._holder = folder / "lock.json"
        self._file = folder / ".lock"
        self._lock = filelock.FileLock(str(self._file), blocking=False)

    def __enter__(self) -> Self:
        self._new = not self._folder.exists()
        make_folder(self._folder)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            raise UserError(f"{self._folder}: in use by {self._described()}; wait for it, or end it") from error
        except OSError as error:
            raise UserError(f"{self._folder}: cannot lock this folder: {error.strerror or error}") from error
        try:
            self._sign()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _sign(self) -> None:
        holder = {"host": socket.gethostname(), "pid": os.getpid(), "purpose": self._purpose}
        replace_text(self._holder, json.dumps(holder) + "\n")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._holder.unlink(missing_ok=True)
        self._lock.release()
        if error is not None and self._new and not set(self._folder.iterdir()) - {self._file}:
            self._file.unlink(missing_ok=True)
            self._folder.rmdir()

    def _described(self) -> str:
        try:
            holder = read_json(self._holder)
            return f"process {holder['pid']} on {holder['host']} ({holder['purpose']})"
        except (UserError, KeyError, TypeError):
            return "another process"
