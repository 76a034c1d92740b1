"""The log of a run as TensorBoard reads it.

An event file is a view of ``log.jsonl``, never a record of its own: each sitting writes it anew from the log and goes
on from there, so that after a kill, or after going back to an earlier checkpoint, no curve is doubled or jumps back. It
is framed here, not by TensorFlow's writer, so that it is written as every other file is: a full disk is one clear
line.
"""

import struct
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probe.files import append_bytes, remove_files, remove_leftovers, replace_bytes
from probe.model.engine import tf
from probe.train.report import in_bits

FOLDER = "tensorboard"


class EventFile:
    """The event file of one sitting, with everything logged before it.

    Args:
        run: the run directory, which the caller holds.
        log: its records so far, oldest first.

    Raises:
        UserError: the disk is full, or the folder is not writable.
    """

    def __init__(self, run: Path, log: Sequence[Mapping[str, Any]]) -> None:
        folder = run / FOLDER
        remove_leftovers(folder)
        former = sorted(folder.glob("events.out.tfevents.*")) if folder.is_dir() else []
        # A TensorBoard that is looking on reads files in the order of their names: the new one must come last.
        number = max([int(time.time()), *(_number(path) + 1 for path in former)])
        self._path = folder / f"events.out.tfevents.{number:010d}.probe"
        # Time without the pauses between sittings, which ends now.
        self._origin = time.time() - max((record["seconds"] for record in log), default=0.0)
        version = tf.compat.v1.Event(wall_time=self._origin, file_version="brain.Event:2")
        replace_bytes(self._path, _framed(version) + b"".join(map(self._events, log)))
        remove_files(*former)

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one record of the log."""
        append_bytes(self._path, self._events(record))

    def _events(self, record: Mapping[str, Any]) -> bytes:
        values = [tf.compat.v1.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars(record).items()]
        return _framed(tf.compat.v1.Event(wall_time=self._origin + record["seconds"], step=record["step"],
                                          summary=tf.compat.v1.Summary(value=values)))


def scalars(record: Mapping[str, Any]) -> dict[str, float]:
    """Return what a record of the log says, tag → value; curves that belong together share what is before the slash."""
    said = {name: record[name] for name in ("learning_rate", "characters_per_second") if name in record}
    for name, key in (("training", "loss"), ("validation", "validation_loss")):
        if key in record:
            said |= {f"nats/{name}": record[key], f"bits/{name}": in_bits(record[key])}
    return said


def _number(path: Path) -> int:
    digits = path.name.split(".")[3]
    return int(digits) if digits.isdecimal() else 0


def _framed(event: Any) -> bytes:
    """A TFRecord: length, its checksum, content, its checksum, all little-endian."""
    content = event.SerializeToString()
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


def _checksum(content: bytes) -> bytes:
    """CRC-32C (Castagnoli), rotated and offset as TFRecord does, so that a checksum of checksums is none."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _table() -> tuple[int, ...]:
    entries = []
    for entry in range(256):
        for _ in range(8):
            entry = entry >> 1 ^ (0x82F63B78 if entry & 1 else 0)
        entries.append(entry)
    return tuple(entries)


_TABLE = _table()
