"""A text that is a string already."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from probe.corpus.codes import codes_of
from probe.corpus.decoding import Piece

BLOCK = 1 << 20


@dataclass(frozen=True)
class TextInMemory:
    """A string that is read as a file of this name would be; a byte-order mark in it is a character like others.

    Attributes:
        name: what to call it.
        text: its characters.
    """

    name: str
    text: str = field(repr=False)

    @property
    def size(self) -> int:
        """Its characters, which stand in for its bytes on a progress bar."""
        return len(self.text)

    def pieces(self) -> Iterator[Piece]:
        """Yield the text in blocks."""
        for start in range(0, len(self.text), BLOCK):
            part = self.text[start:start + BLOCK]
            yield Piece(self.name, part.encode("utf-8", "surrogatepass"), codes_of(part))
