"""Scalings: views on raw activations that bring them to [0, 1], where a palette has its colours."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from probe.options import named
from probe.render.bounds import AROUND_ZERO, Bounds


@dataclass(frozen=True)
class Scaling:
    """A view on the raw values of one unit. Subclasses hold nothing but parameters.

    Attributes:
        bounds: of the signal it is laid on.
        name: word by which it is chosen.
        rule: what it does, for a legend.
        pointwise: whether a value's colour depends on that value alone, and not on the others of the text.
    """

    bounds: Bounds = AROUND_ZERO
    name: ClassVar[str]
    rule: ClassVar[str]
    pointwise: ClassVar[bool] = True

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return ``values`` (N,), finite, scaled to [0, 1] as (N,) float64."""
        raise NotImplementedError

    def within(self, bounds: Bounds) -> Self:
        """Return the same scaling for a signal of these bounds."""
        return replace(self, bounds=bounds)

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest scaled value that the signal can get, in [0, 1]."""
        if not self.pointwise:
            return 0.0, 1.0
        low, high = self(np.array([self.bounds.low, self.bounds.high]))
        return float(low), float(high)

    @property
    def reaching(self) -> str:
        """How much of the colours the signal can reach, as a clause of a legend; nothing if it is all of them."""
        low, high = self.reach
        if (low, high) == (0, 1):
            return ""
        return f"values of {self.bounds} reach only {low:.2f} to {high:.2f} of the colours' 0 to 1"

    @property
    def meaning(self) -> str:
        """One line for a legend, which says honestly how much of the colours it can reach."""
        return f"{self.rule}: {self.reaching}" if self.reaching else self.rule


@dataclass(frozen=True)
class Sigmoid(Scaling):
    """1 / (1 + e^−v), as the article colours its units."""

    name: ClassVar[str] = "sigmoid"
    rule: ClassVar[str] = "sigmoid of the activation, as the article draws it"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the logistic function of ``values`` (N,) as (N,) float64."""
        half = np.tanh(np.asarray(values, np.float64) / 2)  # never overflows, unlike 1 / (1 + exp(-v))
        return (1 + half) / 2


@dataclass(frozen=True)
class Raw(Scaling):
    """The value's place between the bounds of its signal, from −1 to 1 if there are none; cut to [0, 1]."""

    name: ClassVar[str] = "raw"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return ``values`` (N,) moved from their bounds to [0, 1] as (N,) float64."""
        low, high = self.ends
        return np.clip((np.asarray(values, np.float64) - low) / (high - low), 0, 1)

    @property
    def ends(self) -> tuple[float, float]:
        """The values that get the first and the last colour."""
        kept = self.bounds if self.bounds.finite else AROUND_ZERO
        return kept.low, kept.high

    @property
    def meaning(self) -> str:
        """One line for a legend."""
        low, high = self.ends
        line = (f"the activation as it is: {low:g} has the first colour, {(low + high) / 2:g} the middle, {high:g} "
                "the last")
        return line.replace("-", "−") + ("" if self.bounds.finite else "; what lies beyond gets the same")


@dataclass(frozen=True)
class Tanh(Scaling):
    """(tanh v + 1) / 2, as Karpathy colours the cell."""

    name: ClassVar[str] = "tanh"
    rule: ClassVar[str] = "tanh of the value, for signals that know no bounds such as the cell"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return tanh of ``values`` (N,) moved from (−1, 1) to (0, 1) as (N,) float64."""
        return (np.tanh(np.asarray(values, np.float64)) + 1) / 2


@dataclass(frozen=True)
class Stretched(Scaling):
    """(v − lowest) / (highest − lowest) over the text shown."""

    name: ClassVar[str] = "stretched"
    rule: ClassVar[str] = (
        "stretched to the unit's own range on this text: its lowest value has the first colour, its highest the last"
    )
    pointwise: ClassVar[bool] = False

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return ``values`` (N,) stretched to [0, 1] as (N,) float64; all 0.5 if they are equal."""
        raw = np.asarray(values, np.float64)
        if raw.size == 0 or raw.min() == raw.max():
            return np.full(raw.shape, 0.5)
        return np.asarray((raw - raw.min()) / (raw.max() - raw.min()), np.float64)


@dataclass(frozen=True)
class Quantile(Scaling):
    """The share of values on the text shown that are smaller, ties counting half."""

    name: ClassVar[str] = "quantile"
    rule: ClassVar[str] = (
        "by rank: the share of this text on which the unit is lower, so that all colours are used equally often"
    )
    pointwise: ClassVar[bool] = False

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the mid-rank of each of ``values`` (N,) divided by N, as (N,) float64."""
        _, places, counts = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
        middles = np.cumsum(counts) - counts / 2
        return np.asarray(middles[places] / max(1, len(places)), np.float64)


RAW = Raw()

SCALINGS: dict[str, Scaling] = {scaling.name: scaling for scaling in (Sigmoid(), RAW, Stretched(), Quantile(), Tanh())}
"""All scalings by name."""


def scaling_named(name: str, bounds: Bounds = AROUND_ZERO) -> Scaling:
    """Return the scaling called ``name`` for a signal of these bounds.

    Raises:
        UserError: there is none of that name.
    """
    return named("scaling", name, SCALINGS).within(bounds)


def suited_scaling(bounds: Bounds) -> Scaling:
    """Return the scaling that shows a signal without being asked for one: raw, or tanh where there are no bounds."""
    return (RAW if bounds.finite else SCALINGS["tanh"]).within(bounds)
