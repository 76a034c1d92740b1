"""Patterns from regular expressions."""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.corpus.document import Document
from probe.errors import UserError, quoted
from probe.patterns.layout import pieces
from probe.patterns.pattern import Context, Pattern, Scope
from probe.patterns.searching import matches

# What may stand for a line break, as far as its writing tells.
_BREAKS = re.compile(r"\\[nrsWDxu0vfN]|\[\^|\n|\r|\(\?[a-z]*s")


@dataclass(frozen=True)
class RegularExpression(Pattern):
    """What an expression of Python's ``re`` matches, or what its named groups hold.

    ``^`` and ``$`` are the edges of lines. Each line is searched by itself, without its break. An expression that
    speaks of line breaks (``\\n``, ``\\r``, or ``\\s``, ``\\W``, ``\\D``, ``[^…]``, which match one too) searches each
    paragraph, and one with the flag s, ``(?s)…``, each file, up to 1,048,576 characters of it.

    Attributes:
        name: of the pattern.
        expression: as ``re`` reads it.
        meaning: what it labels, in words.
        context: the line, the paragraph or the file.
    """

    name: str
    expression: str
    meaning: str
    context: Context
    group = "yours"

    @classmethod
    def of(cls, name: str, expression: str) -> Self:
        """Return the pattern of an expression.

        Raises:
            UserError: it is none.
        """
        try:
            compiled = re.compile(expression, re.MULTILINE)
        except (re.error, OverflowError, RecursionError) as error:
            raise UserError(f"{name}: {quoted(expression)} is not a regular expression: {error}") from error
        shown = expression if expression.isprintable() else repr(expression)
        groups = " and ".join(compiled.groupindex)
        scope: Scope = "line"
        if compiled.flags & re.DOTALL:
            scope = "file"
        elif _BREAKS.search(expression):
            scope = "paragraph"
        meaning = f"{groups} in what {shown} matches" if groups else f"what {shown} matches"
        return cls(name, expression, meaning, Context(scope))

    def label(self, document: Document) -> np.ndarray:
        searched = pieces(document, self.context.scope)
        return matches(self.expression, document.text, searched).paint(len(document))
