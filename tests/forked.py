"""Processes in which the engine is loaded from the start: forks of one that has loaded it, and done nothing else.

A process of its own loads TensorFlow first, which takes longer than what most tests ask of it. A fork has a number,
outputs, signals and an end of its own as well, by Python's own way out or by a signal.

``python -m tests.forked HANDLE`` is the process that forks; HANDLE is a socket on which it is asked.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[1]
LOADED = ("probe.train.characters", "probe.attention.translator.task", "probe.activations", "probe.scan",
          "probe.gallery")
# What a fork runs, as its main program.
PROBE = "import runpy; runpy.run_module('probe', run_name='__main__', alter_sys=True)"
SCRIPT = "import runpy, sys; runpy.run_path(sys.argv[0], run_name='__main__')"
NUMBER = struct.Struct("i")


class Forked:
    """A process that runs a program; what is asked of it is as with ``subprocess.Popen``.

    Args:
        words: its ``sys.argv``, but for the name of the program.
        program: what it runs.
        name: the first of its ``sys.argv``.
        stdout: where its output goes: an open file, ``subprocess.PIPE``, or where :meth:`communicate` finds it.
        folder: where it works.
        environment: what is other than here.
    """

    def __init__(self, words: Sequence[str], program: str = PROBE, name: str = "probe", stdout: Any = None,
                 folder: Path | None = None, environment: dict[str, str] | None = None) -> None:
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        self._outputs = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115  # closed at its end
        self._said: tuple[str, ...] = ()
        output = self._outputs[0] if stdout is None else stdout
        if stdout == subprocess.PIPE:
            reading, writing = os.pipe()
            self.stdout, output = open(reading, encoding="utf-8"), open(writing, "wb")  # noqa: SIM115
        self._asked, theirs = socket.socketpair()
        with open(os.devnull) as nothing:
            handles = [theirs.fileno(), *(each if isinstance(each, int) else each.fileno()
                                          for each in (nothing, output, self._outputs[1]))]
            socket.send_fds(_forking(), [b"."], handles)
        theirs.close()
        if stdout == subprocess.PIPE:
            output.close()
        order = {"words": [name, *words], "program": program, "folder": str(folder or Path.cwd()),
                 "environment": {**os.environ, **(environment or {})}}
        self._asked.sendall(json.dumps(order).encode() + b"\n")
        self.pid = self._told()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        if self.stdout:
            self.stdout.close()

    def poll(self) -> int | None:
        """Return its status if it has ended."""
        return self.wait(0) if self.returncode is None else self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, or so many seconds; return its status if it has ended."""
        if self.returncode is None and select.select([self._asked], [], [], timeout)[0]:
            self.returncode = self._told()
            self._asked.close()
            self._said = tuple(_content(output) for output in self._outputs)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end, and return what it printed and its errors."""
        assert self.wait(timeout) is not None, f"process {self.pid} has not ended"
        printed, errors = self._said
        return printed, errors

    def _told(self) -> int:
        told = self._asked.recv(NUMBER.size, socket.MSG_WAITALL)
        assert len(told) == NUMBER.size, "the process that forks has ended"
        return int(NUMBER.unpack(told)[0])


def _content(file: IO[bytes]) -> str:
    """Read all of a file and close it."""
    with file:
        file.seek(0)
        return file.read().decode("utf-8")


def ran(words: Sequence[str], program: str = PROBE, name: str = "probe",
        **others: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; the arguments are those of :class:`Forked`."""
    with Forked(words, program, name, **others) as process:
        printed, errors = process.communicate()
    return subprocess.CompletedProcess([name, *words], process.returncode or 0, printed, errors)


@cache
def _forking() -> socket.socket:
    """The socket of the process that forks, which ends with this one."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([sys.executable, "-m", "tests.forked", str(theirs.fileno())], cwd=ROOT,
                               pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _forked(asked: socket.socket) -> dict[str, Any]:
    """Fork whenever it is asked; return what is to be run, in each fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        word, handles, _, _ = socket.recv_fds(asked, 1, 4)
        if not word:
            os._exit(0)
        if os.fork() == 0:
            asked.close()
            return _watched(*handles)
        for handle in handles:
            os.close(handle)


def _watched(asking: int, *handles: int) -> dict[str, Any]:
    """Fork once more, and tell the one that asked the number and the status of the process; return in that one."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    teller = socket.socket(fileno=asking)
    with teller.makefile(encoding="utf-8") as asked:
        order = dict(json.loads(asked.readline()))
    process = os.fork()
    if process:
        for handle in handles:
            os.close(handle)
        teller.sendall(NUMBER.pack(process))
        _, status = os.waitpid(process, 0)
        teller.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
        os._exit(0)
    teller.close()
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    return order


def main() -> None:
    for name in LOADED:
        __import__(name)
    gc.freeze()  # or a fork would touch all of it at its first collection, and copy it
    order = _forked(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv[:] = order["words"]
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # by lines on a terminal
    exec(order["program"], {"__name__": "__main__"})


if __name__ == "__main__":
    main()
