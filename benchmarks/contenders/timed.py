"""A contender whose steps are timed in its own process."""

import time
from importlib import import_module
from typing import Any

import numpy as np
from workload import CLIP, LEARNING_RATE, Workload


class Timed:
    """One contender, of one size after the other.

    Args:
        kind: its class, as ``"module:class"``.
        precision: ``"float32"`` or ``"bfloat16"``.
        threads: that it computes with.
    """

    def __init__(self, kind: str, precision: str, threads: int) -> None:
        module, name = kind.split(":")
        self._kind, self._precision, self._threads = getattr(import_module(module), name), precision, threads
        self._contender: Any = None

    def build(self, work: Workload) -> None:
        """Go over to another size."""
        self._contender = None
        self._contender = self._kind(work, self._precision, self._threads, CLIP, 0)
        self._ids, self._targets = work.text()
        self._carried = np.ones(work.streams, np.float32)

    def step(self) -> float:
        """Return the seconds of one step."""
        if hasattr(self._contender, "step"):
            return self._contender.step()
        began = time.perf_counter()
        self._contender.update(self._ids, self._targets, self._carried, LEARNING_RATE)
        return time.perf_counter() - began
