"""The way back from cross spectra to correlations at every roll."""

import numpy as np

from probe.scan.kernels import kernel
from probe.scan.null.fourier import transform
from probe.scan.products import GROUP
from probe.scan.vectors import LANES


@kernel
def largest(totals: np.ndarray, pattern: int, between: np.ndarray, scale: np.ndarray, cosines: np.ndarray,
            sines: np.ndarray, rows: np.ndarray, most: np.ndarray, unrolled: np.ndarray) -> None:
    """Go back from cross spectra to correlations at every roll, and keep the largest magnitude over units.

    Args:
        totals: (groups, S/2, 2P, GROUP) float32.
        pattern: an even number: it and its neighbour are done in one.
        between: (2, units) float64, what the means add to the cross sums of the two, the same at every roll.
        scale: (2, units) float64, what turns cross sums into correlations; 0 where there is none.
        cosines, sines, rows: of the plan for S.
        most: (2, S) float64, raised to the largest |r| at each roll of the labels, in segments.
        unrolled: (2, units) float64, set to r at roll 0.
    """
    size, units = len(rows), between.shape[1]
    half = size // 2
    re, im = np.empty((size, LANES), np.float32), np.empty((size, LANES), np.float32)
    high, low = np.zeros((size, LANES), np.float32), np.zeros((size, LANES), np.float32)
    for begin in range(0, units, LANES):
        group, column, width = begin // GROUP, begin % GROUP, min(LANES, units - begin)
        re[0], im[0] = 0, 0
        for f in range(half):
            part = totals[group, f, 2 * pattern:2 * pattern + 4, column:column + LANES]
            for lane in range(LANES):
                a, b, c, d = part[0, lane], part[1, lane], part[2, lane], part[3, lane]
                re[size - 1 - f, lane], im[size - 1 - f, lane] = a + d, c - b
                # The frequency S/2 is its own mirror image, and real: both lines say the same of it.
                re[f + 1, lane], im[f + 1, lane] = a - d, b + c
        transform(re, im, cosines, sines)
        shift, factor = np.zeros((2, LANES), np.float32), np.zeros((2, LANES), np.float32)
        for k in range(2):
            for lane in range(width):
                factor[k, lane] = scale[k, begin + lane] / (2 * size)
                shift[k, lane] = between[k, begin + lane] * scale[k, begin + lane]
        for row in range(size):
            for lane in range(LANES):
                high[row, lane] = max(high[row, lane], abs(re[row, lane] * factor[0, lane] + shift[0, lane]))
            for lane in range(LANES):
                low[row, lane] = max(low[row, lane], abs(im[row, lane] * factor[1, lane] + shift[1, lane]))
        for lane in range(width):
            unrolled[0, begin + lane] = re[0, lane] * factor[0, lane] + shift[0, lane]
            unrolled[1, begin + lane] = im[0, lane] * factor[1, lane] + shift[1, lane]
    for roll in range(size):
        # A forward transform stands for the backward one: its rows are the rolls in the opposite order.
        row = rows[(size - roll) % size]
        most[0, roll] = max(most[0, roll], high[row].max())
        most[1, roll] = max(most[1, roll], low[row].max())
