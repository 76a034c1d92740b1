"""A `.keras` file: a zip of two JSON files and one HDF5 file, each read as data."""

import tempfile
from pathlib import Path
from typing import Any

from probe.errors import UserError
from probe.files import extract_member, iterate_bytes, read_text, sha256_of
from probe.files.hdf5 import Hdf5File
from probe.model.keras_file.config import Described, described
from probe.model.keras_file.weights import assigned
from probe.model.legacy.architecture import Architecture
from probe.model.legacy.network import LegacyNetwork, check_agrees, told_of
from probe.model.legacy.source import LARGEST_JSON, LegacyFile, parsed_json, version_numbers

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
# Keras packs nothing in its archives, and others hardly can: trained weights do not shrink.
LARGEST_RATIO, ALWAYS_ACCEPTED = 64, 1 << 26


def is_keras_file(path: Path) -> bool:
    """Return whether the file at ``path`` begins as a zip does, whatever its name.

    Raises:
        UserError: it cannot be read.
    """
    return next(iterate_bytes(path, block=2), b"") == b"PK"


def read_keras_file(path: Path, recurrent_activation: str | None = None) -> LegacyNetwork:
    """Return the network in the `.keras` file at ``path``, understood layer by layer from a whitelist.

    Args:
        path: the file.
        recurrent_activation: what its LSTMs are said to have, if anything; the file knows.

    Raises:
        UserError: missing, damaged, no such file, or anything in it is refused; the message names the layer.
    """
    largest = max(ALWAYS_ACCEPTED, LARGEST_RATIO * _size(path))
    with tempfile.TemporaryDirectory(prefix="probe-keras-") as folder:
        said = _json(path, METADATA, Path(folder))
        version = said.get("keras_version")
        if not isinstance(version, str) or len(version) > 40 or not version.isprintable():
            raise UserError(f"{path}: {METADATA}: keras_version must be a short printable word; received "
                            f"{version!r:.80}")
        content = _json(path, CONFIG, Path(folder))
        with told_of(path):
            network = described(content, of_keras_2=version_numbers(version) < (3, 0, 0))
            architecture = Architecture.of(network.config, zeroes_masked_steps=True)
            check_agrees(architecture, recurrent_activation)
        arrays = _arrays(path, network, architecture, Path(folder), largest)
    file = LegacyFile(path, sha256_of(path), version, "tensorflow", network.config, ())
    return LegacyNetwork(file, architecture, arrays, "file")


def _arrays(path: Path, network: Described, architecture: Architecture, folder: Path, largest: int) -> dict[str, Any]:
    weights = folder / WEIGHTS
    extract_member(path, WEIGHTS, weights, largest)
    try:
        with Hdf5File(weights, largest=largest) as file:
            return assigned(file, network, architecture)
    except UserError as error:
        raise UserError(f"{path}: {str(error).replace(f'{weights}', WEIGHTS)}") from error


def _json(path: Path, member: str, folder: Path) -> dict[str, Any]:
    extract_member(path, member, folder / member, LARGEST_JSON)
    try:
        return parsed_json(f"{path}: {member}", read_text(folder / member))
    except UserError as error:
        raise UserError(str(error).replace(f"{folder / member}", f"{path}: {member}")) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise UserError(f"{path}: cannot read: {error.strerror}") from error
