"""How strongly a score answers to each number of the input."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution, of_parts
from probe.explain.method import Method

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class Saliency(Method):
    """|∂f/∂x| (Simonyan, Vedaldi and Zisserman 2014): how much, not for or against."""

    name: ClassVar[str] = "saliency"
    words: ClassVar[str] = "saliency (Simonyan, Vedaldi and Zisserman 2014)"
    any_layer: ClassVar[bool] = True

    def attribute(self, question: "Question") -> Attribution:
        """Return the absolute gradient."""
        scores, slopes = question.gradients(question.points, question.rows)
        return of_parts(scores, tuple(np.abs(slope) for slope in slopes),
                        notes=("a saliency has no sign: it does not tell what speaks for the label from what speaks "
                               "against it",))
