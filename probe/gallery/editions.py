"""Where the pages beside an index lie: each gallery that is written has a folder of its own in the folder of pages.

The index is replaced in one step, and until then the former one keeps the pages that belong to it. So an index never
stands beside pages of other findings, whenever its writer fails or is killed.
"""

import re
from contextlib import suppress
from itertools import count
from pathlib import Path

from probe.errors import UserError
from probe.files import LOCKS, is_leftover, read_text, remove_folder, replace_text

# What a gallery writes; nothing else is removed.
PAGE = re.compile(r"(units|passage)-.*\.html")
EDITION = re.compile("[1-9][0-9]{0,8}")


def next_edition(folder: Path) -> int:
    """Return the lowest number that no edition in ``folder`` has."""
    return next(number for number in count(1) if not (folder / str(number)).exists())


def check_pages(folder: Path) -> None:
    """Raise :class:`UserError` if something else than pages of a gallery is where they should go."""
    if folder.exists() and (not folder.is_dir() or not all(map(_is_ours, folder.iterdir()))):
        raise UserError(f"{folder}: holds something else than pages; name another file for the gallery, or raise "
                        "--largest")


def put_index(path: Path, index: str, pages: Path) -> None:
    """Replace the file ``path`` by ``index``; if that fails, ``pages``, the edition that belongs to it, goes too.

    Raises:
        UserError: it cannot be written.
    """
    try:
        replace_text(path, index)
    except BaseException:
        with suppress(UserError):
            if not path.exists() or read_text(path) != index:
                remove_folder(pages)
        raise


def keep_edition(folder: Path, edition: int) -> None:
    """Remove all pages of other editions.

    Raises:
        UserError: one cannot be removed.
    """
    for each in sorted(folder.iterdir()):
        if EDITION.fullmatch(each.name) and each.name != str(edition):
            remove_folder(each)


def _is_ours(entry: Path) -> bool:
    if EDITION.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink():
        return all(PAGE.fullmatch(page.name) and not page.is_dir() for page in entry.iterdir())
    return entry.name in LOCKS or is_leftover(entry)
