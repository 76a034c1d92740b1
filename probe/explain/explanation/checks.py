"""What an explanation must be before any view shows it."""

import math
from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UserError, quoted

if TYPE_CHECKING:
    from probe.explain.explanation.explanation import TextExplanation

SCORED = ("logit", "probability", "output")
# By how much the sum of a part may exceed the sum of all, when both were rounded in another order.
ROUNDING = 1e-9


def check_explanation(explanation: "TextExplanation") -> None:
    """Raise :class:`UserError` for the first thing that does not fit together."""
    count = len(explanation.tokens)
    arrays = {"weights": (count,), "pads": (count,), "offsets": (count, 2), "norms": (count,)}
    for name, shape in arrays.items():
        array = getattr(explanation, name)
        if array is not None and np.shape(array) != shape:
            raise UserError(f"an explanation of {count:,} tokens needs {name} of shape {shape}; "
                            f"received {np.shape(array)}")
    if np.asarray(explanation.pads).dtype != np.bool_:
        raise UserError(f"an explanation's pads must be true or false; received {np.asarray(explanation.pads).dtype}")
    if explanation.heatmap is not None and np.ndim(explanation.heatmap) not in (1, 2):
        raise UserError(f"an explanation's heatmap must have shape (T',) or (T', K); "
                        f"received {np.shape(explanation.heatmap)}")
    for name in ("weights", "norms", "heatmap"):
        array = getattr(explanation, name)
        if array is not None and not np.isfinite(array).all():
            place = np.argwhere(~np.isfinite(array))[0].tolist()
            raise UserError(f"an explanation needs finite {name}; received {array[tuple(place)]} at {place}")
    check_offsets(explanation.text, np.asarray(explanation.offsets))
    _check_numbers(explanation)


def check_offsets(text: str, offsets: np.ndarray) -> None:
    """Raise :class:`UserError` unless tokens stand inside their text and in order.

    Args:
        text: N characters.
        offsets: (T, 2) whole numbers; (−1, −1) for a token that stands nowhere.
    """
    if offsets.size and offsets.dtype.kind not in "iu":
        raise UserError(f"an explanation's offsets must be whole numbers; received {offsets.dtype}")
    nowhere = (offsets == -1).all(axis=1)
    wrong = ~nowhere & ((offsets[:, 0] < 0) | (offsets[:, 1] < offsets[:, 0]) | (offsets[:, 1] > len(text)))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise UserError(f"an offset must be a range within the {len(text):,} characters of the text, or (-1, -1); "
                        f"received {tuple(offsets[place].tolist())} for token {place}")
    there = np.flatnonzero(~nowhere)
    back = np.flatnonzero((np.diff(offsets[there], axis=0) < 0).any(axis=1))
    if len(back):
        one, other = there[back[0]], there[back[0] + 1]
        raise UserError(f"offsets must be in the order of the text; received {tuple(offsets[one].tolist())} for token "
                        f"{one} and {tuple(offsets[other].tolist())} for token {other}")


def _check_numbers(explanation: "TextExplanation") -> None:
    if explanation.scored not in SCORED:
        raise UserError(f"what is scored must be one of {', '.join(SCORED)}; received {quoted(explanation.scored)}")
    check = explanation.check
    numbers = {"score": explanation.score, "share of padding": explanation.pad_share, "scale": explanation.scale,
               **({"expected value": check.expected, "found value": check.found} if check else {}),
               **{f"probability of {quoted(label)}": share for label, share in explanation.probabilities.items()}}
    for name, number in numbers.items():
        if number is not None and not math.isfinite(number):
            raise UserError(f"an explanation needs a finite {name}; received {number}")
    if not 0 <= explanation.pad_share <= 1 + ROUNDING:
        raise UserError(f"a share of padding must lie from 0 to 1; received {explanation.pad_share}")
    if explanation.scale is not None and explanation.scale <= 0:
        raise UserError(f"a scale must be above 0; received {explanation.scale}")
