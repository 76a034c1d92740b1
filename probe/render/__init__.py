"""Coloured text, palettes and tables; the only room in which text becomes HTML."""

from probe.render.alignment import ALIGNMENTS, Alignment, alignment_named
from probe.render.coloured_text import ColouredText
from probe.render.gate_plot import GatePlot
from probe.render.heat_map import HeatMap
from probe.render.histogram import Histogram
from probe.render.loss_curve import LossCurve
from probe.render.options import ViewOptions
from probe.render.palette import PALETTES, Palette, Shades, palette_named
from probe.render.paper import save_figure
from probe.render.scaling import SCALINGS, Scaling, scaling_named
from probe.render.table import table

__all__ = [
    "ALIGNMENTS", "PALETTES", "SCALINGS", "Alignment", "ColouredText", "GatePlot", "HeatMap", "Histogram", "LossCurve",
    "Palette", "Scaling", "Shades", "ViewOptions", "alignment_named", "palette_named", "save_figure", "scaling_named",
    "table",
]
