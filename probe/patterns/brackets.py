"""Patterns of brackets: by paragraph in prose, by token in Python."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from probe.corpus.document import Document, Language
from probe.patterns.layout import paragraphs
from probe.patterns.pattern import Context, Pattern
from probe.patterns.python_structure import structure
from probe.patterns.spans import Spans

_CLOSING = dict(zip("([{（［｛【〔⟨", ")]}）］｝】〕⟩", strict=True))
_BRACKETS = re.compile("[" + re.escape("".join((*_CLOSING, *_CLOSING.values()))) + "]")


@dataclass(frozen=True)
class _Brackets(Pattern):
    group = "structure"
    context = Context("paragraph")

    def context_in(self, language: Language) -> Context:
        return Context("file") if language == "python" else self.context


@dataclass(frozen=True)
class InsideBrackets(_Brackets):
    name = "inside_brackets"
    meaning = (
        "between brackets, the outermost pair excluded; in Python not those of strings and comments; in prose one "
        "left open ends with its paragraph"
    )

    def label(self, document: Document) -> np.ndarray:
        return bracketed(document).paint(len(document))


@dataclass(frozen=True)
class BracketDepth(_Brackets):
    name = "bracket_depth"
    meaning = "how many pairs of brackets hold this character; a bracket counts as outside its own pair"
    kind = "graded"

    def label(self, document: Document) -> np.ndarray:
        return bracketed(document).depth(len(document)).astype(np.float32)


def bracketed(document: Document) -> Spans:
    """Return what stands between each pair of brackets."""
    if document.language == "python":
        return structure(document)["bracket"]
    flat: list[int] = []
    blocks = paragraphs(document)
    for start, stop in zip(blocks.starts.tolist(), blocks.stops.tolist(), strict=True):
        flat += [start + place for place in _pairs(document.text[start:stop])]
    return Spans.of(flat)


def _pairs(block: str) -> list[int]:
    """Return start, stop, start, stop… of what brackets hold in a paragraph; stray closing ones are text."""
    flat: list[int] = []
    waiting: list[tuple[int, str]] = []
    awaited: Counter[str] = Counter()
    for match in _BRACKETS.finditer(block):
        position, mark = match.start(), match[0]
        if mark in _CLOSING:
            waiting.append((position + 1, _CLOSING[mark]))
            awaited[_CLOSING[mark]] += 1
        elif awaited[mark]:
            closing = ""
            while closing != mark:
                start, closing = waiting.pop()
                awaited[closing] -= 1
                flat += [start, position]
    for start, _ in waiting:
        flat += [start, len(block)]
    return flat
