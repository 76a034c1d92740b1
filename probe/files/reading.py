"""Reading files, with errors that a user can act on."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from probe.errors import UserError

BLOCK = 1 << 20
LARGEST_JSON = 1 << 28
"""Bytes of a JSON file at most; read, it takes some twenty times as much memory at worst."""


def check_plain(path: Path, largest: int | None = None) -> None:
    """Raise :class:`UserError` for a pipe or device, which may have no end, and for a file of more than ``largest``
    bytes; what is missing or a folder is told by whoever reads it."""
    try:
        found = os.stat(path)
    except OSError:
        return
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise UserError(f"{path}: is a pipe or device; a file is needed here")
    if largest is not None and found.st_size > largest:
        raise UserError(f"{path}: has {found.st_size:,} bytes; at most {largest:,} are accepted here")


def size_of(path: Path) -> int | None:
    """Return the bytes of ``path``; None if no file is there, or it goes while one looks."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def iterate_bytes(path: Path, block: int = BLOCK) -> Iterator[bytes]:
    """Yield the bytes of ``path`` in blocks of at most ``block`` bytes.

    Raises:
        UserError: the file is missing, a folder, a pipe or device, which may have no end, or unreadable.
    """
    check_plain(path)
    try:
        with open(path, "rb") as file:
            while chunk := file.read(block):
                yield chunk
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise UserError(f"{path}: is a folder; a file is needed here") from error
    except OSError as error:
        raise UserError(f"{path}: cannot read: {error.strerror}") from error


def read_bytes(path: Path) -> bytes:
    """Return the whole of ``path``; errors as in :func:`iterate_bytes`."""
    return b"".join(iterate_bytes(path))


def read_text(path: Path) -> str:
    """Return the whole of ``path``.

    Raises:
        UserError: it is not UTF-8, or as :func:`iterate_bytes`.
    """
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start:,}") from error


def read_json(path: Path) -> Any:
    """Return the JSON value in ``path``.

    Raises:
        UserError: the file is unreadable, too large or is not JSON, or an object in it has a key twice.
    """
    check_plain(path, LARGEST_JSON)
    try:
        return json.loads(read_text(path), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:  # json's own errors, and numbers of too many digits
        raise UserError(f"{path}: not valid JSON: {error!s:.120}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"an object has the key {key!r:.40} twice")
        values[key] = value
    return values


def sha256_of(path: Path, largest: int | None = None) -> str:
    """Return the sha256 of the bytes of ``path`` as 64 hexadecimal digits; it must be a file, of at most ``largest``
    bytes if that is given."""
    check_plain(path, largest)
    digest = hashlib.sha256()
    for chunk in iterate_bytes(path):
        digest.update(chunk)
    return digest.hexdigest()
