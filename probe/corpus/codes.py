"""Characters as numbers: the code points of a text as an array, and back."""

from typing import Any

import numpy as np


def codes_of(text: str) -> np.ndarray:
    """Return the code points of ``text``, (N,) uint32; lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def text_of(codes: np.ndarray) -> str:
    """Return the text with the code points ``codes`` (N,) of any unsigned integer dtype."""
    return np.ascontiguousarray(codes, np.dtype("<u4")).tobytes().decode("utf-32-le", "surrogatepass")


def narrowest(maximum: int) -> np.dtype[Any]:
    """Return uint8, uint16 or uint32, whichever is the narrowest that holds 0 … ``maximum``."""
    return np.min_scalar_type(maximum)


def shown(code: int) -> str:
    """Return a character for a message: quoted and escaped, with its U+ number."""
    return f"{chr(code)!a} (U+{code:04X})"
