"""Correlation times against processes whose own is known."""

import numpy as np
import pytest

from probe.scan.resampling.correlation_time import correlation_time


def autoregressive(phi: float, length: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=length)
    series = np.empty(length)
    series[0] = noise[0]
    for t in range(1, length):
        series[t] = phi * series[t - 1] + noise[t]
    return series


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.97])
def test_an_autoregressive_process_has_the_time_its_coefficient_says(phi):
    (time,) = correlation_time(autoregressive(phi, 300_000))
    assert time == pytest.approx((1 + phi) / (1 - phi), rel=0.1)


def test_a_markov_chain_of_labels():
    generator = np.random.default_rng(0)
    stay = 0.95  # eigenvalue 0.9, hence (1 + 0.9) / (1 - 0.9)
    labels = np.cumsum(generator.random(300_000) > stay) % 2
    assert correlation_time(labels.astype(bool))[0] == pytest.approx(19, rel=0.1)


def test_the_sum_is_the_definition_s_with_the_smallest_wide_window():
    series = autoregressive(0.8, 2000)
    centred = series - series.mean()
    rho = [float(centred[:len(series) - k] @ centred[k:]) / float(centred @ centred) for k in range(500)]
    time, window = 1.0, 0
    while window < 5 * time:
        window += 1
        time += 2 * rho[window]
    assert correlation_time(series)[0] == pytest.approx(time, rel=1e-9)


def test_columns_are_apart_and_neither_scale_nor_offset_matters():
    one, other = autoregressive(0.9, 5000), autoregressive(0.3, 5000, 1)
    both = correlation_time(np.stack([one, 1e4 - 0.01 * other], axis=1))
    np.testing.assert_allclose(both, [correlation_time(one)[0], correlation_time(other)[0]], rtol=1e-6)


def test_a_constant_has_none_and_what_alternates_has_one():
    series = np.stack([np.ones(1000), np.arange(1000) % 2], axis=1)
    np.testing.assert_array_equal(correlation_time(series), [np.nan, 1])
    assert np.isnan(correlation_time(np.zeros(0))).all()


def test_a_series_too_short_for_its_window_still_has_a_time():
    assert correlation_time(np.array([0.0, 1.0]))[0] == 1
    assert correlation_time(np.arange(50.0))[0] > 5
