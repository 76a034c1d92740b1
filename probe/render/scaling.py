"""Scalings: views on raw activations that bring them to [0, 1], where a palette has its colours."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from probe.options import named


@dataclass(frozen=True)
class Scaling:
    """A view on the raw values of one unit. Subclasses hold nothing but parameters.

    Attributes:
        name: word by which it is chosen.
        meaning: one line for a legend, which says honestly how much of the colours it can reach.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return ``values`` (N,), finite, scaled to [0, 1] as (N,) float64."""
        raise NotImplementedError


@dataclass(frozen=True)
class Sigmoid(Scaling):
    """1 / (1 + e^−v), as the article colours its units."""

    name: ClassVar[str] = "sigmoid"
    meaning: ClassVar[str] = (
        "sigmoid of the activation, as the article draws it: a hidden activation lies in (−1, 1) and so reaches only "
        "0.27 to 0.73, the paler half of the colours"
    )

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the logistic function of ``values`` (N,) as (N,) float64."""
        half = np.tanh(np.asarray(values, np.float64) / 2)  # never overflows, unlike 1 / (1 + exp(-v))
        return (1 + half) / 2


@dataclass(frozen=True)
class Raw(Scaling):
    """(v + 1) / 2, cut to [0, 1]."""

    name: ClassVar[str] = "raw"
    meaning: ClassVar[str] = "the activation as it is: −1 has the first colour, 0 the middle, 1 the last"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return ``values`` (N,) moved from [−1, 1] to [0, 1] as (N,) float64."""
        return np.clip((np.asarray(values, np.float64) + 1) / 2, 0, 1)


@dataclass(frozen=True)
class Tanh(Scaling):
    """(tanh v + 1) / 2, as Karpathy colours the cell."""

    name: ClassVar[str] = "tanh"
    meaning: ClassVar[str] = "tanh of the value, for signals that know no bounds such as the cell"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return tanh of ``values`` (N,) moved from (−1, 1) to (0, 1) as (N,) float64."""
        return (np.tanh(np.asarray(values, np.float64)) + 1) / 2


@dataclass(frozen=True)
class Stretched(Scaling):
    """(v − lowest) / (highest − lowest) over the text shown."""

    name: ClassVar[str] = "stretched"
    meaning: ClassVar[str] = (
        "stretched to the unit's own range on this text: its lowest value has the first colour, its highest the last"
    )

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
    meaning: ClassVar[str] = (
        "by rank: the share of this text on which the unit is lower, so that all colours are used equally often"
    )

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the mid-rank of each of ``values`` (N,) divided by N, as (N,) float64."""
        _, places, counts = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
        middles = np.cumsum(counts) - counts / 2
        return np.asarray(middles[places] / max(1, len(places)), np.float64)


RAW = Raw()

SCALINGS: dict[str, Scaling] = {scaling.name: scaling for scaling in (Sigmoid(), RAW, Stretched(), Quantile(), Tanh())}


def scaling_named(name: str) -> Scaling:
    """Return the scaling called ``name``.

    Raises:
        UserError: there is none of that name.
    """
    return named("scaling", name, SCALINGS)
