"""Patterns of single signs, which are often parts of expressions."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document
from probe.patterns.pattern import Context, Pattern
from probe.patterns.quotation import quotations


@dataclass(frozen=True)
class Sign(Pattern):
    """A pattern that holds at each of the characters ``signs``."""

    group = "typography"
    context = Context("characters")
    signs: ClassVar[str]

    def label(self, document: Document) -> np.ndarray:
        return np.isin(codes_of(document.text), codes_of(self.signs))


@dataclass(frozen=True)
class Space(Sign):
    name = "space"
    meaning = "a space; tabs, line breaks and spaces that keep words together are none"
    signs = " "


@dataclass(frozen=True)
class Comma(Sign):
    name = "comma"
    meaning = "a comma: , or that of Arabic ، or Chinese ， 、"
    signs = ",،，、"


@dataclass(frozen=True)
class FullStop(Sign):
    name = "full_stop"
    meaning = "a full stop . or 。, whether it ends a sentence, a shortening or parts a number; each dot of ..."
    signs = ".。．"


@dataclass(frozen=True)
class QuestionMark(Sign):
    name = "question_mark"
    meaning = "a question mark: ? or that of Arabic ؟ or Chinese ？; not ¿"
    signs = "?؟？"


@dataclass(frozen=True)
class ExclamationMark(Sign):
    name = "exclamation_mark"
    meaning = "an exclamation mark: ! or ！; not ¡"
    signs = "!！"


@dataclass(frozen=True)
class Dash(Sign):
    name = "dash"
    meaning = "a hyphen, minus or dash: - ‐ ‑ ‒ – — ― −; each of --"
    signs = "-‐‑‒–—―−"


@dataclass(frozen=True)
class Apostrophe(Pattern):
    name = "apostrophe"
    meaning = "one of ' ‘ ’ that neither opens nor closes a quotation"
    group = "typography"
    context = Context("paragraph")
    languages = ("prose",)

    def label(self, document: Document) -> np.ndarray:
        labels = np.isin(codes_of(document.text), codes_of("'‘’"))
        found = quotations(document)
        labels[found.inner.starts[found.opened] - 1] = False
        labels[found.inner.stops[found.closed]] = False
        return labels
