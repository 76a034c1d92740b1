"""The gradient, averaged on the way from the baseline to the input."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from probe.explain.attribution import Attribution, completeness, of_parts
from probe.explain.method import Method
from probe.explain.methods.quadrature import QUADRATURES
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question

POINTS = option(50, "points on the way (intervals, for the trapezoid)", minimum=1, maximum=10_000)
SUM = option("gauss_legendre", "rule of the sum", choices=tuple(QUADRATURES))


@dataclass(frozen=True)
class IntegratedGradients(Method):
    """(x − x′) · ∫₀¹ ∂f/∂x at x′ + α(x − x′) dα (Sundararajan, Taly and Yan 2017)."""

    name: ClassVar[str] = "integrated_gradients"
    words: ClassVar[str] = "integrated gradients (Sundararajan, Taly and Yan 2017)"
    any_layer: ClassVar[bool] = True

    steps: int = POINTS
    quadrature: str = SUM

    def attribute(self, question: "Question") -> Attribution:
        """Return the integrated gradients; they add up to f(x) − f(x′) but for the error of the sum."""
        sums = question.along(*QUADRATURES[self.quadrature](self.steps))
        parts = tuple((high - low) * total
                      for high, low, total in zip(question.points, question.baselines, sums, strict=True))
        scores = question.scores(question.points, question.rows)
        return of_parts(scores, parts, completeness(question, scores, parts))
