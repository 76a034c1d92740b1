from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from probe.attention.truth.agreement import rank_agreement, top_agreement

# Few values, so that many are equal.
values = st.integers(-3, 3).map(float)
tables = st.tuples(st.integers(1, 4), st.integers(2, 9)).flatmap(
    lambda shape: st.tuples(arrays(np.float64, shape, elements=values), arrays(np.float64, shape, elements=values)))


@given(tables)
def test_rank_agreement_is_spearmans_rho_of_attention_and_cost(pair):
    weights, effects = pair
    found = rank_agreement(weights, effects)
    for row, one, other in zip(found, weights, effects, strict=True):
        if np.ptp(one) == 0 or np.ptp(other) == 0:
            assert np.isnan(row)
        else:
            assert row == pytest.approx(spearmanr(one, -other).statistic, abs=1e-12)


@given(tables)
def test_top_agreement_is_the_chance_of_drawing_the_same_first(pair):
    weights, effects = pair
    for found, one, other in zip(top_agreement(weights, effects), weights, effects, strict=True):
        most, worst = np.flatnonzero(one == one.max()), np.flatnonzero(other == other.min())
        if other.min() >= 0:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(np.mean([[a == b for a in most] for b in worst]))


def test_shuffled_attention_has_no_rank_agreement_and_is_first_by_chance():
    weights, effects = np.array([0.4, 0.4, 0.1, 0.07, 0.03]), np.array([-2.0, 0.1, -2.0, -0.3, 0.0])
    shuffled = np.array(list(permutations(weights)))
    many = np.tile(effects, (len(shuffled), 1))
    assert rank_agreement(shuffled, many).mean() == pytest.approx(0, abs=1e-12)
    assert top_agreement(shuffled, many).mean() == pytest.approx(1 / 5)


def test_hiding_that_helps_is_no_cost():
    weights = np.array([[0.7, 0.2, 0.1]])
    assert rank_agreement(weights, np.array([[3.0, 0.0, -1.0]]))[0] == pytest.approx(-1)
    assert top_agreement(weights, np.array([[3.0, 0.0, -1.0]]))[0] == 0
