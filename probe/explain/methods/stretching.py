"""A map over the positions of a layer, drawn out evenly over the tokens of a text."""

import numpy as np
from scipy.interpolate import interp1d

from probe.errors import UserError

# The eight kinds of scipy's interp1d, and the fewest positions that each needs.
KINDS = {"linear": 2, "nearest": 2, "zero": 2, "slinear": 2, "quadratic": 3, "cubic": 4, "previous": 2, "next": 2}
RECEPTIVE_FIELD = "receptive_field"
INTERPOLATIONS = (RECEPTIVE_FIELD, *KINDS)


def stretched(heatmap: np.ndarray, length: int, kind: str) -> np.ndarray:
    """Return (B, T) float64: positions and tokens lie on equal grids over [0, 1], and one is interpolated on the other.

    That knows nothing of what a position has seen. A single position gives its weight to every token.

    Args:
        heatmap: (B, T') float64, or (B, K) over the units of a layer without time.
        length: T.
        kind: one of :data:`KINDS`, as ``scipy.interpolate.interp1d`` knows them.

    Raises:
        UserError: there are too few positions for a curve of that kind.
    """
    count = heatmap.shape[1]
    if count == 1:
        return np.repeat(heatmap, length, axis=1)
    if count < KINDS[kind]:
        others = ", ".join(name for name, needed in KINDS.items() if needed <= count)
        raise UserError(f"interpolation {kind} needs a layer of at least {KINDS[kind]} positions; this one has "
                        f"{count}, for which these work: {others}")
    curve = interp1d(np.linspace(0, 1, count), heatmap, kind=kind, axis=1)
    return np.asarray(curve(np.linspace(0, 1, length)), np.float64)
