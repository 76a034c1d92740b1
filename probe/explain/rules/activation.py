"""Activations: relevance passes through them; multipliers follow the Rescale rule."""

from collections.abc import Callable
from typing import Any

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.functions import quotient, rescale, values_of
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing


class Elementwise(Rule):
    """A function of each entry for itself."""

    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        return (values_of(function_of(step), reads[0]),)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        return given

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        return (given[0] * rescale(function_of(visit.step), visit.reads[0], baseline.reads[0]),)


class Softmax(Rule):
    """Softmax over the last axis.

    For DeepLIFT it is exp(x − log Σ exp x), each function of which keeps the Rescale rule, so that what is given comes
    back in full.
    """

    def refused(self, step: Step, products: bool | None) -> str | None:
        return None if getattr(step.layer, "axis", -1) == -1 else "is not over the last axis"

    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        raised = np.exp(reads[0] - reads[0].max(axis=-1, keepdims=True))
        return (raised / raised.sum(axis=-1, keepdims=True),)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        return given

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        top = np.maximum(visit.reads[0].max(axis=-1, keepdims=True), baseline.reads[0].max(axis=-1, keepdims=True))
        inputs, base = visit.reads[0] - top, baseline.reads[0] - top
        sums, base_sums = (np.exp(each).sum(axis=-1, keepdims=True) for each in (inputs, base))
        shifted, base_shifted = inputs - np.log(sums), base - np.log(base_sums)
        of_shifted = given[0] * quotient(np.exp, np.exp, shifted, base_shifted)
        of_sums = -of_shifted.sum(axis=-1, keepdims=True) * quotient(np.log, lambda x: 1 / x, sums, base_sums)
        return (of_shifted + of_sums * quotient(np.exp, np.exp, inputs, base),)


def function_of(step: Step) -> Callable[[Any], Any]:
    """Return what an activation applies."""
    if step.function is None:
        raise TypeError(f"{step.name} is no activation")
    return step.function
