"""How a gallery looks."""

from dataclasses import dataclass

from probe.options import Options, option
from probe.render import ALIGNMENTS, PALETTES, SCALINGS

BY_SIGNAL = "by_signal"


@dataclass(frozen=True)
class GalleryOptions(Options):
    """How a gallery opens, and what it holds; colours, scaling and alignment its reader can switch."""

    palette: str = option("diverging", "colours with which the page opens", choices=tuple(PALETTES))
    scaling: str = option(BY_SIGNAL, "scaling with which the page opens: by_signal is what suits each: raw "
                          "for a signal within bounds, stretched for a cell", choices=(BY_SIGNAL, *SCALINGS))
    alignment: str = option("read", "lay each activation on the character just read, or on the next one, which is "
                            "being predicted", choices=tuple(ALIGNMENTS))
    units: int = option(5, "units shown of each pattern", minimum=1)
    excerpt: int = option(700, "characters shown of the passage that opens the page", minimum=100)
    live: bool = option(False, "put the network itself into the page, to read what one types there; the findings must "
                        "hold it")
    largest: float = option(8.0, "megabytes of activations that one file may hold; above them the gallery becomes an "
                            "index and a folder of pages beside it", above=0)
