"""An object in a process of its own, which computes only while it is asked.

Contenders cannot share a process: each framework brings its own threads. All of them are alive at once and block on a
pipe, so that one after the other can be asked under the same conditions.
"""

import contextlib
import multiprocessing
import os
import time
import traceback
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Self


class Worker:
    """A process that holds one object and calls its methods.

    Args:
        kind: class of the object, as ``"module:class"``.
        arguments: of the class; they and all answers are pickled.
        threads: cores that the process may use, where the system lets it choose, and threads of OpenMP.

    Attributes:
        idle_seconds: how long it has waited to be asked, in seconds.
        idle_work: seconds of processor time that its threads nevertheless used in that time.
        work: seconds of processor time that its process has used in all.
    """

    def __init__(self, kind: str, *arguments: Any, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.kind, self.idle_seconds, self.idle_work, self.work = kind, 0.0, 0.0, 0.0
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, kind, arguments, threads), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pipe.close()
        self._process.join()

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call ``method`` of the object and return what it returns.

        Raises:
            RuntimeError: it raised an error, whose traceback is the message, or its process is gone.
        """
        self._pipe.send((method, arguments))
        try:
            answer, trace, idle_seconds, idle_work, self.work = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"{self.kind}: its process ended with status {self._process.exitcode}") from None
        if trace:
            raise RuntimeError(f"{self.kind}.{method} failed:\n{trace}")
        self.idle_seconds += idle_seconds
        self.idle_work += idle_work
        return answer


def _serve(pipe: Connection, kind: str, arguments: tuple[Any, ...], threads: int) -> None:
    os.environ |= {"OMP_NUM_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    if os.environ.get("BENCHMARKS_STDERR") is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # frameworks greet there; what goes wrong comes through the pipe
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    with contextlib.suppress(KeyboardInterrupt):
        _answer(pipe, kind, arguments)


def _answer(pipe: Connection, kind: str, arguments: tuple[Any, ...]) -> None:
    held, failed = None, None
    try:
        module, name = kind.split(":")
        held = getattr(import_module(module), name)(*arguments)
    except Exception:  # noqa: BLE001  whatever it is, it is raised where something is asked
        failed = traceback.format_exc()
    while True:
        since, worked = time.perf_counter(), time.process_time()
        try:
            method, given = pipe.recv()
        except EOFError:
            return
        idle = time.perf_counter() - since, time.process_time() - worked
        try:
            answer = None if failed else getattr(held, method)(*given)
        except Exception:  # noqa: BLE001
            pipe.send((None, traceback.format_exc(), *idle, time.process_time()))
        else:
            pipe.send((answer, failed, *idle, time.process_time()))
