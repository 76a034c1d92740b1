"""What a score would lose if its slope at the input were its slope everywhere."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from probe.explain.attribution import Attribution, of_parts
from probe.explain.method import Method

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class GradientXInput(Method):
    """x · ∂f/∂x (Shrikumar, Greenside, Shcherbina and Kundaje 2016); the baseline plays no part.

    At an embedding, x is the token's vector. There is no law that it keeps for every network.
    """

    name: ClassVar[str] = "gradient_x_input"
    words: ClassVar[str] = "gradient × input (Shrikumar, Greenside, Shcherbina and Kundaje 2016)"
    any_layer: ClassVar[bool] = True

    def attribute(self, question: "Question") -> Attribution:
        """Return the gradient times the input."""
        scores, slopes = question.gradients(question.points, question.rows)
        return of_parts(scores, tuple(slope * point for slope, point in zip(slopes, question.points, strict=True)))
