"""How long a series remembers: over how many characters a pattern or a unit says the same thing."""

import numpy as np

# The automatic window, in correlation times: wide enough for an exponential, narrow enough for little noise.
WINDOW = 5


def correlation_time(series: np.ndarray) -> np.ndarray:
    """Return the integrated autocorrelation time τ = 1 + 2 Σ_{k ≤ W} ρ(k), in characters.

    N characters tell of the mean of the series as much as N/τ independent ones. W is the smallest lag with W ≥ 5 τ(W)
    (Sokal, Monte Carlo Methods in Statistical Mechanics, 1989, section 3; his τ is half of this one, so that it is his
    window with c = 10); autocorrelations come from one Fourier transform a column, in float64, of a few dozen bytes a
    character: give a stretch of some million characters, not a whole library. A process that alternates has τ below 1,
    for which 1 is returned: it must not count for more characters than there are.

    Args:
        series: (N,) or (N, K), any real type or bool.

    Returns:
        (K,) float64, K = 1 for a series without columns; NaN for a constant, which has no correlation to lose.
    """
    columns = np.atleast_2d(np.asarray(series).T)
    return np.array([_of_column(column) for column in columns])


def _of_column(column: np.ndarray) -> float:
    length = len(column)
    if length == 0 or (column == column[0]).all():
        return float("nan")
    values = column.astype(np.float64)
    values -= values.mean()
    size = 1 << (2 * length - 1).bit_length()  # zeros behind the series, or its end would meet its beginning
    covariance = np.fft.irfft(np.square(np.abs(np.fft.rfft(values, size))), size)[:length]
    times = 2 * np.cumsum(covariance / covariance[0]) - 1
    wide = np.arange(length) >= WINDOW * times
    return max(float(times[np.argmax(wide)] if wide.any() else times[-1]), 1.0)
