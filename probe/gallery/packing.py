"""Numbers and texts packed for a page's script: bytes as base64, texts with what must be shown otherwise."""

import base64
from typing import Any

import numpy as np

from probe.render.graphemes import visible
from probe.render.signs import BLANK, signed


def base64_of(values: np.ndarray) -> str:
    """Return the bytes of ``values``, of any dtype, as base64."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def packed_text(text: str) -> dict[str, Any]:
    """Return ``text`` with the ranges that are drawn as one character, what is spelt out in place of it, and where
    white space would not be seen."""
    signs = list(signed(text))
    ranges = [(start, stop) for start, stop, _ in signs]
    odd = {character for character in set(text) if visible(character) != character}
    spelt = {start: visible(text[start:stop]) for start, stop in ranges if stop - start > 1 or text[start] in odd}
    return {
        "text": text, "length": len(text),
        "joined": [[start, stop] for start, stop in ranges if stop - start > 1],
        "spelt": {start: shown for start, shown in spelt.items() if shown != text[start:start + len(shown)]},
        "blanks": [start for start, _, sign in signs if sign == BLANK],
    }


def packed_labels(labels: np.ndarray, kind: str) -> dict[str, Any]:
    """Return labels (T,) as bits if ``kind`` is boolean, else as bytes between their lowest and highest value."""
    if kind == "boolean":
        return {"bits": base64_of(np.packbits(labels > 0.5))}
    low, high = (float(labels.min()), float(labels.max())) if len(labels) else (0.0, 0.0)
    share = (labels.astype(np.float64) - low) / (high - low) if high > low else np.zeros(len(labels))
    return {"bytes": base64_of(np.rint(share * 255).astype(np.uint8)), "low": low, "high": high}


def packed_rows(levels: np.ndarray) -> str:
    """Return ``levels`` (T, U) uint8 as base64, one unit after another.

    Each unit takes a multiple of four letters, so that a script cuts one out and decodes it alone.
    """
    rows = np.zeros((levels.shape[1], -(-len(levels) // 3) * 3), np.uint8)
    rows[:, :len(levels)] = levels.T
    return base64_of(rows)


def packed_shares(shares: np.ndarray) -> str:
    """Return numbers in [0, 1] as base64 of little-endian uint16: 65535 is 1."""
    return base64_of(np.rint(np.clip(shares, 0, 1) * 65535).astype("<u2"))


def packed_scores(scores: np.ndarray) -> str:
    """Return correlations (U, P) in [−1, 1] as base64 of int8, in hundredths; −128 where one does not exist."""
    return base64_of(np.where(np.isfinite(scores), np.rint(np.nan_to_num(scores) * 100), -128).astype(np.int8))
