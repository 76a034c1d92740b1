"""Removing files and folders, above all what killed writers left aside."""

import shutil
from contextlib import suppress
from pathlib import Path

from probe.errors import UserError
from probe.files.aside import FORMER, claimed, meant_for
from probe.files.folders import restore_folder


def remove_files(*paths: Path) -> None:
    """Remove files in the order given; those that are missing do not matter.

    Raises:
        UserError: one cannot be removed.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{path}: cannot remove: {error.strerror}") from error


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it; it does not matter if it is missing.

    Raises:
        UserError: something in it cannot be removed, or it is a file or a link.
    """
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"{path}: cannot remove: {error.strerror or error}") from error


def is_leftover(path: Path) -> bool:
    """Return whether ``path`` is named as what is written aside, by a living writer or a killed one."""
    return meant_for(path) is not None


def remove_leftovers(folder: Path) -> None:
    """Tidy up after killed writers: directly in ``folder``, remove what they left aside, and put back what they moved.

    What living processes write aside stays, where the system has locks that tell. The caller holds ``folder`` by a
    :class:`~probe.files.FolderLock`; a missing folder needs no tidying.

    Raises:
        UserError: something cannot be removed or put back.
    """
    if not folder.is_dir():
        return
    asides = [(entry, *found) for entry in sorted(folder.iterdir()) if (found := meant_for(entry))]
    for entry, path, kind in asides:
        if kind == FORMER:
            restore_folder(path)
        with suppress(OSError), claimed(entry) as dead:  # one that cannot be looked at stays
            if not dead:
                continue
            if entry.is_dir() and not entry.is_symlink():
                remove_folder(entry)
            else:
                remove_files(entry)
