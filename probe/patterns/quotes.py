"""Patterns of quotation marks: dialogue and titles in running text."""

from dataclasses import dataclass

import numpy as np

from probe.corpus.document import Document
from probe.patterns.pattern import Context, Pattern
from probe.patterns.quotation import quotations
from probe.patterns.spans import Spans, marks
from probe.patterns.wording import words


@dataclass(frozen=True)
class InsideQuotes(Pattern):
    name = "inside_quotes"
    meaning = (
        "between quotation marks, the marks excluded; a quotation inside another belongs to it with its marks; one "
        "left open ends with its paragraph"
    )
    group = "dialogue"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        return quotations(document).inner.paint(len(document))


@dataclass(frozen=True)
class InsideDoubleQuotes(Pattern):
    name = "inside_double_quotes"
    meaning = (
        "between double quotation marks, the marks excluded: straight, curly, low as in German, angled as in French, "
        "or corners as in Japanese"
    )
    group = "dialogue"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return found.inner.where(~found.single).paint(len(document))


@dataclass(frozen=True)
class InsideSingleQuotes(Pattern):
    name = "inside_single_quotes"
    meaning = (
        "between single quotation marks, the marks excluded: straight, curly, low as in German, or corners as in "
        "Japanese"
    )
    group = "dialogue"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return found.inner.where(found.single).paint(len(document))


@dataclass(frozen=True)
class QuoteDepth(Pattern):
    name = "quote_depth"
    meaning = "how many quotations hold this character; a mark counts as outside its own"
    group = "dialogue"
    kind = "graded"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        return quotations(document).inner.depth(len(document)).astype(np.float32)


@dataclass(frozen=True)
class OpeningQuote(Pattern):
    name = "opening_quote"
    meaning = "the mark that opens a quotation; apostrophes are none"
    group = "dialogue"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return marks(len(document), found.inner.starts[found.opened] - 1)


@dataclass(frozen=True)
class ClosingQuote(Pattern):
    name = "closing_quote"
    meaning = "the mark that closes a quotation; apostrophes are none"
    group = "dialogue"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        found = quotations(document)
        return marks(len(document), found.inner.stops[found.closed])


@dataclass(frozen=True)
class AfterQuote(Pattern):
    name = "after_quote"
    meaning = (
        "from just after the mark that closes an outermost quotation to the end of the second word after it, or of "
        "the last word before the next quotation or the paragraph's end"
    )
    group = "dialogue"
    context = Context("paragraph")
    languages = ("prose",)

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
