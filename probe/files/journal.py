"""A log of JSON lines that is appended to, and cut back to a known size when a run goes on from a checkpoint."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

from probe.errors import UserError
from probe.files.partial import append_bytes
from probe.files.reading import check_plain, read_bytes

LARGEST = 1 << 30


def append_line(path: Path, record: dict[str, Any]) -> None:
    """Append ``record`` to ``path`` as one line of JSON; a last line that a kill cut short is dropped first.

    Raises:
        UserError: the disk is full, the file is not writable, or its folder is gone.
    """
    if not path.parent.is_dir():
        raise UserError(f"{path}: cannot write: its folder was removed or renamed")
    line = json.dumps(record, allow_nan=False).encode("ascii") + b"\n"
    if not _ends_whole(path):
        truncate_journal(path, read_bytes(path).rfind(b"\n") + 1)
    append_bytes(path, line)


def _ends_whole(path: Path) -> bool:
    """Return whether ``path`` is missing, empty, or ends with a newline."""
    check_plain(path)
    try:
        with open(path, "rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"
    except FileNotFoundError:
        return True
    except OSError as error:
        raise UserError(f"{path}: cannot read: {error.strerror}") from error


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return all complete records of the journal; a last line cut short by a kill is left out.

    Raises:
        UserError: a complete line is not a JSON object, or the journal is no file or larger than a gigabyte.
    """
    if not path.exists():
        return []
    check_plain(path, LARGEST)
    return [_record(path, number, line) for number, line in enumerate(read_bytes(path).split(b"\n")[:-1], 1)]


def _record(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: damaged: line {number:,} is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise UserError(f"{path}: damaged: line {number:,} is not a JSON object")
    return record


def journal_size(path: Path) -> int:
    """Return the size of the journal in bytes, after making what was appended durable; 0 if it is missing."""
    if not path.exists():
        return 0
    try:
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror}") from error
    return path.stat().st_size


def truncate_journal(path: Path, size: int) -> None:
    """Drop all that was appended after the journal had ``size`` bytes; if it has fewer, that is told in a warning."""
    try:
        there = path.stat().st_size if path.exists() else 0
        if there > size:
            os.truncate(path, size)
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror}") from error
    if there < size:
        warnings.warn(f"{path}: has {there:,} bytes and had {size:,}: some of its lines are lost", stacklevel=2)
