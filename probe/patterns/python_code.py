"""Patterns of Python source, from its tokens; every pattern ends at the first error of a file that is not Python."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.document import Document, Language
from probe.patterns.pattern import Context, Group, Pattern
from probe.patterns.python_structure import structure


@dataclass(frozen=True)
class CodeSpan(Pattern):
    """A pattern that holds inside the spans ``wanted`` of :func:`structure`."""

    group: ClassVar[Group] = "code"
    context: ClassVar[Context] = Context("file")
    languages: ClassVar[tuple[Language, ...]] = ("python",)
    wanted: ClassVar[str]

    def label(self, document: Document) -> np.ndarray:
        return structure(document)[self.wanted].paint(len(document))


@dataclass(frozen=True)
class StringLiteral(CodeSpan):
    name: ClassVar[str] = "string"
    meaning: ClassVar[str] = "a string or bytes literal with its prefix and quotes; f-strings with their expressions"
    wanted: ClassVar[str] = "string"


@dataclass(frozen=True)
class FString(CodeSpan):
    name: ClassVar[str] = "f_string"
    meaning: ClassVar[str] = "an f-string from its prefix to its closing quote, its expressions included"
    wanted: ClassVar[str] = "f_string"


@dataclass(frozen=True)
class Docstring(CodeSpan):
    name: ClassVar[str] = "docstring"
    meaning: ClassVar[str] = "the string that opens a module, class or function, with its prefix and quotes"
    wanted: ClassVar[str] = "docstring"


@dataclass(frozen=True)
class Comment(CodeSpan):
    name: ClassVar[str] = "comment"
    meaning: ClassVar[str] = "a comment from # to the end of its line, the break excluded"
    wanted: ClassVar[str] = "comment"


@dataclass(frozen=True)
class Keyword(CodeSpan):
    name: ClassVar[str] = "keyword"
    meaning: ClassVar[str] = "a reserved word such as if, def, None; the soft keywords match, case and type are names"
    wanted: ClassVar[str] = "keyword"


@dataclass(frozen=True)
class Identifier(CodeSpan):
    name: ClassVar[str] = "identifier"
    meaning: ClassVar[str] = "a name that is no reserved word"
    wanted: ClassVar[str] = "identifier"


@dataclass(frozen=True)
class Number(CodeSpan):
    name: ClassVar[str] = "number"
    meaning: ClassVar[str] = "a numeric literal; a sign before it is an operator"
    wanted: ClassVar[str] = "number"


@dataclass(frozen=True)
class Operator(CodeSpan):
    name: ClassVar[str] = "operator"
    meaning: ClassVar[str] = (
        "an operator or assignment in signs, = and @ included; not brackets, not , : ; . -> ..., nor words such as "
        "and"
    )
    wanted: ClassVar[str] = "operator"


@dataclass(frozen=True)
class DefinitionLine(CodeSpan):
    name: ClassVar[str] = "definition_line"
    meaning: ClassVar[str] = "the header of a function or class, from def, async or class to its colon"
    wanted: ClassVar[str] = "header"


@dataclass(frozen=True)
class Decorator(CodeSpan):
    name: ClassVar[str] = "decorator"
    meaning: ClassVar[str] = "a decorator from @ to the end of its statement, the break excluded"
    wanted: ClassVar[str] = "decorator"


@dataclass(frozen=True)
class InsideCall(CodeSpan):
    name: ClassVar[str] = "inside_call"
    meaning: ClassVar[str] = "the arguments of a call, between its parentheses; what a definition takes is none"
    wanted: ClassVar[str] = "call"
