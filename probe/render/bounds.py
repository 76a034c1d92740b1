"""Between which bounds a signal moves: what a scaling must know to say how much of the colours it reaches."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """The range of a signal's values.

    Attributes:
        low, high: the bounds; infinite where there are none.
    """

    low: float
    high: float

    @property
    def finite(self) -> bool:
        """Whether there are bounds."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def hold(self, low: float, high: float) -> bool:
        """Whether values from ``low`` to ``high`` lie within."""
        return self.low <= low and high <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}".replace("-", "−") if self.finite else "without bounds"


AROUND_ZERO, SHARE, UNBOUNDED = Bounds(-1.0, 1.0), Bounds(0.0, 1.0), Bounds(-math.inf, math.inf)

# Of an LSTM as Keras makes it: gates are sigmoid, candidate and hidden come from tanh. Any other signal is unbounded.
SIGNAL_BOUNDS = {"hidden": AROUND_ZERO, "candidate": AROUND_ZERO, "input_gate": SHARE, "forget_gate": SHARE,
                 "output_gate": SHARE}


def bounds_of(signal: str, low: float | None = None, high: float | None = None) -> Bounds:
    """Return the bounds of a signal.

    Args:
        signal: its name.
        low, high: the extreme values that were measured, if any were: where they lie outside, as in a layer whose
            activation is not tanh, the signal has no bounds.
    """
    bounds = SIGNAL_BOUNDS.get(signal, UNBOUNDED)
    kept = low is None or high is None or bounds.hold(low, high)
    return bounds if kept else UNBOUNDED
