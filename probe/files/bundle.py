"""Named arrays in one file, in the safetensors format: no code can hide in it and its size is checked before reading."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from probe.errors import UserError
from probe.files.atomic import replace_bytes
from probe.files.reading import read_bytes


def write_bundle(path: Path, arrays: Mapping[str, np.ndarray]) -> str:
    """Replace ``path`` atomically by ``arrays`` and return the sha256 of its bytes."""
    content = safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    replace_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_bundle(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """Return the arrays in ``path``.

    Raises:
        UserError: missing, or its bytes are not those whose ``sha256`` was recorded.
    """
    content = read_bytes(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UserError(f"{path}: damaged: its checksum is not the one recorded when it was written")
    try:
        return safetensors.numpy.load(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise UserError(f"{path}: not a bundle of arrays: {error}") from error
