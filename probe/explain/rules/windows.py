"""Which positions the windows of a convolution or a pooling layer see."""

import numpy as np

# Stands where a window reaches beyond the text.
OUTSIDE = -1


def windows(length: int, size: int, stride: int, padding: str, dilation: int = 1) -> np.ndarray:
    """Return (T', size) int64: the positions that each window sees, and :data:`OUTSIDE` beyond the edges.

    Args:
        length: T.
        size, stride, dilation: of the windows, in positions.
        padding: ``"valid"``, ``"same"`` (as TensorFlow lays it: the odd one comes after the text) or ``"causal"``.
    """
    reach = (size - 1) * dilation
    if padding == "same":
        count = -(-length // stride)
        before = max((count - 1) * stride + reach + 1 - length, 0) // 2
    else:
        before = reach if padding == "causal" else 0
        count = (length + before - reach - 1) // stride + 1
    positions = np.arange(count)[:, None] * stride + np.arange(size) * dilation - before
    return np.where((positions >= 0) & (positions < length), positions, OUTSIDE)
