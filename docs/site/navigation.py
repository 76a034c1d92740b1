"""The navigation of the site: an entry with a star stands for all pages that it matches, and may match none."""

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Fill in the pages, before mkdocs reads them."""
    config.nav = expanded(config.nav, Path(config.docs_dir))
    return config


def expanded(entries: list[Any], docs: Path) -> list[Any]:
    """Return entries of a navigation in which ``{title: "folder/*.md"}`` has become a list of pages, by name.

    Args:
        entries: paths, or titles with a path or with entries.
        docs: the folder that paths start from.
    """
    found: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict):
            ((title, below),) = entry.items()
            if isinstance(below, str) and "*" in below:
                below = [page.relative_to(docs).as_posix() for page in sorted(docs.glob(below), key=_order)]
            elif isinstance(below, list):
                below = expanded(below, docs)
            if below:
                found.append({title: below})
        else:
            found.append(entry)
    return found


def _order(page: Path) -> tuple[bool, str]:
    """By name, the index of a folder first."""
    return page.name != "index.md", page.name
