"""Stopping a command from outside without losing anything."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from probe.errors import Interrupted


class StopSignals:
    """While a ``with`` block runs, Ctrl-C, SIGTERM and SIGHUP raise :class:`Interrupted` with ``message``.

    SIGHUP comes when a terminal is closed or a connection is lost; if it is ignored, as under ``nohup``, it stays so.

    Inside :meth:`deferred` they only set ``received``, so that an update is finished before the training stops; a
    second one acts at once, as if this class were not there. Outside the main thread, where Python allows no signal
    handlers, nothing is caught.
    """

    SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

    def __init__(self, message: str) -> None:
        self.received = False
        self._message = message
        self._deferring = False

    def __enter__(self) -> Self:
        self._former = {}
        if threading.current_thread() is threading.main_thread():
            self._former = {number: signal.signal(number, self._receive) for number in self.SIGNALS
                            if signal.Signals(number).name != "SIGHUP"
                            or signal.getsignal(number) is not signal.SIG_IGN}
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


@contextmanager
def undisturbed(*, for_good: bool) -> Iterator[None]:
    """Ignore these signals while the block runs, in which a command tells how it ended, or ``for_good``, where the
    process ends after it."""
    former = {}
    if threading.current_thread() is threading.main_thread():
        former = {number: signal.signal(number, signal.SIG_IGN) for number in StopSignals.SIGNALS}
    try:
        yield
    finally:
        for number, handler in () if for_good else former.items():
            signal.signal(number, handler)
