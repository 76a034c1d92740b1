"""What a recurrent cell must know of one step of time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.explain.rules.functions import rescale, values_of
from probe.explain.rules.sharing import Sharing

States = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Moment:
    """One step of time, as a cell computed it.

    Attributes:
        inputs: (B, D) float64.
        before: the states before it, each (B, U); h is the first.
        inner: what the cell computed on the way, each (B, U), by name.
        begun: (B,) bool, whether ``before`` holds anything but the zeros that a text begins with.
    """

    inputs: np.ndarray
    before: States
    inner: dict[str, np.ndarray]
    begun: np.ndarray


class Cell(ABC):
    """A recurrent cell with its weights in float64.

    Args:
        layer: a Keras LSTM, GRU or SimpleRNN, or one direction of a Bidirectional.
    """

    # How many states there are.
    states = 1

    def __init__(self, layer: Any) -> None:
        self.units = layer.units
        self.activation, self.gate = layer.activation, getattr(layer, "recurrent_activation", None)
        self.kernel = np.asarray(layer.cell.kernel, np.float64)
        self.recurrent = np.asarray(layer.cell.recurrent_kernel, np.float64)
        self.bias = np.asarray(layer.cell.bias, np.float64) if layer.use_bias else np.zeros(self.kernel.shape[1])

    def part(self, weights: np.ndarray, number: int) -> np.ndarray:
        """Return the columns of one gate, counted from 0 in Keras' order."""
        return weights[..., number * self.units:(number + 1) * self.units]

    @abstractmethod
    def step(self, inputs: np.ndarray, before: States) -> tuple[States, dict[str, np.ndarray]]:
        """Return the states after a step, and what was computed on the way."""

    @abstractmethod
    def relevance(self, moment: Moment, given: States, sharing: Sharing) -> tuple[np.ndarray, States]:
        """Return the relevance of the inputs and of the states before, from that of the states after."""

    @abstractmethod
    def multipliers(self, moment: Moment, baseline: Moment, given: States) -> tuple[np.ndarray, States]:
        """Return the same for DeepLIFT; a product a b hands down Δa (b + b⁰)/2 + Δb (a + a⁰)/2, which is Δ(ab)."""

    def rescaled(self, function: Any, name: str, moment: Moment, baseline: Moment) -> np.ndarray:
        """Return Δy / Δx of an activation whose input is what was computed under ``name``."""
        return rescale(function, moment.inner[name], baseline.inner[name])

    def applied(self, function: Any, inputs: np.ndarray) -> np.ndarray:
        """Return what an activation makes of (B, U)."""
        return values_of(function, inputs)


def middle(name: str, moment: Moment, baseline: Moment) -> np.ndarray:
    """Return (a + a⁰) / 2 of what was computed under ``name``."""
    return (moment.inner[name] + baseline.inner[name]) / 2


def share_sum(summands: tuple[np.ndarray, np.ndarray], moment: Moment, relevance: np.ndarray,
              sharing: Sharing) -> tuple[np.ndarray, np.ndarray]:
    """Share the relevance of a state among what it kept and what was added, by the ε-rule.

    Args:
        summands: what was kept of the state before, and what is new, each (B, U).
        moment: whose state; before the first, nothing was kept, and an equal share is the new one's alone.
        relevance: (B, U).
        sharing: the rule.
    """
    quotient, rest = sharing.quotient(relevance, summands[0] + summands[1])
    kept, new = summands[0] * quotient, summands[1] * quotient
    if not sharing.spread:
        sharing.ledger.add("epsilon", rest)
        return kept, new
    half = np.where(moment.begun[:, None], rest / 2, 0.0)
    return kept + half, new + rest - half


def share_candidate(moment: Moment, entering: tuple[np.ndarray, np.ndarray], kernels: tuple[np.ndarray, np.ndarray],
                    bias: np.ndarray, total: np.ndarray, relevance: np.ndarray, sharing: Sharing,
                    scale: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Share the relevance of x W + s · (h R) + b among x, h and b by the ε-rule.

    Args:
        moment: the step of time.
        entering: x (B, D) and h (B, U).
        kernels: W (D, U) and R (U, U).
        bias: b, (U,) or (B, U).
        total: the sum, (B, U).
        relevance: (B, U).
        sharing: the rule. Equal shares go to the D inputs and the U units, at the first step to the inputs alone.
        scale: s, (B, U); 1 if it is None.
    """
    quotient, stabilised = sharing.quotient(relevance, total)
    scaled = quotient if scale is None else scale * quotient
    inputs, hidden = entering[0] * (quotient @ kernels[0].T), entering[1] * (scaled @ kernels[1].T)
    if not sharing.spread:
        sharing.ledger.add("biases", bias * quotient)
        sharing.ledger.add("epsilon", stabilised)
        return inputs, hidden
    rest = (bias * quotient + stabilised).sum(axis=1)
    count = len(kernels[0]) + np.where(moment.begun, len(kernels[1]), 0)
    share = (rest / count)[:, None]
    return inputs + share, hidden + np.where(moment.begun[:, None], share, 0.0)
