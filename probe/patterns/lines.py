"""Patterns of lines and paragraphs."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.document import Document
from probe.patterns.layout import blank_lines, lines, paragraphs, without_breaks
from probe.patterns.pattern import Context, Group, Kind, Pattern
from probe.patterns.spans import marks


@dataclass(frozen=True)
class LineStart(Pattern):
    name: ClassVar[str] = "line_start"
    meaning: ClassVar[str] = "the first character of a line, which in an empty line is its break"
    group: ClassVar[Group] = "lines"
    context: ClassVar[Context] = Context("line")

    def label(self, document: Document) -> np.ndarray:
        return marks(len(document), lines(document).starts)


@dataclass(frozen=True)
class LineEnd(Pattern):
    name: ClassVar[str] = "line_end"
    meaning: ClassVar[str] = "the last character of a line, its break left out; an empty line has none"
    group: ClassVar[Group] = "lines"
    context: ClassVar[Context] = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows = without_breaks(document, lines(document))
        return marks(len(document), rows.stops[rows.stops > rows.starts] - 1)


@dataclass(frozen=True)
class BlankLine(Pattern):
    name: ClassVar[str] = "blank_line"
    meaning: ClassVar[str] = "every character of a line that holds nothing but white space, its break included"
    group: ClassVar[Group] = "lines"
    context: ClassVar[Context] = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows = lines(document)
        return np.repeat(blank_lines(document, rows), rows.stops - rows.starts)


@dataclass(frozen=True)
class Column(Pattern):
    name: ClassVar[str] = "column"
    meaning: ClassVar[str] = "characters before this one in its line; the break counts on, a tab counts one"
    group: ClassVar[Group] = "lines"
    kind: ClassVar[Kind] = "graded"
    context: ClassVar[Context] = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows = lines(document)
        columns: np.ndarray = np.arange(len(document)) - np.repeat(rows.starts, rows.stops - rows.starts)
        return columns.astype(np.float32)


@dataclass(frozen=True)
class ParagraphStart(Pattern):
    name: ClassVar[str] = "paragraph_start"
    meaning: ClassVar[str] = "the first character of a paragraph, indentation included; blank lines part paragraphs"
    group: ClassVar[Group] = "lines"
    context: ClassVar[Context] = Context("paragraph")

    def label(self, document: Document) -> np.ndarray:
        return marks(len(document), paragraphs(document).starts)
