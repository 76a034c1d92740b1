"""Blocks poured into what takes rows at their places."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from probe.activations.block import Blocks, LayerSignal
from probe.activations.interchange.mismatch import BYTE_ORDER_MARK
from probe.activations.interchange.names import joined, parted
from probe.errors import UserError
from probe.files import replace_file, utf_8
from probe.progress import progress_bar

BLOCK = 1 << 20


def chosen(blocks: Blocks, only: Sequence[str] = ()) -> Mapping[LayerSignal, Sequence[int]]:
    """Return the layers and signals called ``only``, or all, each with the indices of its units.

    Raises:
        UserError: there is none of that name.
    """
    for name in only:
        if parted(name) not in blocks.units:
            raise UserError(f"no activations are called {name!r}; there are {', '.join(map(joined, blocks.units))}")
    return {source: units for source, units in blocks.units.items() if not only or source in map(parted, only)}


def pour(blocks: Blocks, sources: Mapping[LayerSignal, Sequence[int]],
         write: Callable[[LayerSignal, int, np.ndarray], None], *, show: bool) -> None:
    """Give all rows to ``write(source, start, rows)``, where rows (T, U) begin at ``start`` of the segment.

    Raises:
        UserError: not every character of the segment has a row.
    """
    first, total, seen = blocks.segment.start, len(blocks.segment), 0
    with progress_bar(total, "export", show=show) as bar:
        for block in blocks:
            for stream, start in enumerate(block.starts):
                for source in sources:
                    write(source, int(start) - first, block.activations[source][stream])
            seen += block.losses.size
            bar.update(block.losses.size)
    if seen != total:
        raise UserError(f"the activations have {seen:,} rows for {total:,} characters; other tools need one row a "
                        "character")


def texts(blocks: Blocks) -> Iterator[str]:
    """Yield the text of the segment in pieces."""
    for start in range(blocks.segment.start, blocks.segment.stop, BLOCK):
        yield blocks.corpus.document(start, min(start + BLOCK, blocks.segment.stop)).text


def export_text(blocks: Blocks, path: Path) -> None:
    """Write the text of the segment as UTF-8, to be read back as it is."""
    with replace_file(path) as file:
        for number, text in enumerate(texts(blocks)):
            # A reader takes one mark away, so a text that begins with one gets another.
            mark = BYTE_ORDER_MARK if number == 0 and text.startswith(BYTE_ORDER_MARK) else ""
            file.write(utf_8(mark + text, path))
