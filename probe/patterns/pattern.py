"""What a pattern is: a frozen dataclass that labels every character of a document."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from probe.corpus.document import Document, Language

Scope = Literal["characters", "line", "paragraph", "file", "document"]
Kind = Literal["boolean", "graded"]
Group = Literal["typography", "words", "sentences", "lines", "dialogue", "structure", "code", "network", "yours"]

SCOPES: tuple[Scope, ...] = ("characters", "line", "paragraph", "file", "document")  # each lies within the next
LARGEST_LABEL = 1e15  # in magnitude: the square of one is within float32, whatever it is divided by


@dataclass(frozen=True)
class Context:
    """How much of the text around a character its label depends on.

    Attributes:
        scope: ``"characters"`` (only ``before`` and ``after`` count), or the whole line, paragraph, file or document.
        before, after: characters needed on each side, beyond the scope's own edges; they come with all of their own
            lines, paragraphs or files.

    Lines and paragraphs end where their file ends, and a pattern takes the edges of a document for edges of its scope.
    """

    scope: Scope
    before: int = 0
    after: int = 0

    def __or__(self, other: "Context") -> "Context":
        """Return the context of what depends on both."""
        return Context(max(self.scope, other.scope, key=SCOPES.index), max(self.before, other.before),
                       max(self.after, other.after))


class Pattern:
    """A labelling of every character of a text. Subclasses are frozen dataclasses and hold nothing but parameters.

    A built-in pattern sets these for its class; those that a user makes have them as fields.

    Attributes:
        name: word by which the pattern is chosen, for example ``"inside_quotes"``.
        meaning: one line that says what is labelled, edges included.
        group: where it stands in lists.
        kind: ``"boolean"`` labels are false or true; ``"graded"`` labels are numbers.
        context: what a label depends on, so that streaming in blocks gives the same labels as the whole text.
        languages: the kinds of document for which it makes sense.
    """

    name: str
    meaning: str
    group: Group
    kind: Kind = "boolean"
    context: Context
    languages: tuple[Language, ...] = ("prose", "python")

    def context_in(self, language: Language) -> Context:
        """Return what a label depends on in documents of ``language``: ``context``, unless a pattern overrides it."""
        return self.context

    def label(self, document: Document) -> np.ndarray:
        """Return the labels of ``document``: (N,) bool if boolean, (N,) float32 if graded."""
        raise NotImplementedError


def within_bounds(labels: np.ndarray) -> np.ndarray:
    """Return which of labels (N,), numbers of any type, are finite and not beyond :data:`LARGEST_LABEL`, (N,) bool."""
    largest = np.float64(LARGEST_LABEL)  # of numpy's, as which it is not rounded to a narrower float of the labels
    return (labels >= -largest) & (labels <= largest)
