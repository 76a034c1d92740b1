"""How activations are looked at as coloured text."""

from dataclasses import dataclass

import numpy as np

from probe.options import Options, option
from probe.render.alignment import ALIGNMENTS, alignment_named
from probe.render.bounds import Bounds, bounds_of
from probe.render.coloured_text import ColouredText
from probe.render.palette import PALETTES, palette_named
from probe.render.scaling import SCALINGS, Scaling, scaling_named, suited_scaling

SUITED = "suited"


@dataclass(frozen=True)
class ViewOptions(Options):
    """A view: raw activations stay what they are."""

    alignment: str = option("read", "lay each activation on the character just read, or on the next one, which the "
                            "network then predicts, as the article does", choices=tuple(ALIGNMENTS))
    scaling: str = option(SUITED, "from activation to colour: suited is raw, within the signal's own bounds, and tanh "
                          "for a cell", choices=(SUITED, *SCALINGS))
    palette: str = option("diverging", "the colours", choices=tuple(PALETTES))

    def scaling_within(self, bounds: Bounds) -> Scaling:
        """Return the scaling for a signal of these bounds."""
        return suited_scaling(bounds) if self.scaling == SUITED else scaling_named(self.scaling, bounds)

    def of(self, text: str, values: np.ndarray, signal: str, caption: str = "", *, marks: np.ndarray | None = None,
           marked: str = "") -> ColouredText:
        """Return ``text`` coloured by a signal.

        Args:
            text: N characters.
            values: (N,) raw activations of one unit.
            signal: its name.
            caption: whose values these are.
            marks, marked: as of :class:`ColouredText`.
        """
        measured = (float(values.min()), float(values.max())) if len(values) else (None, None)
        return ColouredText(text, values, self.scaling_within(bounds_of(signal, *measured)),
                            palette_named(self.palette), caption, alignment_named(self.alignment), marks, marked)
