"""Searching for regular expressions within a time limit.

Python's ``re`` cannot be stopped while it searches, and an expression such as ``(a+)+b`` may search for years. So a
process of its own searches, and ends where it takes too long.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from probe.errors import UserError, quoted
from probe.patterns.spans import Spans

SECONDS = 10.0
_SCRIPT = Path(__file__).with_name("search_process.py")

_processes: dict[int, subprocess.Popen[bytes]] = {}  # by the process that started it, since a fork copies the table
_lock = Lock()


def matches(expression: str, text: str, pieces: Spans, seconds: float = SECONDS) -> Spans:
    """Return where an expression is found in pieces of a text.

    Args:
        expression: as of ``re``, with its flag MULTILINE.
        text: the text.
        pieces: what of it is searched, each piece as if there were no other.
        seconds: time limit for all pieces together.

    Returns:
        The spans of the named groups if there are any, else those of whole matches.

    Raises:
        UserError: the time limit was reached.
    """
    bounds = [[int(start), int(stop)] for start, stop in zip(pieces.starts, pieces.stops, strict=True)]
    request = {"expression": expression, "text": text, "bounds": bounds, "seconds": seconds}
    with _lock, _searcher() as process:
        assert process.stdin and process.stdout
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            reply = process.stdout.readline()
        except OSError:  # a broken pipe, by whatever name the system calls it
            reply = b""
        if not reply:
            _end()
            raise UserError(f"the search for {quoted(expression)} in {len(text):,} characters took longer than "
                            f"{seconds:g} seconds; an expression that repeats what is repeated, as in (a+)+, can take "
                            "for ever: write (?>a+) or a++ where no other reading is wanted")
        return Spans.of(json.loads(reply))


@contextmanager
def _searcher() -> Iterator[subprocess.Popen[bytes]]:
    if os.getpid() not in _processes:
        _processes[os.getpid()] = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
    try:
        yield _processes[os.getpid()]
    except BaseException:  # interrupted between request and reply: the next one must not read what is left
        _end()
        raise


@atexit.register
def _end() -> None:
    if process := _processes.pop(os.getpid(), None):
        process.kill()
        process.communicate()
