"""Indentation: blocks of statements in Python, leading white space in prose."""

import re
from dataclasses import dataclass

import numpy as np

from probe.corpus.document import Document, Language
from probe.patterns.layout import blank_lines, lines
from probe.patterns.pattern import Context, Pattern
from probe.patterns.python_structure import levels

_LEADING = re.compile(r"[^\S\r\n]*")


@dataclass(frozen=True)
class IndentationDepth(Pattern):
    name = "indentation_depth"
    meaning = (
        "in Python the blocks that hold the statement, on the whole of its lines; blank lines go with the statement "
        "before, comments with the block they are aligned to; in prose the width of the line's leading white space, "
        "tabs to multiples of 8"
    )
    group = "structure"
    kind = "graded"
    context = Context("line")

    def context_in(self, language: Language) -> Context:
        return Context("file") if language == "python" else self.context

    def label(self, document: Document) -> np.ndarray:
        if document.language == "python":
            return levels(document)
        rows = lines(document)
        widths = np.zeros(len(rows.starts), dtype=np.float32)
        filled = np.flatnonzero(~blank_lines(document, rows))
        for row, start in zip(filled.tolist(), rows.starts[filled].tolist(), strict=True):
            if document.text[start].isspace() and (leading := _LEADING.match(document.text, start)):
                widths[row] = len(leading[0].expandtabs(8))
        return np.repeat(widths, rows.stops - rows.starts)
