"""A text and the spans of the files it was joined from: what a pattern sees."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["prose", "python"]
"""What a text is written in, which decides which patterns suit it."""


@dataclass(frozen=True)
class FileSpan:
    """One file inside a document.

    Attributes:
        name: path of the file, for display.
        start, stop: characters [start, stop) of the document that the file holds.
    """

    name: str
    start: int
    stop: int


def clipped(files: Iterable[FileSpan], start: int, stop: int) -> tuple[FileSpan, ...]:
    """Return the spans inside characters [start, stop), counted from ``start``; files that are cut keep that part."""
    return tuple(
        FileSpan(file.name, max(file.start, start) - start, min(file.stop, stop) - start)
        for file in files if max(file.start, start) < min(file.stop, stop)
    )


@dataclass(frozen=True)
class Document:
    """A text with the files it consists of.

    Attributes:
        text: the characters as they were read, before rare ones are mapped; length N.
        files: contiguous spans that cover [0, N) in order; one span for a single file.
        language: ``"python"`` if the files are Python sources, else ``"prose"``.
        offset: where it begins in the text that it is a part of.
    """

    text: str
    files: tuple[FileSpan, ...]
    language: Language = "prose"
    offset: int = 0

    @classmethod
    def of(cls, text: str, name: str = "text", language: Language = "prose") -> "Document":
        """Wrap a text as a document of one file, which is called ``name``."""
        return cls(text, (FileSpan(name, 0, len(text)),), language)

    def __len__(self) -> int:
        return len(self.text)

    def part(self, start: int, stop: int) -> "Document":
        """Return characters [start, stop) as a document; files that are cut keep the part inside."""
        files = clipped(self.files, start, stop)
        return Document(self.text[start:stop], files, self.language, self.offset + start)
