"""Layers that change nothing at inference, and Masking, which sets masked steps to 0."""

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing


class Unchanged(Rule):
    """Dropout, noise, regularisation, Identity: everything passes."""

    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        return reads

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        return given

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        return given


class Masking(Unchanged):
    """Masked steps become 0. All relevance passes, for only an equal share of a bias ever arrives at them."""

    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        return (reads[0] * _kept(written),)

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        return (given[0] * _kept(visit.written),)

    def moved(self, visit: Visit) -> bool:
        """Whether the numbers that were read ask for another mask than the one that was used."""
        own = (visit.reads[0] != visit.step.layer.mask_value).any(axis=-1)
        return visit.written is not None and bool((own != visit.written).any())


def _kept(mask: np.ndarray | None) -> np.ndarray:
    return np.ones(1) if mask is None else mask[:, :, None].astype(np.float64)
