"""Activations as bytes, against what was put in."""

import numpy as np
import pytest

from probe.scan.levels import levels_of, values_of


@pytest.mark.parametrize("size", [1e-30, 1e-13, 1.0, 1e15])
def test_values_come_back_to_half_a_level_whatever_their_size(size):
    values = (size * np.random.default_rng(0).normal(size=(40, 3))).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    levels = levels_of(values, low, high)
    assert (levels.dtype, levels.min(), levels.max()) == (np.uint8, 0, 255)
    np.testing.assert_allclose(values_of(levels, low, high), values, atol=0.501 * (high - low) / 255, rtol=1e-6)


def test_a_constant_has_one_level():
    levels = levels_of(np.full(5, 0.3, np.float32), 0.3, 0.3)
    np.testing.assert_array_equal(levels, 0)
    np.testing.assert_allclose(values_of(levels, 0.3, 0.3), np.float32(0.3))
