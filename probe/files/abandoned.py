"""Removing what killed writers of one file or folder left aside."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from probe.files.aside import FORMER, PART, claimed, meant_for


def remove_abandoned(path: Path) -> None:
    """Remove what killed writers of ``path`` left beside it; what cannot be removed now is left to the next writer."""
    beginning = f".{path.name}."
    with suppress(OSError):
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(beginning) and not entry.is_symlink()]
        for aside in (path.parent / name for name in names):
            with suppress(OSError):
                _remove_if_abandoned(aside, path)


def remove_aside(aside: Path) -> None:
    """Remove a file or folder; what is missing does not matter.

    Raises:
        OSError: it cannot be removed.
    """
    if not aside.is_dir() or aside.is_symlink():
        aside.unlink(missing_ok=True)
        return
    with suppress(FileNotFoundError):
        shutil.rmtree(aside)


def _remove_if_abandoned(aside: Path, path: Path) -> None:
    if meant_for(aside) == (path, PART):
        with claimed(aside) as dead:
            if dead:
                remove_aside(aside)
    elif meant_for(aside) == (path, FORMER) and path.exists():
        with suppress(FileNotFoundError), claimed(aside.with_suffix(PART)) as dead:
            if not dead:
                return  # its writer is in the middle of the exchange
        remove_aside(aside)
