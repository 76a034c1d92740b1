"""A process that searches text for regular expressions, and ends when one search takes too long.

It runs as a script and imports nothing of the package, so that it starts at once. It reads a request a line and writes
a reply a line, both JSON.
"""

import faulthandler
import json
import re
import signal
import sys


def search(expression: str, text: str, bounds: list[list[int]]) -> list[int]:
    """Return start, stop, start, stop… of what is found in each of the pieces of ``text``, each searched by itself."""
    compiled = re.compile(expression, re.MULTILINE)
    groups: list[str | int] = [*compiled.groupindex] or [0]
    found: list[int] = []
    for start, stop in bounds:
        for match in compiled.finditer(text[start:stop]):
            found += [start + place for group in groups if match.start(group) >= 0 for place in match.span(group)]
    return found


def serve() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair
    for row in sys.stdin.buffer:
        request = json.loads(row)
        faulthandler.dump_traceback_later(request.pop("seconds"), exit=True)  # the one clock that stops a search
        reply = search(**request)
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
