"""The bar that shows how far a long reading is."""

import os
import sys

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
    told = _told_size()
    return tqdm(total=total, initial=done, unit=unit, unit_scale=True, desc=name, disable=None if show else True,
                dynamic_ncols=told, ncols=None if told else COLUMNS, nrows=None if told else ROWS)


def _told_size() -> bool:
    """Return whether the terminal tells its size; on one of 0 columns or rows tqdm would draw nothing."""
    try:
        return all(os.get_terminal_size(sys.stderr.fileno()))
    except (OSError, ValueError, AttributeError):
        return False
