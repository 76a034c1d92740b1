"""How a gallery looks."""

from dataclasses import dataclass

from probe.options import Options, option
from probe.render import ALIGNMENTS, PALETTES, SCALINGS

BY_SIGNAL = "by_signal"


@dataclass(frozen=True)
class GalleryOptions(Options):
    """Options of ``probe gallery``.

    Attributes:
        palette: colours with which the page opens; its reader can switch.
        scaling: view on the activations with which the page opens; its reader can switch.
        alignment: on which character they are laid when the page opens; its reader can switch.
        units: units shown of each pattern.
        excerpt: characters shown of each passage before its reader asks for the whole.
    """

    palette: str = option("article", "colours with which the page opens", choices=tuple(PALETTES))
    scaling: str = option(BY_SIGNAL, "scaling with which the page opens: by_signal is the article's sigmoid for "
                          "hidden, and what suits each other signal", choices=(BY_SIGNAL, *SCALINGS))
    alignment: str = option("read", "lay each activation on the character just read, or on the next one, which is "
                            "being predicted", choices=tuple(ALIGNMENTS))
    units: int = option(5, "units shown of each pattern", minimum=1)
    excerpt: int = option(700, "characters shown of a passage before the reader asks for the whole", minimum=100)
