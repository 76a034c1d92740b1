"""The shuffle is a permutation, a function of its key, and looks like chance."""

import numpy as np
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from probe.train.shuffle import Shuffle


@given(st.integers(1, 5000), st.integers(0, 100))
def test_it_is_a_permutation(size, key):
    np.testing.assert_array_equal(np.sort(Shuffle(size, (key,))[np.arange(size)]), np.arange(size))


def test_any_part_is_that_of_the_whole_and_the_key_decides():
    whole = Shuffle(10**4, (3, 1))[np.arange(10**4)]
    np.testing.assert_array_equal(Shuffle(10**4, (3, 1))[np.arange(700, 900)], whole[700:900])
    assert (Shuffle(10**4, (3, 2))[np.arange(10**4)] == whole).mean() < 0.01


def test_neighbours_are_spread_as_by_chance():
    size = 2**20
    places = Shuffle(size, (0, 0))[np.arange(20_000)]
    assert scipy.stats.kstest(places / size, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(places[:-1], places[1:])[0, 1]) < 0.03


def test_a_text_of_gigabytes_needs_no_table():
    places = Shuffle(10**12, (1,))[np.arange(1000)]
    assert len(set(places.tolist())) == 1000
    assert places.max() < 10**12
