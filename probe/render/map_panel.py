"""A map of attention as every view shows it: what was read across, what was put out downwards, numbers between."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from probe.render.palette import ATTENTION, DIVERGING, Palette
from probe.render.token_label import TokenLabel, labels_of, text_of, token_order
from probe.render.visual_order import base_level

# Nats at which an effect has its full colour, at most: a hundredth of the probability, or a hundred times it.
MOST_NATS = math.log(100)
# The magnitude below which an effect says nothing, and the probability below which an output is doubted.
SLIGHT, DOUBT = 0.005, 0.9
# By how much the sums of rows may miss 1.
TOLERANCE = 1e-3
ATTENTION_WORD, EFFECT_WORD = "attention", "effect of hiding"


@dataclass(frozen=True, eq=False)
class MapPanel:
    """What is seen of one pair of texts and the attention between them.

    Attributes:
        source: S tokens, characters or words, as they were read.
        target: T tokens that were put out, or positions that ask.
        weights: (H, T, S) float64, not negative.
        probabilities: (T,) of each token put out, in (0, 1].
        effects: (T, S) nats: the change in each output's log-probability when a token is hidden, below 0 where that
            hurts.
        heading: what stands above.
        remarks: lines below.
        heads: H names; numbered from 0 unless told.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: np.ndarray
    probabilities: np.ndarray | None = None
    effects: np.ndarray | None = None
    heading: str = ""
    remarks: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[TokenLabel, ...]:
        """The tokens that were read, from left to right as their script is laid out."""
        labels = labels_of(self.source)
        return tuple(labels[place] for place in token_order(self.source))

    @cached_property
    def rows(self) -> tuple[TokenLabel, ...]:
        """The tokens that were put out, downwards."""
        return tuple(labels_of(self.target))

    @property
    def text(self) -> str:
        """What was read, in the order of reading."""
        return text_of(self.source)

    @property
    def leftward(self) -> bool:
        """Whether what was read runs to the left."""
        return base_level(self.text) == 1

    @property
    def title(self) -> str:
        """The heading, or what was read and put out."""
        return self.heading or f"{self.text} → {text_of(self.target)}"

    @property
    def cells(self) -> int:
        """How many cells all its grids have."""
        return len(self.source) * len(self.target) * (len(self.weights) + (self.effects is not None))

    @cached_property
    def grids(self) -> tuple["MapGrid", ...]:
        """One of each head, and the last one of the effects if there are any; columns as in :attr:`columns`."""
        places = [label.place for label in self.columns]
        names = self.heads or tuple(f"head {number}" for number in range(len(self.weights)))
        names = names if len(self.weights) > 1 or self.heads else (ATTENTION_WORD,)
        grids = [MapGrid(name, each[:, places], False) for name, each in zip(names, self.weights, strict=True)]
        if self.effects is not None:
            grids.append(MapGrid(EFFECT_WORD, self.effects[:, places], True))
        return tuple(grids)

    def words(self, grid: int, row: int, column: int) -> str:
        """Return what is to be said of a cell: ``attention 0.73; hiding it −2.10 nats``.

        Args:
            grid, row, column: of :attr:`grids` and within one.
        """
        weights = [each.values[row, column] for each in self.grids if not each.effect]
        parts = []
        if len(weights) == 1:
            parts.append(f"attention {share(weights[0])}")
        elif not self.grids[grid].effect:
            parts.append(f"attention {share(weights[grid])} ({self.grids[grid].name})")
        if self.effects is not None:
            parts.append(f"hiding it {nats(self.grids[-1].values[row, column])} nats")
        return "; ".join(parts)

    def doubtful(self, row: int) -> bool:
        """Whether what was put out is less probable than :data:`DOUBT`."""
        return self.probabilities is not None and bool(self.probabilities[row] < DOUBT)


@dataclass(frozen=True, eq=False)
class MapGrid:
    """The cells of a head, or of the effects.

    Attributes:
        name: of the head.
        values: (T, S), columns from left to right.
        effect: whether these are effects, in nats.
    """

    name: str
    values: np.ndarray
    effect: bool

    @property
    def palette(self) -> Palette:
        """Blue is attention, and what hurts when it is hidden."""
        return DIVERGING if self.effect else ATTENTION

    def scaled(self, scale: "MapScale") -> np.ndarray:
        """Return (T, S) in [0, 1] for the palette."""
        if self.effect:
            return np.clip(0.5 + self.values / (2 * scale.nats), 0, 1)
        return np.clip(self.values / scale.attention, 0, 1)

    def steps(self, scale: "MapScale") -> np.ndarray:
        """Return the index (T, S) of each cell's colour."""
        return self.palette.indices(self.scaled(scale))

    def helps(self, scale: "MapScale") -> np.ndarray:
        """Return (T, S) bool: where hiding makes the output more probable, so much that it has a colour."""
        return self.steps(scale) > DIVERGING.steps // 2 if self.effect else np.zeros(self.values.shape, bool)


@dataclass(frozen=True)
class MapScale:
    """What has the full colour: a share of attention, and a number of nats, the same for all maps of a view."""

    attention: float
    nats: float

    @classmethod
    def of(cls, panels: Sequence[MapPanel]) -> "MapScale":
        """Return the scale for maps: attention to 1, or to the largest where that is below a half."""
        largest = max((float(np.max(panel.weights, initial=0.0)) for panel in panels), default=0.0)
        effects = max((float(np.max(np.abs(panel.effects), initial=0.0)) for panel in panels
                       if panel.effects is not None), default=0.0)
        return cls(largest if 0 < largest < 0.5 else 1.0, min(MOST_NATS, effects) or 1.0)

    @property
    def attention_ends(self) -> tuple[str, str]:
        """What stands beside the first and the last colour of attention."""
        return "0", share(self.attention) if self.attention < 1 else "1"

    @property
    def nats_ends(self) -> tuple[str, str]:
        """What stands beside the first and the last colour of effects."""
        return f"{nats(-self.nats)} nats: hurts", f"helps: {nats(self.nats)} nats"


def share(weight: float) -> str:
    """Return a weight in two decimals, or three where it is small; 0 alone is 0."""
    if weight == 0:
        return "0"
    return "<0.001" if 0 < weight < 0.0005 else f"{weight:.2f}" if weight >= 0.0995 else f"{weight:.3f}"


def nats(effect: float) -> str:
    """Return an effect with its sign and two decimals."""
    return f"{effect:+.2f}".replace("-", "−") if abs(effect) >= SLIGHT else "0.00"


def probability(value: float) -> str:
    """Return the probability of an output; what is nearly nothing or nearly all is told from both."""
    if value < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= value < 1 else f"{value:.2f}"


def sums_in_words(panels: Sequence[MapPanel]) -> str:
    """Return what the rows of all maps sum to."""
    sums = np.concatenate([np.sum(panel.weights, axis=-1).ravel() for panel in panels] or [np.ones(1)])
    if not sums.size or np.abs(sums - 1).max() <= TOLERANCE:
        return "each row sums to 1"
    return f"rows sum to {sums.min():.3f} to {sums.max():.3f}"


def legend_words(panels: Sequence[MapPanel]) -> str:
    """Return how a map is to be read, in a sentence without its end."""
    return ("Across what was read, downwards what was put out; the stronger the blue of a cell, the more attention the "
            f"input got when the output was put out; {sums_in_words(panels)}")
