"""An ear for what opening a file must never do: run code, start a process, talk, read or write elsewhere."""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Where code comes from that may run: Python, what is installed, and this project.
INSTALLED = tuple({str(Path(place).resolve()) + os.sep for place in (
    sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values(), ROOT / "probe", ROOT / "benchmarks",
    ROOT / "tests")})
# Modules whose code writes code of its own while it makes classes, templates and compiled functions.
WRITERS = ("dataclasses", "collections", "typing", "enum", "jinja2", "numba", "inspect", "functools")
FORBIDDEN = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
             "pty.spawn", "os.startfile", "pickle.find_class", "socket.connect", "socket.bind", "socket.sendto",
             "socket.getaddrinfo", "urllib.Request", "webbrowser.open", "ftplib.connect", "smtplib.connect",
             "shutil.unpack_archive")
# Event → where in its arguments paths stand, and the handles of the folders that these are relative to, if any.
CHANGING: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),), "os.rename": ((0, 2), (1, 3)), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),), "os.link": ((1, 3),), "os.chmod": ((0, 2),), "os.chown": ((0, 3),),
    "os.truncate": ((0, None),), "os.utime": ((0, 3),), "shutil.move": ((1, None),), "shutil.copyfile": ((1, None),)}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEVICES = ("/dev/null", "/dev/tty", "/dev/shm/", "/proc/self/")
# Names that only changed files have; modules that would be imported from them.
LURES = ("antigravity", "this")
SECRETS = ("/etc/passwd", "/etc/shadow", "secret.txt", "secret.h5")


class Watch:
    """What a process was heard to do while it was listened to.

    Attributes:
        heard: in words, each once.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._inside: tuple[str, ...] = ()
        self._on = False
        sys.addaudithook(self._hear)

    @contextmanager
    def listening(self, *inside: Path) -> Iterator[None]:
        """Listen during the ``with`` block; what lies in the folders ``inside`` may be written."""
        self.heard, self._inside = [], tuple(str(place.resolve()) + os.sep for place in inside)
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        self._on = False  # what is done to judge is not judged
        try:
            told = self._judged(event, arguments)
            if told and told not in self.heard and len(self.heard) < 20:
                self.heard.append(told)
        finally:
            self._on = True

    def _judged(self, event: str, arguments: tuple[Any, ...]) -> str | None:
        if event == "open":
            return self._opened(*arguments)
        if event in CHANGING:
            paths = [_absolute(arguments[place], -1 if folder is None else arguments[folder])
                     for place, folder in CHANGING[event]]
            return next((f"{event} of {path!r}" for path in paths if not self._is_inside(path)), None)
        if event == "pickle.find_class" and _is_writer(_caller()):
            return None  # numba keeps what it has compiled as pickles of its own
        if event in FORBIDDEN:
            return f"{event} {str(arguments)[:200]}"
        if event == "exec":
            return _executed(arguments[0])
        if event == "marshal.loads":
            return None if _caller().startswith("<frozen importlib") else f"marshal.loads by {_caller()}"
        if event == "import" and arguments[0] in LURES:
            return f"import of {arguments[0]}"
        return None

    def _opened(self, path: Any, mode: Any, flags: Any) -> str | None:
        writes = bool(isinstance(flags, int) and flags & WRITING) or bool(mode and set(mode) & set("wax+"))
        if writes:
            return None if self._is_inside(path) else f"opens {path!r} to write"
        name = os.fsdecode(path) if isinstance(path, str | bytes) or hasattr(path, "__fspath__") else ""
        return f"reads {name!r}" if name.endswith(SECRETS) and not self._is_inside(path) else None

    def _is_inside(self, path: Any) -> bool:
        if isinstance(path, int):
            return True  # open already, and heard when it was opened
        name = os.path.realpath(os.path.dirname(os.fsdecode(path)) or ".") + os.sep
        kept = f"{os.sep}__pycache__{os.sep}" in name and name.startswith(INSTALLED)
        return kept or name.startswith(self._inside) or os.fsdecode(path).startswith(DEVICES)


def _absolute(path: Any, folder: int) -> Any:
    """A path that may be relative to the folder of an open handle."""
    if isinstance(path, int) or folder == -1:
        return path
    return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))


def _caller() -> str:
    """The file of the code that did what is heard."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame.f_code.co_filename


def _is_writer(caller: str) -> bool:
    """Whether code is of a module that writes code of its own."""
    module = Path(caller).stem if Path(caller).stem != "__init__" else Path(caller).parent.name
    return caller.startswith(INSTALLED) and (module in WRITERS or any(f"{os.sep}{name}{os.sep}" in caller
                                                                      for name in WRITERS))


def _executed(code: Any) -> str | None:
    file, caller = getattr(code, "co_filename", "?"), _caller()
    if file.startswith(("<frozen", *INSTALLED)) or _is_writer(caller):
        return None
    return f"runs code of {file!r} for {caller}"
