"""The gallery: findings as pages that need nothing but a browser."""

from pathlib import Path

from probe.errors import UserError
from probe.files import FolderLock, remove_leftovers, replace_text, whole_folder
from probe.gallery.editions import check_pages, keep_edition, next_edition, put_index
from probe.gallery.options import GalleryOptions
from probe.gallery.page import Gallery
from probe.gallery.sheets import folder_of
from probe.options import check_options
from probe.scan.findings import Findings

PURPOSE = "the writing of a gallery"


def build_gallery(findings: Findings, path: str | Path, options: GalleryOptions | None = None) -> Path:
    """Write the gallery of ``findings`` as one self-contained offline HTML file to ``path``, atomically.

    Where the activations are more than ``options.largest`` megabytes, the units' own pages and the passages go into
    files of their own, in a folder beside ``path`` that is named after it. ``path`` is replaced when they are there,
    and then those of a former gallery go.

    Args:
        findings: what a scan found.
        path: where the page goes.
        options: how it looks. Defaults to ``GalleryOptions()``.

    Returns:
        ``path``.

    Raises:
        UserError: an option is out of bounds, ``findings`` hold no finding or no passage (or no network, where the page
            is to be live), ``path`` is not writable, or the folder beside it holds something else than pages, or is
            written by another process.
    """
    path, options = Path(path), options or GalleryOptions()
    check_options(options)
    if not findings.findings:
        raise UserError("these findings hold no finding to show; scan with a pattern that occurs in the text")
    if not any(passage.text for passage in findings.passages):
        raise UserError("these findings hold no passage of text to show; scan again, and save what that finds")
    folder = path.parent / folder_of(path.name)
    edition = next_edition(folder)
    gallery = Gallery(findings, options, path.name, edition)
    index = gallery.page(gallery.sheets.index)
    if not gallery.sheets.pages:
        replace_text(path, index)
        return path
    check_pages(folder)
    with FolderLock(folder, PURPOSE):
        remove_leftovers(folder)
        if next_edition(folder) != edition:
            raise UserError(f"{folder}: pages of another gallery came there just now; write this one again")
        with whole_folder(folder / str(edition)) as aside:
            for sheet in gallery.sheets.pages:
                replace_text(aside / Path(sheet.file).name, gallery.page(sheet))
        put_index(path, index, folder / str(edition))
        keep_edition(folder, edition)
    return path
