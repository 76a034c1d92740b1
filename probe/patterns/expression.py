"""Patterns made of others by and, or, not, comparison and shift."""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import ClassVar, Literal, Protocol, Self, get_args

import numpy as np

from probe.corpus.codes import codes_of
from probe.corpus.document import Document, Language
from probe.patterns.pattern import Context, Kind, Pattern

Logic = Literal["&", "|", "^"]
Comparison = Literal["<", "<=", ">", ">=", "==", "!="]

_LOGIC: Mapping[Logic, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "&": operator.and_, "|": operator.or_, "^": operator.xor}
_COMPARISONS: Mapping[Comparison, Callable[[np.ndarray, np.ndarray | float], np.ndarray]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}


class Term(Protocol):
    """What an expression is made of: a pattern, or one of the classes below.

    Attributes:
        kind: ``"boolean"`` or ``"graded"``.
        languages: the kinds of document for which it makes sense.
    """

    @property
    def kind(self) -> Kind: ...

    @property
    def languages(self) -> tuple[Language, ...]: ...

    def context_in(self, language: Language) -> Context:
        """Return what a label depends on in documents of ``language``."""

    def label(self, document: Document) -> np.ndarray:
        """Return the labels: (N,) bool if boolean, (N,) float32 if graded."""


@dataclass(frozen=True)
class Characters:
    """Holds at each of some characters."""

    characters: str
    kind: ClassVar[Kind] = "boolean"
    languages: ClassVar[tuple[Language, ...]] = ("prose", "python")

    def context_in(self, language: Language) -> Context:
        return Context("characters")

    def label(self, document: Document) -> np.ndarray:
        return np.isin(codes_of(document.text), codes_of(self.characters))


@dataclass(frozen=True)
class _Composite(ABC):
    """A term made of others, its ``parts``."""

    @property
    @abstractmethod
    def parts(self) -> tuple[Term, ...]:
        """What it is made of."""

    @abstractmethod
    def joined(self, *labels: np.ndarray) -> np.ndarray:
        """Return the labels that follow from those of the parts, (N,) each; these are not changed."""

    @property
    def kind(self) -> Kind:
        return "boolean"

    @property
    def languages(self) -> tuple[Language, ...]:
        first, *others = [part.languages for part in self.parts]  # once each: every one asks its own parts
        return tuple(language for language in first if all(language in other for other in others))

    def context_in(self, language: Language) -> Context:
        return reduce(operator.or_, (part.context_in(language) for part in self.parts))

    def label(self, document: Document) -> np.ndarray:
        return _labels(self, document, {})


@dataclass(frozen=True)
class Not(_Composite):
    """Holds where a boolean term does not."""

    part: Term

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.part,)

    def joined(self, *labels: np.ndarray) -> np.ndarray:
        return ~labels[0]


@dataclass(frozen=True)
class Both(_Composite):
    """Two boolean terms joined by and (``&``), or (``|``), or either (``^``)."""

    logic: Logic
    left: Term
    right: Term

    @property
    def parts(self) -> tuple[Term, ...]:
        return self.left, self.right

    def joined(self, *labels: np.ndarray) -> np.ndarray:
        return _LOGIC[self.logic](*labels)


@dataclass(frozen=True)
class Compared(_Composite):
    """Holds where the label of a term compares so with a number or another's; a boolean counts as 0 or 1."""

    comparison: Comparison
    left: Term
    right: Term | float

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.left,) if isinstance(self.right, float) else (self.left, self.right)

    def joined(self, *labels: np.ndarray) -> np.ndarray:
        return _COMPARISONS[self.comparison](labels[0], self.right if isinstance(self.right, float) else labels[1])


@dataclass(frozen=True)
class Shifted(_Composite):
    """The labels of a term, each laid ``by`` characters later (earlier if negative); 0 where none comes to lie."""

    part: Term
    by: int

    @property
    def parts(self) -> tuple[Term, ...]:
        return (self.part,)

    @property
    def kind(self) -> Kind:
        return self.part.kind

    def context_in(self, language: Language) -> Context:
        context = self.part.context_in(language)
        return Context(context.scope, context.before + max(self.by, 0), context.after + max(-self.by, 0))

    def joined(self, *labels: np.ndarray) -> np.ndarray:
        [own] = labels
        shifted, kept = np.zeros_like(own), max(len(own) - abs(self.by), 0)
        if self.by >= 0:
            shifted[len(own) - kept:] = own[:kept]
        else:
            shifted[:kept] = own[len(own) - kept:]
        return shifted


@dataclass(frozen=True)
class Expression(Pattern):
    """A pattern made of others, as :func:`probe.patterns.expression_parser.parse_expression` makes it.

    Attributes:
        name: of the pattern.
        meaning: the expression as it was written.
        term: what it says.
        contexts: that of ``term`` in every language.
        kind, languages: those of ``term``.
    """

    name: str
    meaning: str
    term: Term
    contexts: Mapping[Language, Context] = field(compare=False, repr=False)
    kind: Kind
    languages: tuple[Language, ...]
    group = "yours"

    @classmethod
    def of(cls, name: str, meaning: str, term: Term) -> Self:
        """Return the pattern of a term."""
        contexts = {language: term.context_in(language) for language in get_args(Language)}
        return cls(name, meaning, term, contexts, term.kind, term.languages)

    def context_in(self, language: Language) -> Context:
        return self.contexts[language]

    def label(self, document: Document) -> np.ndarray:
        return _labels(self, document, {})


def _labels(term: Term, document: Document, known: dict[int, np.ndarray]) -> np.ndarray:
    """Return the labels of a term (N,). Those of patterns are kept in ``known``, by identity, and made once.

    Expressions that name each other, each twice, would else be asked 2ᵏ times.
    """
    if isinstance(term, _Composite):
        return term.joined(*(_labels(part, document, known) for part in term.parts))
    if id(term) not in known:
        known[id(term)] = (_labels(term.term, document, known) if isinstance(term, Expression)
                           else term.label(document))
    return known[id(term)]
