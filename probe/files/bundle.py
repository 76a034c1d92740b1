"""Named arrays in one file, in the safetensors format: no code can hide in it, and its size is checked first."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from probe.errors import UserError
from probe.files.atomic import replace_bytes
from probe.files.reading import iterate_bytes, read_bytes, size_of

# Bytes of a file that is read before anything else is known of it.
READ_AT_ONCE = 1 << 26


def write_bundle(path: Path, arrays: Mapping[str, np.ndarray]) -> str:
    """Replace ``path`` atomically by ``arrays`` and return the sha256 of its bytes.

    Raises:
        TypeError: an array is not of booleans, integers or floats of numpy's own, which alone can be read back.
    """
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{name}: a bundle cannot hold {array.dtype}")
    content = safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()})
    replace_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_bundle(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """Return the arrays in ``path``.

    Raises:
        UserError: missing, or its bytes are not those whose ``sha256`` was recorded.
    """
    _check_length(path)
    content = read_bytes(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UserError(f"{path}: damaged: its checksum is not the one recorded when it was written")
    try:
        arrays: dict[str, np.ndarray] = safetensors.numpy.load(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise UserError(f"{path}: not a bundle of arrays: {error!s:.120}") from error
    return arrays


def _check_length(path: Path) -> None:
    """Refuse a large file of another length than its header says: it may be a terabyte of holes."""
    size = size_of(path)
    if size is None or size <= READ_AT_ONCE:
        return
    length = int.from_bytes(next(iterate_bytes(path, block=8))[:8], "little")
    header = next(iterate_bytes(path, block=8 + length))[8:] if length < READ_AT_ONCE else b""
    try:
        ends = [entry["data_offsets"][1] for name, entry in json.loads(header).items() if name != "__metadata__"]
        whole = 8 + length + max(ends, default=0)
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        whole = -1
    if whole != size:
        raise UserError(f"{path}: damaged: has {size:,} bytes, and its header describes other arrays")
