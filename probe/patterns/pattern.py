"""What a pattern is: a frozen dataclass that labels every character of a document."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from probe.corpus.document import Document, Language

Scope = Literal["characters", "line", "paragraph", "file", "document"]
Kind = Literal["boolean", "graded"]
Group = Literal["typography", "words", "sentences", "lines", "dialogue", "structure", "code"]


@dataclass(frozen=True)
class Context:
    """How much of the text around a character its label depends on.

    Attributes:
        scope: ``"characters"`` (only ``before`` and ``after`` count), or the whole line, paragraph, file or document.
        before, after: characters needed on each side, beyond the scope's own edges.

    Lines and paragraphs end where their file ends, and a pattern takes the edges of a document for edges of its scope.
    """

    scope: Scope
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Pattern:
    """A labelling of every character of a text. Subclasses are frozen dataclasses and hold nothing but parameters.

    Attributes:
        name: word by which the pattern is chosen, for example ``"inside_quotes"``.
        meaning: one line that says what is labelled, edges included.
        group: where it stands in lists.
        kind: ``"boolean"`` labels are false or true; ``"graded"`` labels are numbers.
        context: what a label depends on, so that streaming in blocks gives the same labels as the whole text.
        languages: the kinds of document for which it makes sense.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    group: ClassVar[Group]
    kind: ClassVar[Kind] = "boolean"
    context: ClassVar[Context]
    languages: ClassVar[tuple[Language, ...]] = ("prose", "python")

    def context_in(self, language: Language) -> Context:
        """Return what a label depends on in documents of ``language``: ``context``, unless a pattern overrides it."""
        return self.context

    def label(self, document: Document) -> np.ndarray:
        """Return the labels of ``document``: (N,) bool if boolean, (N,) float32 if graded."""
        raise NotImplementedError
