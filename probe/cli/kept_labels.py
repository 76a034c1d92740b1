"""Labels that are kept in a store, beside the activations of the text that they belong to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probe.activations.store import Store
from probe.files import LARGEST_JSON, check_plain, make_folder, replace_text
from probe.patterns import GivenLabels

LABELS = "labels"


def keep_labels(folder: Path, labels: Mapping[str, Mapping[str, Any]]) -> None:
    """Write ``labels/NAME.json`` into a store's ``folder`` for each name, of which
    :class:`~probe.patterns.GivenLabels` tells the form."""
    place = make_folder(folder / LABELS)
    for name, content in labels.items():
        replace_text(place / f"{name}.json", json.dumps(content, ensure_ascii=False) + "\n")


def kept_labels(store: Store) -> tuple[GivenLabels, ...]:
    """Return the labels in a store, in the order of their names; none if it has none.

    Raises:
        UserError: a file is not one of labels, or of another text.
    """
    files = sorted(path for path in (store.folder / LABELS).glob("*.json") if path.is_file() and not path.is_symlink())
    for path in files:
        check_plain(path, LARGEST_JSON)  # its checksum would be taken before it is read
    return tuple(GivenLabels.of(path.stem, path, len(store.corpus), store.corpus.source["sha256"]) for path in files)
