"""Stopping a training from outside without losing anything."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from probe.errors import Interrupted


class StopSignals:
    """While a ``with`` block runs, Ctrl-C and SIGTERM raise :class:`Interrupted` with ``message``.

    Inside :meth:`deferred` they only set ``received``, so that an update is finished before the training stops; a
    second one acts at once, as if this class were not there. Outside the main thread, where Python allows no signal
    handlers, nothing is caught.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, message: str) -> None:
        self.received = False
        self._message = message
        self._deferring = False

    def __enter__(self) -> Self:
        self._former = {}
        if threading.current_thread() is threading.main_thread():
            self._former = {number: signal.signal(number, self._receive) for number in self.SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._restore()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let signals that come inside the block wait for the block to look at ``received``."""
        self._deferring = True
        try:
            yield
        finally:
            self._deferring = False

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = True
        self._restore()
        if not self._deferring:
            raise Interrupted(self._message)

    def _restore(self) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
