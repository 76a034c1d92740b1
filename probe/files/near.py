"""What was meant by a path where nothing of the wanted kind lies."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from probe.errors import quoted
from probe.options import nearest

# Entries of a folder that are looked at.
MOST = 10_000


def near_path(path: Path, holding: Sequence[str] = (), endings: Sequence[str] = ()) -> str:
    """Return what a message adds where something else beside ``path`` is called nearly so, such as ``"; did you mean
    'runs/alice'?"``; else nothing.

    Args:
        path: as given.
        holding: names of files; a folder counts that holds one of them.
        endings: of names; a file counts whose name ends in one of them, in ``""`` any.
    """
    names = []
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry, _ in zip(entries, range(MOST), strict=False):
            if entry.name != path.name and not entry.name.startswith("."):
                names.append(entry.name)
    wanted = [name for name in names if _counts(path.parent / name, holding, tuple(endings))]
    near = nearest(path.name, wanted)
    return "" if near is None else f"; did you mean {quoted(str(path.with_name(near)))}?"


def _counts(path: Path, holding: Sequence[str], endings: tuple[str, ...]) -> bool:
    return any((path / name).exists() for name in holding) or (path.name.endswith(endings) and path.is_file())
