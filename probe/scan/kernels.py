"""Loops as machine code, shared out among the cores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba

from probe.cores import CORES


def kernel(function: Callable[..., None]) -> Callable[..., None]:
    """Compile a loop that lets other threads run; what is compiled is kept on disk where there is a place for it."""
    options = {"nogil": True, "fastmath": {"contract"}}  # a product and a sum in one rounding
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return numba.njit(**options)(function)


def on_all_cores(function: Callable[..., Any], size: int, *arguments: object) -> None:
    """Call ``function(*arguments, first, last)`` on every core at once, for equal parts [first, last) of [0, size)."""
    cores = max(1, min(CORES, size))
    edges = [size * core // cores for core in range(cores + 1)]
    with ThreadPoolExecutor(cores) as threads:
        for done in [threads.submit(function, *arguments, first, last)
                     for first, last in zip(edges[:-1], edges[1:], strict=True)]:
            done.result()
