"""Palettes: from a scaled value in [0, 1] to the colour behind a character and the ink that stays readable on it."""

from dataclasses import dataclass

import numpy as np

from probe.errors import UserError
from probe.options import named
from probe.render.contrast import rgb_of


@dataclass(frozen=True)
class Shades:
    """The colours of one palette on one kind of page.

    Attributes:
        colours: ``#rrggbb`` backgrounds, from the lowest value to the highest.
        ink: ``#rrggbb`` of the text, at least 4.5 : 1 in contrast to each colour (WCAG 2, success criterion 1.4.3).
    """

    colours: tuple[str, ...]
    ink: str


@dataclass(frozen=True)
class Palette:
    """A ladder of colours for values in [0, 1].

    Attributes:
        name: word by which it is chosen.
        meaning: one line for a legend.
        light, dark: the colours on a light and on a dark page, equally many.
        first, last: the colours of 0 and of 1 in a word.
    """

    name: str
    meaning: str
    light: Shades
    dark: Shades
    first: str
    last: str

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise UserError(f"a palette's name must be letters, digits and underscores; received {self.name!r}")
        if len(self.light.colours) != len(self.dark.colours):
            raise UserError(
                f"palette {self.name!r} needs as many dark as light colours; received {len(self.light.colours)} light "
                f"and {len(self.dark.colours)} dark"
            )

    @property
    def steps(self) -> int:
        """The number of colours."""
        return len(self.light.colours)

    @property
    def ends(self) -> str:
        """Which colours are low and high, for a legend."""
        return f"{self.first}, the first colour, is low and {self.last}, the last, is high"

    def indices(self, scaled: np.ndarray) -> np.ndarray:
        """Return the index (N,) uint8 of each colour.

        Args:
            scaled: (N,) values; those outside [0, 1] get the first or the last colour.
        """
        # The article computes int(value * 100 / 5); the same order of operations keeps its borders to the last bit.
        steps = np.floor(np.asarray(scaled, np.float64) * 100 / (100 / self.steps))
        return np.clip(steps, 0, self.steps - 1).astype(np.uint8)

    def colours(self, scaled: np.ndarray) -> list[str]:
        """Return the ``#rrggbb`` of each value of ``scaled`` (N,) on a light page."""
        return [self.light.colours[index] for index in self.indices(scaled)]


def ladder(anchors: tuple[str, ...], steps: int) -> tuple[str, ...]:
    """Return ``steps`` colours that pass through the ``#rrggbb`` ``anchors`` at equal distances."""
    places = np.linspace(0, len(anchors) - 1, steps)
    channels = np.array([rgb_of(anchor) for anchor in anchors], np.float64)
    mixed = np.stack([np.interp(places, range(len(anchors)), channel) for channel in channels.T], axis=1)
    return tuple("#" + bytes(np.rint(row).astype(np.uint8)).hex() for row in mixed)


DIVERGING = Palette(
    "diverging", "blue is low, white is the middle, red is high; colours that every kind of colour vision tells apart",
    Shades(ladder(("#5f9fd6", "#b3d3ec", "#ffffff", "#f6c1ae", "#e5735c"), 25), "#111111"),
    Shades(ladder(("#2a68a8", "#24425f", "#1b1a19", "#5c2f27", "#a83f30"), 25), "#f6f2ea"),
    "blue", "red",
)

# A lost comma in the article's code joins its fifth and sixth entries, which leaves it nineteen; here are all twenty.
ARTICLE = Palette(
    "article", "the article's own twenty steps: blue is low, red is high",
    Shades((
        "#85c2e1", "#89c4e2", "#95cae5", "#99cce6", "#a1d0e8", "#b2d9ec", "#baddee", "#c2e1f0", "#eff7fb", "#f9e8e8",
        "#f9e8e8", "#f9d4d4", "#f9bdbd", "#f8a8a8", "#f68f8f", "#f47676", "#f45f5f", "#f34343", "#f33b3b", "#f42e2e",
    ), "#111111"),
    Shades((
        "#2a6f94", "#296b8f", "#27658a", "#265f82", "#245877", "#224d67", "#20455b", "#1f3c4e", "#1c262b", "#2a1c1b",
        "#2a1c1b", "#47211f", "#5c2725", "#6e2b29", "#7c2e2b", "#8a312e", "#953330", "#9f3431", "#a83531", "#b03430",
    ), "#f6f2ea"),
    "blue", "red",
)

# Karpathy, Johnson and Fei-Fei (2016), Figure 2: "text color corresponds to tanh(c), where -1 is red and +1 is blue".
KARPATHY = Palette(
    "karpathy", "as Karpathy, Johnson and Fei-Fei colour the tanh of a cell: red is low, blue is high",
    Shades(ladder(("#ff6b5e", "#ffb9ae", "#ffffff", "#b5c9ff", "#7298ff"), 25), "#111111"),
    Shades(ladder(("#b03a32", "#5e2a26", "#1b1a19", "#283a66", "#2f5cc0"), 25), "#f6f2ea"),
    "red", "blue",
)

# For explanations, which are signed: not one of the choices for activations. The green is bluish and the red yellowish,
# so that those who lack red or green cones see two colours; every view tells the sign by a line or a mark as well.
FOR_AGAINST = Palette(
    "for_against", "red is against, white is the middle, green is for",
    Shades(ladder(("#ea7a4f", "#f8c6ac", "#ffffff", "#a6dccb", "#2fa88c"), 25), "#111111"),
    Shades(ladder(("#a8452a", "#5c3125", "#1b1a19", "#1c4d47", "#0f7a6a"), 25), "#f6f2ea"),
    "red", "green",
)

# For attention, which has no sign: as blue as what hurts when it is hidden in `diverging`. Not a choice either.
ATTENTION = Palette(
    "attention", "white is none, blue is most",
    Shades(ladder(("#ffffff", "#a9cdea", "#438ac9"), 25), "#111111"),
    Shades(ladder(("#1b1a19", "#24425f", "#2a68a8"), 25), "#f6f2ea"),
    "white", "blue",
)

PALETTES = {palette.name: palette for palette in (DIVERGING, ARTICLE, KARPATHY)}
"""All palettes of activations by name."""


def palette_named(name: str) -> Palette:
    """Return the palette called ``name``.

    Raises:
        UserError: there is none of that name.
    """
    return named("palette", name, PALETTES)
