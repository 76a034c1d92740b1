"""How large a store will be, and whether it fits."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from probe.activations.block import Blocks, LayerSignal
from probe.activations.signal import SIGNALS
from probe.activations.store.contents import Contents
from probe.activations.store.manifest import check_folder
from probe.activations.store.options import StoreOptions
from probe.corpus import Corpus
from probe.errors import UserError

# Of HDF5's own books, checksums and chunks at the edge: measured, at most 2 % of a full part.
OVERHEAD = 1.02
# What must stay free beside the store: the part that is being written, and room for others to work.
MARGIN = 1 << 28


def plan(blocks: Blocks, folder: Path, options: StoreOptions) -> str:
    """Return in words what a store would hold and how much room it takes; nothing is computed or written.

    Raises:
        UserError: it will not fit, or something else is in the folder.
    """
    check_folder(folder)
    contents = Contents.of(blocks, options)
    written = sum(part.stat().st_size for part in folder.glob("part-*.h5")) if folder.is_dir() else 0
    size = store_size(contents, blocks.corpus)
    check_fits(folder, size - written)
    return f"{described(contents)}: {shown_bytes(size)}; {shown_bytes(free_bytes(folder))} are free on its disk"


def store_size(contents: Contents, corpus: Corpus) -> int:
    """Return the bytes that a store will take, text and losses with it, to within a few per cent."""
    text = corpus.codes.nbytes + corpus.ids.nbytes
    return int(contents.rows * contents.row_bytes * OVERHEAD) + text


def described(contents: Contents) -> str:
    """Return in words what a store is to hold."""
    every = contents.options.every
    rows = f"{contents.rows:,} characters" + (f", one in {every:,}" if every > 1 else "")
    rounded = ", each number rounded to within 1/2048 of it" if contents.options.dtype == "float16" else ""
    return f"{rows}; {_layers(contents.units)}; in {contents.options.dtype}{rounded}"


def _layers(units: Mapping[LayerSignal, Sequence[int]]) -> str:
    """``"layers 1, 2: hidden, cell of 512 units"``: what is alike, once."""
    signals: dict[str, dict[int, list[str]]] = {}
    for (layer, signal), held in units.items():
        signals.setdefault(layer, {}).setdefault(len(held), []).append(signal)
    layers: dict[str, list[str]] = {}
    for layer, of_size in signals.items():
        words = "; ".join(f"{'all signals' if tuple(names) == SIGNALS else ', '.join(names)} of {size:,} "
                          f"unit{'s' * (size > 1)}" for size, names in of_size.items())
        layers.setdefault(words, []).append(layer)
    return "; ".join(f"layer{'s' * (len(names) > 1)} {', '.join(names)}: {words}" for words, names in layers.items())


def free_bytes(folder: Path) -> int:
    """Return what is free on the disk on which ``folder`` lies, or will lie."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def check_fits(folder: Path, needed: int) -> None:
    """Refuse what will not fit.

    Args:
        folder: where it is to be written.
        needed: bytes still to write.

    Raises:
        UserError: there is not so much room, and a quarter of a gigabyte beside it.
    """
    free = free_bytes(folder)
    if needed + MARGIN > free:
        raise UserError(f"{folder}: needs {shown_bytes(needed)}, and {shown_bytes(free)} are free on its disk, of "
                        f"which {shown_bytes(MARGIN)} must stay free; --units, --layers, --signals, --every, --from "
                        "and --to cut it down")


def shown_bytes(size: int) -> str:
    """``102_400_000_000`` → ``"102.4 GB"``, in powers of 1,000."""
    value, names = float(size), ["bytes", "kB", "MB", "GB", "TB", "PB"]
    while value >= 999.95 and len(names) > 1:
        value, names = value / 1000, names[1:]
    return f"{size} bytes" if names[0] == "bytes" else f"{value:.1f} {names[0]}"
