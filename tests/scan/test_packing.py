"""Packed collectors come back as they were, and zeros cost nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.scan.packing import LEAST, pack, unpack


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.float32, np.float64, np.uint8, np.uint32, np.int64, bool]),
       st.floats(0, 1), st.sampled_from([(3, 5), (40, 1000), (70_000,), (300, 2, 150), (1, 80_000), (0, 70_000)]))
def test_arrays_come_back_whatever_share_of_their_rows_is_zero(seed, dtype, share, shape):
    generator = np.random.default_rng(seed)
    array = (generator.normal(size=shape) * 100).astype(dtype)
    array[generator.random(len(array)) < share] = 0
    again = unpack(pack({"values": array, "twice": array, "turned": array.T}))
    np.testing.assert_array_equal(again["values"], array)
    np.testing.assert_array_equal(again["turned"], array.T)
    assert again["twice"] is again["values"]
    assert again["values"].dtype == array.dtype
    assert again["values"].flags.writeable


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e-45])
def test_no_number_is_taken_for_zero(value):
    array = np.zeros((1000, 100), np.float32)
    array[7, 3] = value
    packed = pack(array)
    assert len(packed) < 2000 < LEAST < array.nbytes
    np.testing.assert_array_equal(unpack(packed), array)
