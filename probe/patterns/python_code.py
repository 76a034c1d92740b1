"""Patterns of Python source, from its tokens; every pattern ends at the first error of a file that is not Python."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.corpus.document import Document
from probe.patterns.pattern import Context, Pattern
from probe.patterns.python_structure import structure
from probe.patterns.spans import Spans


@dataclass(frozen=True)
class CodeSpan(Pattern):
    """A pattern that holds inside the spans ``wanted`` of :func:`structure`."""

    group = "code"
    context = Context("file")
    languages = ("python",)
    wanted: ClassVar[str]

    def label(self, document: Document) -> np.ndarray:
        return structure(document)[self.wanted].paint(len(document))


@dataclass(frozen=True)
class StringLiteral(CodeSpan):
    name = "string"
    meaning = "a string or bytes literal with its prefix and quotes; f-strings with their expressions"
    wanted = "string"


@dataclass(frozen=True)
class FString(CodeSpan):
    name = "f_string"
    meaning = "an f-string from its prefix to its closing quote, its expressions included"
    wanted = "f_string"


@dataclass(frozen=True)
class Docstring(CodeSpan):
    name = "docstring"
    meaning = "the string that opens a module, class or function, with its prefix and quotes"
    wanted = "docstring"


@dataclass(frozen=True)
class Comment(CodeSpan):
    name = "comment"
    meaning = "a comment from # to the end of its line, the break excluded"
    wanted = "comment"


@dataclass(frozen=True)
class Keyword(CodeSpan):
    name = "keyword"
    meaning = "a reserved word such as if, def, None; the soft keywords match, case and type are names"
    wanted = "keyword"


@dataclass(frozen=True)
class Identifier(CodeSpan):
    name = "identifier"
    meaning = "a name that is no reserved word"
    wanted = "identifier"


@dataclass(frozen=True)
class SelfName(CodeSpan):
    name = "self_name"
    meaning = "the name self or cls"
    wanted = "identifier"

    def label(self, document: Document) -> np.ndarray:
        return _named(document, ("self", "cls").__contains__).paint(len(document))


@dataclass(frozen=True)
class DunderName(CodeSpan):
    name = "dunder_name"
    meaning = "a name that begins and ends with two underscores, such as __init__"
    wanted = "identifier"

    def label(self, document: Document) -> np.ndarray:
        return _named(document, re.compile(r"__\w*[^\W_]\w*__").fullmatch).paint(len(document))


@dataclass(frozen=True)
class ImportStatement(CodeSpan):
    name = "import_statement"
    meaning = "an import that begins a line, up to its end, the break or semicolon excluded"
    wanted = "import"


@dataclass(frozen=True)
class Number(CodeSpan):
    name = "number"
    meaning = "a numeric literal; a sign before it is an operator"
    wanted = "number"


@dataclass(frozen=True)
class Operator(CodeSpan):
    name = "operator"
    meaning = (
        "an operator or assignment in signs, = and @ included; not brackets, not , : ; . -> ..., nor words such as "
        "and"
    )
    wanted = "operator"


@dataclass(frozen=True)
class DefinitionLine(CodeSpan):
    name = "definition_line"
    meaning = "the header of a function or class, from def, async or class to its colon"
    wanted = "header"


@dataclass(frozen=True)
class Decorator(CodeSpan):
    name = "decorator"
    meaning = "a decorator from @ to the end of its statement, the break excluded"
    wanted = "decorator"


@dataclass(frozen=True)
class InsideCall(CodeSpan):
    name = "inside_call"
    meaning = "the arguments of a call, between its parentheses; what a definition takes is none"
    wanted = "call"


def _named(document: Document, holds: Callable[[str], object]) -> Spans:
    """Return the names of which ``holds`` is true."""
    found = structure(document)["identifier"]
    chosen = [bool(holds(document.text[start:stop])) for start, stop in zip(*found, strict=True)]
    return found.where(np.array(chosen, dtype=bool))
