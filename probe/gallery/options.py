"""How a gallery looks."""

from dataclasses import dataclass

from probe.options import Options, option
from probe.render import PALETTES, SCALINGS


@dataclass(frozen=True)
class GalleryOptions(Options):
    """Options of ``probe gallery``.

    Attributes:
        palette: colours with which the page opens; its reader can switch.
        scaling: view on the activations with which the page opens; its reader can switch.
        units: units shown of each pattern.
        excerpt: characters shown of each passage before its reader asks for the whole.
    """

    palette: str = option("article", "colours with which the page opens", choices=tuple(PALETTES))
    scaling: str = option("sigmoid", "scaling with which the page opens", choices=tuple(SCALINGS))
    units: int = option(5, "units shown of each pattern", minimum=1)
    excerpt: int = option(700, "characters shown of a passage before the reader asks for the whole", minimum=100)
