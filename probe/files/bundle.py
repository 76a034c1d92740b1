"""Named arrays in one file, in the safetensors format: no code can hide in it, and its size is checked first."""

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
    content = read_bytes(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UserError(f"{path}: damaged: its checksum is not the one recorded when it was written")
    try:
        arrays: dict[str, np.ndarray] = safetensors.numpy.load(content)
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise UserError(f"{path}: not a bundle of arrays: {error}") from error
    return arrays
