"""The gallery: findings as pages that need nothing but a browser."""

import re
from pathlib import Path

from probe.errors import UserError
from probe.files import replace_text, whole_folder
from probe.gallery.options import GalleryOptions
from probe.gallery.page import Gallery
from probe.gallery.sheets import folder_of
from probe.options import check_options
from probe.scan.findings import Findings

# What a gallery writes into the folder beside its index; nothing else is replaced.
PAGE = re.compile(r"(units|passage)-.*\.html")


def build_gallery(findings: Findings, path: Path, options: GalleryOptions | None = None) -> Path:
    """Write the gallery of ``findings`` as one self-contained offline HTML file to ``path``, atomically.

    Where the activations are more than ``options.largest`` megabytes, the units' own pages and the passages go into
    files of their own, in a folder beside ``path`` that is named after it.

    Args:
        findings: what a scan found.
        path: where the page goes.
        options: how it looks. Defaults to ``GalleryOptions()``.

    Returns:
        ``path``.

    Raises:
        UserError: an option is out of bounds, ``findings`` hold no finding or no passage (or no network, where the page
            is to be live), ``path`` is not writable, or the folder beside it holds something else than pages.
    """
    options = options or GalleryOptions()
    check_options(options)
    if not findings.findings:
        raise UserError("these findings hold no finding to show; scan with a pattern that occurs in the text")
    if not any(passage.text for passage in findings.passages):
        raise UserError("these findings hold no passage of text to show; scan again, and save what that finds")
    gallery = Gallery(findings, options, path.name)
    folder = path.parent / folder_of(path.name)
    if gallery.sheets.pages:
        _check_folder(folder)
        with whole_folder(folder) as aside:
            for sheet in gallery.sheets.pages:
                replace_text(aside / Path(sheet.file).name, gallery.page(sheet))
    replace_text(path, gallery.page(gallery.sheets.index))
    return path


def _check_folder(folder: Path) -> None:
    """Raise :class:`UserError` if something else than pages of a gallery is where they should go."""
    if folder.exists() and (not folder.is_dir() or not all(PAGE.fullmatch(each.name) for each in folder.iterdir())):
        raise UserError(f"{folder}: holds something else than pages; name another file for the gallery, or raise "
                        "--largest")
