"""What the name of a store means on the command line."""

from probe.activations.store import Store, is_store
from probe.cli.networks import DESCRIBED, IMPORTED, NETWORK_FILES
from probe.cli.texts import path_named
from probe.errors import UserError
from probe.files import near_path


def store_named(name: str, signals: str = "") -> Store:
    """Return the store that an argument names.

    Args:
        name: as given.
        signals: value of ``--signals`` with which it should have been recorded, for the message.

    Raises:
        UserError: it is none; what is a run or a network is called so, with the command that makes a store of it.
    """
    path = path_named(name)
    recording = f" --signals {signals}" if signals else ""
    if not path.exists():
        raise UserError(f"{path}: no such folder{near_path(path, DESCRIBED)}")
    if is_store(path):
        return Store.open(path)
    if (path / "run.json").exists():
        raise UserError(f"{path}: is a run; 'probe extract {path} --out acts/{path.resolve().name}{recording}' records "
                        "its activations first")
    if (path / IMPORTED).exists() or (path.is_file() and path.suffix.lower() in NETWORK_FILES):
        raise UserError(f"{path}: is a network; 'probe extract {path} TEXT --out acts/{path.stem}{recording}' records "
                        "its activations first")
    if path.is_file():
        raise UserError(f"{path}: is a file; accepted is a folder of activations, as 'probe extract' and 'probe sample "
                        "--record' make")
    return Store.open(path)
