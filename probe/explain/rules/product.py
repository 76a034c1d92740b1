"""The product of two values, which DeepLIFT can share in halves."""

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.linear_map import summed
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing


class Product(Rule):
    """a b: Δ(ab) = Δa (b + b⁰)/2 + Δb (a + a⁰)/2. LRP has no rule, because neither is known to be a gate."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        if products is None:
            return "multiplies signals, of which none is known to be a gate"
        if len(step.reads) != 2 or len({len(symbol.shape) for symbol in step.layer.input}) != 1:
            return "of more than two values, or of values of several ranks, has no rule"
        return None if products else "multiplies signals, which takes products=\"halves\""

    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        return (reads[0] * reads[1],)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        raise NotImplementedError(f"{visit.step.name}: LRP refuses products before it goes back")

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        halves = [(here + there) / 2 for here, there in zip(visit.reads, baseline.reads, strict=True)]
        return (summed(given[0] * halves[1], visit.reads[0].shape),
                summed(given[0] * halves[0], visit.reads[1].shape))
