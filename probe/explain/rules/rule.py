"""What the rule of a layer must know: how to compute it, and how to go back through it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.sharing import Sharing

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Visit:
    """One step with the numbers that went in and came out.

    Attributes:
        step: the operation.
        reads, writes: (B, …) float64 each.
        masks: (B, T) bool of each value that it reads, or None.
        written: the same of the first value that it writes.
        kept: what the rule computed on the way forwards and needs on the way back; None for most rules.
    """

    step: Step
    reads: Arrays
    writes: Arrays
    masks: tuple[np.ndarray | None, ...]
    written: np.ndarray | None
    kept: Any = None


class Rule(ABC):
    """How relevance (LRP) and multipliers (DeepLIFT) go back through the layers of one family, in float64."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        """Return why this very step has no rule, or None.

        Args:
            step: what was asked for.
            products: None for LRP; for DeepLIFT whether products of two signals may be shared in halves.
        """
        return None

    @abstractmethod
    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        """Compute the step; arguments as in :class:`Visit`."""

    def visit(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
              written: np.ndarray | None) -> Visit:
        """Return the step with what it computed."""
        return Visit(step, reads, self.forward(step, reads, masks, written), masks, written)

    @abstractmethod
    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        """Return the relevance of all that was read, from that of all that was written.

        What goes to no value that was read goes to the sharing's ledger.
        """

    @abstractmethod
    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        """Return m with Σ m Δ(read) = Σ ``given`` Δ(written), where Δ is ``visit`` less ``baseline``."""
