"""Stopping a training from outside without losing anything."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interrupted(Exception):
    """Ctrl-C or SIGTERM came; everything is saved. The command line exits with status 130."""


class StopSignals:
    """While a ``with`` block runs, Ctrl-C and SIGTERM only set ``received``; a second one acts at once.

    Outside the main thread, where Python allows no signal handlers, nothing is caught.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.received = False

    def __enter__(self) -> Self:
        self._former = {}
        if threading.current_thread() is threading.main_thread():
            self._former = {number: signal.signal(number, self._receive) for number in self.SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._restore()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = True
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
