"""The gradient, averaged over inputs with noise."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution, of_parts
from probe.explain.method import Method
from probe.explain.methods.path import stretches
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class SmoothGrad(Method):
    """The mean of ∂f/∂x at x + N(0, σ²) (Smilkov, Thorat, Kim, Viégas and Wattenberg 2017).

    σ is ``noise`` times the range of the example's own numbers, as in the paper. The mean keeps its sign. The noise
    depends on the seed alone, so that an example gets the same in every batch.
    """

    name: ClassVar[str] = "smooth_grad"
    words: ClassVar[str] = "SmoothGrad (Smilkov, Thorat, Kim, Viégas and Wattenberg 2017)"
    any_layer: ClassVar[bool] = True

    samples: int = option(50, "inputs with noise", minimum=1, maximum=100_000)
    noise: float = option(0.15, "standard deviation of the noise, as a share of max − min of the input", minimum=0)
    times_input: bool = option(False, "multiply the mean gradient by the input without noise")

    def attribute(self, question: "Question") -> Attribution:
        """Return the mean gradient, times the input if that is asked for."""
        draw = np.random.default_rng(question.seed)
        sums = [np.zeros(point.shape) for point in question.points]
        spreads = [self.noise * np.ptp(point.reshape(len(point), -1), axis=1).reshape(-1, *[1] * (point.ndim - 1))
                   for point in question.points]
        for part in stretches(self.samples, sum(point.size for point in question.points)):
            count = part.stop - part.start
            noisy = tuple(
                (point + spread * draw.standard_normal((count, 1, *point.shape[1:]))).reshape(-1, *point.shape[1:])
                for point, spread in zip(question.points, spreads, strict=True))
            for total, slope in zip(sums, question.gradients(noisy, np.tile(question.rows, count))[1], strict=True):
                total += slope.reshape(count, *total.shape).sum(axis=0)
        parts = tuple(total / self.samples * (point if self.times_input else 1)
                      for total, point in zip(sums, question.points, strict=True))
        return of_parts(question.scores(question.points, question.rows), parts)
