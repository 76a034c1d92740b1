"""Signals as lazy arrays: any rows of any units, as numpy would give them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

rows = st.one_of(st.integers(-500, 499), st.slices(500), st.lists(st.integers(-500, 499), max_size=9))
columns = st.one_of(st.integers(-40, 39), st.slices(40), st.lists(st.integers(-40, 39), max_size=5),
                    st.lists(st.booleans(), min_size=40, max_size=40).map(np.array))


@settings(max_examples=150)
@given(row=rows, column=columns)
def test_any_rows_and_units_are_read_as_numpy_would(five_hundred, arrays, row, column):
    expected = arrays["1", "hidden"][:500][row][..., column]
    np.testing.assert_array_equal(five_hundred.signals["1", "hidden"][row, column], expected)


def test_signals_are_a_mapping_of_lazy_arrays(five_hundred, arrays):
    signals, hidden = five_hundred.signals, arrays["1", "hidden"]
    assert signals.layers == ("1", "bi/backward")
    assert list(signals) == [("1", "hidden"), ("bi/backward", "cell")]
    array = signals["1", "hidden"]
    assert (len(array), array.shape, array.dtype, array.ndim) == (500, (500, 40), np.float32, 2)
    np.testing.assert_array_equal(np.asarray(array), hidden[:500])
    np.testing.assert_array_equal(array[..., 3], hidden[:500, 3])
    np.testing.assert_array_equal(array[7], hidden[7])
    assert array[3, 4] == hidden[3, 4]
    assert sum(block.losses.size for block in signals.iterate()) == 500
    with pytest.raises(KeyError, match="there are 1 hidden, bi/backward cell"):
        signals["2", "hidden"]
    for wrong in ((500,), (0, 40), (0, 0, 0), ([[1]],), (np.array([0.5]),), ([600],)):
        with pytest.raises(IndexError):
            array[wrong]
