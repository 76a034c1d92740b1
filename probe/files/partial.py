"""Files that arrive in pieces: they grow aside and are put in their place when they are whole."""

import os
from pathlib import Path

from probe.errors import UserError
from probe.files.atomic import make_folder, sync_folder


def append_bytes(path: Path, content: bytes) -> None:
    """Append ``content`` to ``path``, which is made if missing.

    Raises:
        UserError: the disk is full, or the file is not writable.
    """
    make_folder(path.parent)
    try:
        with open(path, "ab") as file:
            file.write(content)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror or error}") from error


def put_in_place(aside: Path, path: Path) -> None:
    """Let the finished file ``aside``, in the same folder, take the place of ``path``, durably.

    Raises:
        UserError: the place is not writable.
    """
    try:
        with open(aside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(aside, path)
        sync_folder(path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror or error}") from error
