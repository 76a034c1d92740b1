"""How much of a machine others use while something is measured on it.

PyTorch's OpenMP threads wait for each other at every operation, so that one neighbour slows them more than it slows
the other contenders: ratios of a busy machine flatter this project.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from workers import Worker

STAT = Path("/proc/stat")
# Cores in use by others above which ratios are not to be believed.
MOST = 0.1


class Neighbours:
    """Processor time of the whole machine beside that of the workers; unknown where there is no /proc."""

    def __init__(self, workers: Iterable[Worker]) -> None:
        self._workers = tuple(workers)
        self._since, self._others = time.perf_counter(), self._others_seconds()

    def cores(self) -> float | None:
        """Return how many cores others have used on average since this was made."""
        others = self._others_seconds()
        if others is None or self._others is None:
            return None
        return max(0.0, others - self._others) / (time.perf_counter() - self._since)

    def _others_seconds(self) -> float | None:
        try:
            user, nice, system, _idle, _wait, *stolen = map(int, STAT.read_text().split("\n", 1)[0].split()[1:9])
        except (OSError, ValueError):
            return None
        return sum((user, nice, system, *stolen)) / os.sysconf("SC_CLK_TCK") - sum(each.work for each in self._workers)


def disturbed(cores: float | None) -> bool:
    """Return whether others are known to have used too much."""
    return cores is not None and cores > MOST


def said(cores: float | None) -> str:
    """Return a line about them."""
    if cores is None:
        return "what else this machine did is not known"
    if not disturbed(cores):
        return f"others used {cores:.2f} cores meanwhile"
    return f"OTHERS USED {cores:.2f} CORES MEANWHILE: these ratios are not to be believed; measure on an idle machine"
