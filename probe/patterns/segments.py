"""Cutting a text where a pattern's context ends, without reading more of it than is asked for."""

import re
from typing import Any, Protocol

import numpy as np

from probe.corpus.document import Document, FileSpan, Language
from probe.patterns.pattern import Scope

WINDOW = 1 << 14
# No line or paragraph that a person wrote is longer, and hardly any file of code; yet 64 readers far apart in a text
# without breaks, who keep 64 times as much labelled, need only memory that a laptop has.
LIMITS: dict[Scope, int] = {"characters": WINDOW, "line": 1 << 17, "paragraph": 1 << 17, "file": 1 << 20,
                            "document": 1 << 20}
# Cuts that are remembered, and breaks: many more than 1,024 readers look at side by side.
REMEMBERED = 1 << 16

_BREAKS: dict[Scope, re.Pattern[str]] = {
    "line": re.compile(r"\r\n|\n|\r"),
    "paragraph": re.compile(r"(?:\n|\r(?!\n))[^\S\r\n]*+(?:\r\n|\n|\r)"),
}
_LONGEST_BREAK = 256


class TextParts(Protocol):
    """A text that can be read in parts, as a corpus is.

    Attributes:
        files: contiguous spans that cover the text.
        language: the language of all of it.
    """

    @property
    def files(self) -> tuple[FileSpan, ...]: ...

    @property
    def language(self) -> Language: ...

    def __len__(self) -> int: ...

    def document(self, start: int, stop: int) -> Document:
        """Return characters [start, stop) with the parts of files among them."""
        ...


class Segments:
    """The cuts of a text for one scope: no line, paragraph or file, whichever it is, lies on both sides of a cut.

    Cuts depend on the text alone, never on what was asked for before: near each multiple of ``window`` the last
    place is taken where the scope allows one. A line, paragraph or file of more than ``limit`` characters may be cut at
    a multiple of ``limit``, counted from the start of the text; a shorter one never is.

    Args:
        source: the text.
        scope: what must stay whole; ``"characters"`` leaves every cut free.
        window: characters between places where a cut is sought.
        limit: the length from which on a cut is forced; a multiple of ``window``. Defaults to 131,072 characters for
            lines and paragraphs and 1,048,576 for files and documents.
    """

    def __init__(self, source: TextParts, scope: Scope, window: int = WINDOW,
                 limit: int | None = None) -> None:
        self._source, self._scope, self._window = source, scope, window
        self._reach = (limit or LIMITS[scope]) // window
        self._file_starts = np.array([file.start for file in source.files if file.start < file.stop], dtype=np.int64)
        self._cuts: dict[int, int] = {}
        self._breaks: dict[int, int | None] = {}

    def around(self, position: int) -> tuple[int, int]:
        """Return the segment [start, stop) that holds ``position``; it is shorter than twice the limit."""
        index = position // self._window
        start = self._cut(index)
        while (stop := self._cut(index + 1)) <= position:
            index, start = index + 1, stop
        return start, stop

    def _cut(self, index: int) -> int:
        """Return the last cut at or before ``index`` windows, or the end of the text if it lies before that."""
        place = index * self._window
        if place >= len(self._source):
            return len(self._source)
        if self._scope == "characters":
            return place
        if index not in self._cuts:
            forced = index - index % self._reach
            behind = (self._break(window) for window in range(index, max(index - self._reach, 0), -1))
            found = next((cut for cut in behind if cut is not None), None)
            _make_room(self._cuts)
            self._cuts[index] = found if found is not None else forced * self._window if index >= self._reach else 0
        return self._cuts[index]

    def _break(self, index: int) -> int | None:
        """Return the last place that the scope allows in the window that ends at ``index`` windows, end included."""
        if index not in self._breaks:
            _make_room(self._breaks)
            self._breaks[index] = self._find(max((index - 1) * self._window, 0), index * self._window)
        return self._breaks[index]

    def _find(self, start: int, stop: int) -> int | None:
        file = int(np.searchsorted(self._file_starts, stop, side="right")) - 1
        found = int(self._file_starts[file]) if file >= 0 and self._file_starts[file] > start else None
        if self._scope == "document":
            return None
        if self._scope in _BREAKS:
            low = max(start - _LONGEST_BREAK, 0)
            text = self._source.document(low, min(stop + 1, len(self._source))).text  # one more: CR may go on with LF
            ends = (low + match.end() for match in _BREAKS[self._scope].finditer(text))
            found = max((end for end in ends if max(start, found or 0) < end <= stop), default=found)
        return found


def _make_room(remembered: dict[int, Any]) -> None:
    """Forget everything when it is too much, which a text of a gigabyte is: what is needed is soon found again."""
    if len(remembered) >= REMEMBERED:
        remembered.clear()
