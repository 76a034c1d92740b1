"""The log of a training, held to its form when it is read."""

from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.files import read_lines

NUMBERS = ("epoch", "seconds", "loss", "learning_rate", "characters_per_second", "validation_loss", "validation_bits",
           "validation_accuracy", "validation_exact")
LARGEST = float(np.finfo(np.float32).max)


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the records of a log, oldest first: each has a step and seconds, and its numbers are those of a training.

    Raises:
        UserError: a line is not such a record.
    """
    records = read_lines(path)
    for number, record in enumerate(records, 1):
        if not _is_sound(record):
            raise UserError(f"{path}: damaged: line {number:,} is not a record of a training")
    return records


def _is_sound(record: dict[str, Any]) -> bool:
    step = record.get("step")
    return (type(step) is int and 0 <= step < 2**63 and "seconds" in record
            and all(_is_number(record[name]) for name in NUMBERS if name in record))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= LARGEST  # NaN fails
