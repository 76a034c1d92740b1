"""What a score loses when tokens are taken away."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.errors import UserError
from probe.explain.attribution import Attribution
from probe.explain.method import Method
from probe.explain.methods.players import coalitions, differing
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class Occlusion(Method):
    """f(x) − f(x with a window of tokens replaced by the baseline) (Zeiler and Fergus 2014).

    A window's loss is shared equally among its tokens, and a token gets the mean of its shares over the windows that
    cover it, as DeepExplain defines it. (Captum gives every token the whole loss: the same for windows of one token,
    and ``window`` times as much otherwise.) The last window ends where the text ends, and may be shorter. For a network
    that reads vectors, their numbers take the part of tokens. Nothing makes the sum equal to f(x) − f(baseline).
    """

    name: ClassVar[str] = "occlusion"
    words: ClassVar[str] = "occlusion (Zeiler and Fergus 2014)"
    any_layer: ClassVar[bool] = True

    window: int = option(1, "tokens that are replaced together", minimum=1)
    step: int = option(1, "tokens from the start of a window to that of the next", minimum=1)

    def attribute(self, question: "Question") -> Attribution:
        """Return each token's share of what was lost.

        Raises:
            UserError: the step is longer than the window, which would leave tokens out.
        """
        if self.step > self.window:
            raise UserError(f"occlusion: step must be at most the window, {self.window}, or tokens are left out; "
                            f"received {self.step}")
        length = question.points[0].shape[1]
        covered = self._windows(length)
        scores = question.scores(question.points, question.rows)
        left = coalitions(question, question.rows, np.broadcast_to(~covered, (question.size, *covered.shape)))
        changed = differing(question) @ covered.T  # a window of padding against the pad loses 0, not a rounding error
        shares = np.where(changed, scores[:, None] - left, 0.0) / covered.sum(axis=1)
        return Attribution(scores, shares @ covered / covered.sum(axis=0))

    def _windows(self, length: int) -> np.ndarray:
        """Return (W, T) bool, which tokens each window covers."""
        starts = np.arange(0, max(length - self.window, 0) + self.step, self.step)
        places = np.arange(length)
        windows = (starts[:, None] <= places) & (places < starts[:, None] + self.window)
        return windows[windows.any(axis=1)]
