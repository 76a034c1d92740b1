"""Coloured text, palettes and tables; the only room in which text becomes HTML."""

from probe.render.coloured_text import ColouredText
from probe.render.palette import PALETTES, Palette, Shades, palette_named
from probe.render.scaling import SCALINGS, Scaling, scaling_named
from probe.render.table import table

__all__ = [
    "PALETTES", "SCALINGS", "ColouredText", "Palette", "Scaling", "Shades", "palette_named", "scaling_named", "table",
]
