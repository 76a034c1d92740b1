"""What a person must be told of a coloured text that hides what its unit does."""

import numpy as np

from probe.render.palette import Palette
from probe.render.scaling import SCALINGS, Scaling

# Share of a text from which on its one colour is remarked.
NEARLY_ALL = 0.95
# Scalings that look at the values of the text, the gentler first.
BETTER = ("stretched", "quantile")


def span(values: np.ndarray) -> str:
    """Return the range of values (N,), N > 0, in words."""
    return f"{values.min():.3g} to {values.max():.3g}".replace("-", "−")


def remark_on(values: np.ndarray, scaling: Scaling, palette: Palette) -> str:
    """Return a line if nearly all values (N,) get one colour, with the scaling that tells them apart; else nothing."""
    indices = palette.indices(scaling(values))
    most = int(np.bincount(indices).argmax()) if len(indices) else 0
    same = indices == most
    better = next((name for name in BETTER if _share(palette.indices(SCALINGS[name](values))) < NEARLY_ALL), None)
    if better is None or _share(indices) < NEARLY_ALL:
        return ""
    part = "all" if same.all() else "nearly all"
    return f"{part} of it is one colour here ({span(values[same])}); --scaling {better} shows the differences"


def _share(indices: np.ndarray) -> float:
    """The share of the colour that is most often used; 0 of no text."""
    return float(np.bincount(indices).max() / len(indices)) if len(indices) else 0.0
