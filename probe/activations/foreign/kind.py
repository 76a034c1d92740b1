"""What kind of file a network comes in, told by its first bytes."""

from pathlib import Path

from probe.errors import UserError
from probe.files import iterate_bytes
from probe.model.keras_file import is_keras_file

ACCEPTED = "accepted are a .keras file, a Keras 2 file (.h5, .hdf5), and a folder that 'probe import --out' made"
HDF5 = b"\x89HDF"


def check_network_file(path: Path) -> None:
    """Raise :class:`UserError` if the file at ``path`` cannot be a network."""
    if not is_keras_file(path) and not next(iterate_bytes(path, block=len(HDF5)), b"").startswith(HDF5):
        raise UserError(f"{path}: neither a .keras file nor HDF5; {ACCEPTED}")
