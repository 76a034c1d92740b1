"""How many cores this process may use."""

import math
import os
from contextlib import suppress
from pathlib import Path

# Names an environment variable with the most cores to use, for several processes that share a machine.
LIMIT = "PROBE_CORES"


def _quota() -> float:
    """The cores' worth of time that a container grants."""
    with suppress(OSError, ValueError):
        granted, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return float(granted) / float(period)  # "max" is no number: no limit
    return math.inf


def _limit() -> float:
    given = os.environ.get(LIMIT, "")
    return int(given) if given.isdecimal() else math.inf


def _cores() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(_quota(), _limit(), allowed)))


CORES = _cores()
