"""Patterns of quotation marks: dialogue and titles in running text."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.document import Document, Language
from probe.patterns.pattern import Context, Group, Kind, Pattern
from probe.patterns.quotation import quotations
from probe.patterns.spans import Spans, marks
from probe.patterns.wording import words


@dataclass(frozen=True)
class InsideQuotes(Pattern):
    name: ClassVar[str] = "inside_quotes"
    meaning: ClassVar[str] = (
        "between quotation marks, the marks excluded; a quotation inside another belongs to it with its marks; one "
        "left open ends with its paragraph"
    )
    group: ClassVar[Group] = "dialogue"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        return quotations(document).inner.paint(len(document))


@dataclass(frozen=True)
class InsideDoubleQuotes(Pattern):
    name: ClassVar[str] = "inside_double_quotes"
    meaning: ClassVar[str] = "between double quotation marks (straight, curly, « », „ “ or 『 』), the marks excluded"
    group: ClassVar[Group] = "dialogue"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return found.inner.where(~found.single).paint(len(document))


@dataclass(frozen=True)
class InsideSingleQuotes(Pattern):
    name: ClassVar[str] = "inside_single_quotes"
    meaning: ClassVar[str] = "between single quotation marks (straight, curly, ‚ ‘ or 「 」), the marks excluded"
    group: ClassVar[Group] = "dialogue"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return found.inner.where(found.single).paint(len(document))


@dataclass(frozen=True)
class QuoteDepth(Pattern):
    name: ClassVar[str] = "quote_depth"
    meaning: ClassVar[str] = "how many quotations hold this character; a mark counts as outside its own"
    group: ClassVar[Group] = "dialogue"
    kind: ClassVar[Kind] = "graded"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        return quotations(document).inner.depth(len(document)).astype(np.float32)


@dataclass(frozen=True)
class OpeningQuote(Pattern):
    name: ClassVar[str] = "opening_quote"
    meaning: ClassVar[str] = "the mark that opens a quotation; apostrophes are none"
    group: ClassVar[Group] = "dialogue"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return marks(len(document), found.inner.starts[found.opened] - 1)


@dataclass(frozen=True)
class ClosingQuote(Pattern):
    name: ClassVar[str] = "closing_quote"
    meaning: ClassVar[str] = "the mark that closes a quotation; apostrophes are none"
    group: ClassVar[Group] = "dialogue"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return marks(len(document), found.inner.stops[found.closed])


@dataclass(frozen=True)
class AfterQuote(Pattern):
    name: ClassVar[str] = "after_quote"
    meaning: ClassVar[str] = (
        "from just after the mark that closes an outermost quotation to the end of the second word after it, or of "
        "the last word before the next quotation or the paragraph's end"
    )
    group: ClassVar[Group] = "dialogue"
    context: ClassVar[Context] = Context("paragraph")
    languages: ClassVar[tuple[Language, ...]] = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found, spoken = quotations(document), words(document)
        outer = found.outermost & found.closed
        starts = found.inner.stops[outer] + 1
        opening = np.append(found.inner.starts[found.outermost & found.opened] - 1, len(document))
        limits = np.minimum(found.paragraph_stops[outer], opening[np.searchsorted(opening, starts)])
        first = np.searchsorted(spoken.starts, starts)
        past = np.searchsorted(spoken.starts, limits)
        last = np.minimum(first + 2, past) - 1
        some = last >= first
        return Spans(starts[some], spoken.stops[last[some]]).paint(len(document))
