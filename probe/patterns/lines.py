"""Patterns of lines and paragraphs."""

from dataclasses import dataclass

import numpy as np

from probe.corpus.document import Document
from probe.patterns.layout import blank_lines, lines, paragraphs, without_breaks
from probe.patterns.pattern import Context, Pattern
from probe.patterns.spans import marks
from probe.patterns.wording import words


@dataclass(frozen=True)
class LineStart(Pattern):
    name = "line_start"
    meaning = "the first character of a line, which in an empty line is its break"
    group = "lines"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        return marks(len(document), lines(document).starts)


@dataclass(frozen=True)
class LineEnd(Pattern):
    name = "line_end"
    meaning = "the last character of a line, its break left out; an empty line has none"
    group = "lines"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows = without_breaks(document, lines(document))
        return marks(len(document), rows.stops[rows.stops > rows.starts] - 1)


@dataclass(frozen=True)
class FirstWordOfLine(Pattern):
    name = "first_word_of_line"
    meaning = "every character of the first word of a line"
    group = "lines"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        found = words(document)
        line = np.searchsorted(lines(document).starts, found.starts, side="right")
        return found.where(np.diff(line, prepend=0) != 0).paint(len(document))


@dataclass(frozen=True)
class LastWordOfLine(Pattern):
    name = "last_word_of_line"
    meaning = "every character of the last word of a line, which may be its first"
    group = "lines"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        found = words(document)
        line = np.searchsorted(lines(document).starts, found.starts, side="right")
        return found.where(np.diff(line, append=0) != 0).paint(len(document))


@dataclass(frozen=True)
class BlankLine(Pattern):
    name = "blank_line"
    meaning = "every character of a line that holds nothing but white space, its break included"
    group = "lines"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows = lines(document)
        return np.repeat(blank_lines(document, rows), rows.stops - rows.starts)


@dataclass(frozen=True)
class Column(Pattern):
    name = "column"
    meaning = "characters before this one in its line; the break counts on, a tab counts one"
    group = "lines"
    kind = "graded"
    context = Context("line")

    def label(self, document: Document) -> np.ndarray:
        rows = lines(document)
        columns: np.ndarray = np.arange(len(document)) - np.repeat(rows.starts, rows.stops - rows.starts)
        return columns.astype(np.float32)


@dataclass(frozen=True)
class ParagraphStart(Pattern):
    name = "paragraph_start"
    meaning = "the first character of a paragraph, indentation included; blank lines part paragraphs"
    group = "lines"
    context = Context("paragraph")

    def label(self, document: Document) -> np.ndarray:
        return marks(len(document), paragraphs(document).starts)
