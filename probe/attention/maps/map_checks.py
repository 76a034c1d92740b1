"""What an attention map must be before any view shows it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from probe.errors import UserError, quoted

if TYPE_CHECKING:
    from probe.attention.maps.attention_map import AttentionMap

# By how much a row's sum may miss one: what a softmax in float32 leaves over thousands of positions.
ROUNDING = 1e-5


def check_map(given: "AttentionMap") -> None:
    """Raise :class:`UserError` for the first thing that does not fit together."""
    for name in ("source", "target", "heads", "remarks"):
        odd = [each for each in getattr(given, name) if not isinstance(each, str)]
        if odd:
            raise UserError(f"an attention map's {name} must be strings; received {quoted(repr(odd[0]))}")
    if not given.source or not given.target:
        raise UserError("an attention map needs tokens on both sides; received "
                        f"{len(given.source)} of the source and {len(given.target)} of the target")
    if not isinstance(given.heading, str):
        raise UserError(f"an attention map's heading must be a string; received {quoted(repr(given.heading))}")
    rows, columns = len(given.target), len(given.source)
    weights = _numbers("weights", given.weights)
    if weights.ndim != 3 or not len(weights) or weights.shape[1:] != (rows, columns):
        raise UserError(f"an attention map of {rows:,} rows and {columns:,} columns needs weights of shape "
                        f"(heads, {rows}, {columns}); received {weights.shape}")
    if given.heads and len(tuple(given.heads)) != len(weights):
        raise UserError(f"an attention map of {len(weights)} heads needs a name for each or none; "
                        f"received {len(tuple(given.heads))}")
    check_shares(weights)
    if given.probabilities is not None:
        _check_probabilities(_numbers("probabilities", given.probabilities), rows)
    if given.effects is not None:
        effects = _numbers("effects", given.effects)
        if effects.shape != (rows, columns):
            raise UserError(f"an attention map of {rows:,} rows and {columns:,} columns needs effects of shape "
                            f"({rows}, {columns}); received {effects.shape}")
        _check_finite("effects", effects)


def check_shares(weights: np.ndarray, rounding: float = ROUNDING) -> None:
    """Raise :class:`UserError` unless weights are shares.

    Args:
        weights: (H, T, S), which must be finite, not below 0, and sum to one over S.
        rounding: by how much a sum may miss one.
    """
    _check_finite("weights", weights)
    if (weights < 0).any():
        place = np.argwhere(weights < 0)[0].tolist()
        raise UserError(f"weights of attention must not be below 0; received {weights[tuple(place)]} at {place}")
    sums = weights.sum(axis=-1)
    missed = np.abs(sums - 1)
    if missed.max() > rounding:
        head, row = np.unravel_index(missed.argmax(), missed.shape)
        raise UserError(f"each row of attention must sum to one; row {row} of head {head} sums to "
                        f"{sums[head, row]:.6g}")


def _check_probabilities(values: np.ndarray, rows: int) -> None:
    if values.shape != (rows,):
        raise UserError(f"an attention map of {rows:,} rows needs probabilities of shape ({rows},); "
                        f"received {values.shape}")
    _check_finite("probabilities", values)
    wrong = (values <= 0) | (values > 1)
    if wrong.any():
        raise UserError(f"probabilities must lie above 0 and up to 1; received {values[wrong][0]} at "
                        f"[{int(wrong.argmax())}]")


def _check_finite(name: str, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        place = np.argwhere(~np.isfinite(values))[0].tolist()
        raise UserError(f"an attention map needs finite {name}; received {values[tuple(place)]} at {place}")


def _numbers(name: str, values: Any) -> np.ndarray:
    try:
        array = np.asarray(values)
        if array.dtype.kind in "iuf":
            return array.astype(np.float64)
    except ValueError as error:  # rows of different lengths
        raise UserError(f"an attention map's {name} must be an array of numbers; received rows of different "
                        "lengths") from error
    raise UserError(f"an attention map's {name} must be an array of numbers; received {array.dtype}")
