"""Activations whose reading stops at one place until its process is killed, once."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from probe.activations import Block


@dataclass(frozen=True)
class Waiting:
    """Blocks of which the part that begins behind ``place`` waits after its first one.

    Attributes:
        blocks: that are read.
        place: of the text.
        marker: a file that is written, with the process id, by the first that waits; others go on.
    """

    blocks: Any
    place: int
    marker: Path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.blocks, name)

    def part(self, start: int, stop: int) -> "Waiting":
        return replace(self, blocks=self.blocks.part(start, stop))

    def in_streams(self, streams: int) -> "Waiting":
        return replace(self, blocks=self.blocks.in_streams(streams))

    def __iter__(self) -> Iterator[Block]:
        for number, block in enumerate(self.blocks):
            yield block
            if number == 0 and self.blocks.segment.start >= self.place and not self.marker.exists():
                self.marker.write_text(str(os.getpid()), encoding="ascii")
                while True:
                    time.sleep(0.1)
