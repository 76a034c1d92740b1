"""A disk that fails inside this process, at the n-th operation that a command asks of it; and one that is looked at."""

import builtins
import contextlib
import io
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EACCES, EIO, ENOSPC, EROFS
from pathlib import Path
from typing import Any, Self

GROWING = frozenset({"create", "mkdir", "write", "fsync"})
CHANGING = GROWING | {"open to write", "rename", "remove", "rmdir", "truncate", "chmod"}
READING = frozenset({"read", "list"})
EVENTS = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir", "os.rmdir": "rmdir", "os.chmod": "chmod",
          "os.truncate": "truncate", "os.listdir": "list", "os.scandir": "list"}


@dataclass(frozen=True)
class Manner:
    """How a disk fails.

    Attributes:
        number: the error it gives.
        operations: which operations it refuses.
        lasting: whether it refuses all that come after the first, or goes on as if nothing had happened.
    """

    number: int
    operations: frozenset[str]
    lasting: bool


FULL = Manner(ENOSPC, GROWING, lasting=True)
READ_ONLY = Manner(EROFS, CHANGING, lasting=True)
FLAKY = Manner(EIO, CHANGING, lasting=False)
UNREADABLE = Manner(EIO, READING, lasting=False)
DENIED = Manner(EACCES, CHANGING - {"write", "fsync"}, lasting=True)


@dataclass
class FailingDisk:
    """While a ``with`` block runs, what lies below ``root`` lies on a disk that fails at operation ``at``, from 1.

    Without ``at`` it is a good disk, and a fast one.

    Opening, renaming, removing and the like are refused through Python's own audit events, so that no way around this
    class is left to whoever uses ``os``, ``pathlib``, ``shutil`` or ``tempfile``; ``fsync``, which has no event, is
    replaced, as is the writing of files, where half of the bytes still reach the disk.

    Attributes:
        asked: operations of the manner's kinds so far.
        kinds: all operations so far.
        refused: those that failed, with their paths.
        renamed: names that a file took.
        halving: whether a file takes half of what it is given, and the rest when it is asked again, as it may.
    """

    root: Path
    manner: Manner
    at: float = math.inf
    asked: int = 0
    kinds: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    halving: bool = False

    def __enter__(self) -> Self:
        self._former = builtins.open, io.open, os.fsync
        builtins.open = io.open = self._opening(io.open)  # type: ignore[assignment]
        os.fsync = lambda handle: self.ask("fsync", _name(handle))
        _hook.disk = self
        return self

    def __exit__(self, *_: object) -> None:
        _hook.disk = None
        builtins.open, io.open, os.fsync = self._former  # type: ignore[assignment]

    def ask(self, operation: str, path: Any) -> None:
        """Count an operation; raise OSError if it is one that fails."""
        self.kinds.append(operation)
        if operation not in self.manner.operations:
            return
        self.asked += 1
        if self.asked == self.at or (self.manner.lasting and self.asked > self.at):
            self.refused.append((operation, str(path)))
            raise OSError(self.manner.number, os.strerror(self.manner.number), str(path))

    def owns(self, path: Any) -> bool:
        """Whether ``path`` lies here; a relative one is a name in a folder that was opened here."""
        return isinstance(path, str | Path) and (not os.path.isabs(path) or Path(path).is_relative_to(self.root))

    def _opening(self, opened: Callable) -> Callable:
        def opening(file: Any, mode: str = "r", *others: Any, **named: Any) -> Any:
            if mode not in ("wb", "ab", "rb+") or not (isinstance(file, int) or self.owns(file)):
                return opened(file, mode, *others, **named)
            raw = _File(self, file, mode)
            return io.BufferedRandom(raw) if mode == "rb+" else io.BufferedWriter(raw)

        return opening


class _File(io.FileIO):
    """A file of which half of the refused bytes are written before the disk says so, as real ones do."""

    def __init__(self, disk: FailingDisk, file: Any, mode: str) -> None:
        super().__init__(file, mode)
        self._disk, self._refusal, self._halved = disk, None, False

    def write(self, content: Any) -> int:
        if self._refusal is None:
            try:
                self._disk.ask("write", _name(self.name))
            except OSError as error:
                self._refusal = error
                if half := len(content) // 2:
                    return super().write(memoryview(content)[:half]) or 0
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            raise refusal
        self._halved = self._disk.halving and not self._halved and len(content) > 1
        return super().write(memoryview(content)[:len(content) // 2] if self._halved else content) or 0


class WatchedDisk(FailingDisk):
    """A good disk that is looked at before each operation that changes it: a kill at that moment leaves what is there.

    Files are written in halves, so that it is looked at between them too.

    Args:
        root: what lies on it.
        look: called before each operation; what it does on the disk itself does not count.
    """

    def __init__(self, root: Path, look: Callable[[], None]) -> None:
        super().__init__(root, Manner(0, CHANGING, lasting=False), halving=True)
        self._look = look

    def ask(self, operation: str, path: Any) -> None:
        """Count an operation that changes the disk, and look."""
        self.kinds.append(operation)
        if operation in self.manner.operations:
            self.asked += 1
            _hook.disk = None
            try:
                self._look()
            finally:
                _hook.disk = self


class _Hook:
    """Python's audit hooks stay for the life of a process; this one rests while no disk is at stake."""

    disk: FailingDisk | None = None

    def __init__(self) -> None:
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple) -> None:
        disk = self.disk
        if disk is None or (event != "open" and event not in EVENTS) or not disk.owns(arguments[0]):
            return
        operation = EVENTS.get(event) or _opening(*arguments)
        if operation == "mkdir" and os.path.isdir(arguments[0]):
            return  # a real disk says that it is there
        if operation == "remove" and not os.path.lexists(arguments[0]):
            return  # and that it is not
        disk.ask(operation, arguments[0])
        if operation == "rename":
            disk.renamed.append(Path(arguments[1]).name)


def _opening(path: Any, mode: str | None, flags: int) -> str:
    if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return "read"
    return "create" if flags & os.O_CREAT and not os.path.exists(path) else "open to write"


def _name(file: Any) -> Any:
    """The path of an open file, where the system tells it."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else file
    return file


_hook = _Hook()
