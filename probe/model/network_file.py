"""Networks that others made, opened from files and folders without running anything in them."""

from dataclasses import asdict, replace
from pathlib import Path

from probe.errors import UserError
from probe.files import iterate_bytes
from probe.model.imported import ImportedNetwork
from probe.model.keras_file import is_keras_file, read_keras_file
from probe.model.legacy import LegacyFile, LegacyNetwork, leaves_open_recurrent_activation

ACCEPTED = "accepted are a .keras file, a Keras 2 file (.h5, .hdf5), and a folder that 'probe import --out' made"
HDF5 = b"\x89HDF"


def check_network_file(path: Path) -> None:
    """Raise :class:`UserError` if the file at ``path`` cannot be a network."""
    if not is_keras_file(path) and not next(iterate_bytes(path, block=len(HDF5)), b"").startswith(HDF5):
        raise UserError(f"{path}: neither a .keras file nor HDF5, so no network; {ACCEPTED}")


def open_network(path: str | Path, *, recurrent_activation: str | None = None) -> ImportedNetwork:
    """Open a network from a file or folder; no code in it is ever run.

    What comes from a file is computed once by a float64 pass over the file's own arrays and held against the layers
    that were built from it.

    Args:
        path: a ``.keras`` file, a Keras 2 file, or a folder that ``probe import --out`` made.
        recurrent_activation: ``"sigmoid"`` or ``"hard_sigmoid"``, for a Keras 2 file of weights alone that does not
            tell which one its LSTMs have.

    Raises:
        UserError: missing, damaged, of another kind, or with a layer that is refused; the message names it.
    """
    path = Path(path)
    if path.is_dir():
        if (path / "run.json").exists():
            raise UserError(f"{path}: is a run, whose layers are 1, 2, …; {ACCEPTED}")
        network = ImportedNetwork.open(path)
        return replace(network, origin={**network.origin, "name": path.name})
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; {ACCEPTED}")
    from probe.model.legacy import network_parity  # and TensorFlow, once simple mistakes are told

    found = _network(path, recurrent_activation)
    modern, weights = found.relaid()
    parity = network_parity(found, modern, weights)
    origin = {**found.origin(), "name": path.stem, "parity": asdict(parity)}
    return ImportedNetwork(modern, weights, origin)


def _network(path: Path, recurrent_activation: str | None) -> LegacyNetwork:
    check_network_file(path)
    if is_keras_file(path):
        return read_keras_file(path, recurrent_activation)
    legacy = LegacyFile.read(path)
    if recurrent_activation is None and leaves_open_recurrent_activation(legacy):
        raise UserError(f"{path}: does not say whether its LSTMs have sigmoid or hard_sigmoid gates; "
                        "--recurrent-activation names one")
    return LegacyNetwork.of(legacy, None, recurrent_activation)
