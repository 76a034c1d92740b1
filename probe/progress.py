"""The bar that shows how far a long reading is."""

import os
import shutil
import sys
from typing import Any

from tqdm import tqdm

# Where a terminal does not tell its size, as one that another program opened.
COLUMNS, ROWS = 80, 24


def progress_bar(total: int, name: str, unit: str = " characters", *, done: int = 0, show: bool = True) -> tqdm:
    """Return a bar on the standard error output, which is drawn if that is a terminal.

    Args:
        total: of units.
        name: what is done.
        unit: what is counted.
        done: units that were done before.
        show: whether to draw it at all.
    """
    return tqdm(total=total, initial=done, unit=unit, unit_scale=True, desc=name, disable=None if show else True,
                **bar_size())


def bar_size() -> dict[str, Any]:
    """Return tqdm's arguments for a bar on the standard error output: on a terminal of 0 columns or rows it would draw
    nothing of its own accord."""
    if _told_size():
        return {"dynamic_ncols": True}
    size = shutil.get_terminal_size()
    return {"ncols": size.columns or COLUMNS, "nrows": size.lines or ROWS}


def _told_size() -> bool:
    """Return whether the terminal tells its size."""
    try:
        return all(os.get_terminal_size(sys.stderr.fileno()))
    except (OSError, ValueError, AttributeError):
        return False
