"""A text and a network small enough for a test, and their training in a process of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.forked import Forked

LINE = "“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n"
TEXT = LINE * 120
# Options of a training that logs soon; SMALL with a network of 8 units.
TINY = ["--batch", "4", "--length", "20", "--validate-every", "10", "--log-every", "5"]
SMALL = ["--units", "8", *TINY]


@contextmanager
def training(text: Path, folder: Path, *others: str) -> Iterator[Forked]:
    """Give the process of a ``probe train`` that has begun its log; it is killed at the end, if it is alive."""
    with Forked(["train", str(text), "--run", str(folder), "--minutes", "5", *SMALL, *others]) as process:
        deadline = time.monotonic() + 120
        while not (folder / "log.jsonl").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert process.poll() is None, process.communicate()[1]
        yield process
