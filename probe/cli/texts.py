"""What names of files mean on the command line."""

from pathlib import Path

from probe.corpus.catalogue import catalogue, get, receipt
from probe.errors import UserError


def path_named(name: str) -> Path:
    """Return the path that an argument names.

    Raises:
        UserError: it is empty or holds control characters, with which it could drive a terminal that shows it.
    """
    if not name or not name.isprintable():
        raise UserError(f"the name of a file or folder must be printable; received {name!r}")
    return Path(name)


def text_named(name: str, run: Path | None = None) -> Path | None:
    """Return the text file that TEXT names: a path, or a corpus fetched before; None for ``embedded``.

    Args:
        name: as given.
        run: a run directory; if one is there already, a missing file is no mistake, since a run keeps its text.

    Raises:
        UserError: no such file, and no such corpus or one not fetched yet.
    """
    path = path_named(name)
    if path.exists():
        return path
    if name == "embedded":
        return None
    if name in catalogue():
        if receipt(name) is None:
            raise UserError(f"{name}: not fetched yet; 'probe corpus get {name}' does")
        return get(name)
    if run and (run / "run.json").exists():
        return path
    raise UserError(f"{name}: no such file, and no corpus of that name ('probe corpus list' names them)")
