import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss

from probe.attention.truth.doubt import EDGES, doubt
from probe.attention.truth.estimate import FEWEST, Resampling, rate, rate_over


@given(st.integers(1, 3000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_rates_have_wilsons_interval(pair):
    hits, count = pair
    found, expected = rate(hits, count), binomtest(hits, count).proportion_ci(method="wilson")
    assert (found.mean, found.count) == (hits / count, count)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_rate_over_dates_has_the_interval_of_as_many_as_it_is_worth():
    rng = np.random.default_rng(4)
    hits, dates = rng.random(300) < 0.8, np.arange(300)
    alone, often = rate_over(hits, dates), rate_over(np.repeat(hits, 9), np.repeat(dates, 9))
    assert (alone.low, alone.high) == pytest.approx((rate(hits.sum(), 300).low, rate(hits.sum(), 300).high), abs=1e-3)
    assert (often.low, often.high) == pytest.approx((alone.low, alone.high), abs=1e-3) and often.count == 2700
    scattered = rate_over(np.repeat(hits, 9), np.tile(dates, 9))
    assert scattered.low > often.low + 0.02
    assert rate_over([True] * 100, [1, 2] * 50).low == rate(2, 2).low
    assert rate_over([], []).mean is None
    assert rate_over([True, False] * 9, np.repeat(range(9), 2)) == rate(9, 18)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1))
def test_a_rate_over_dates_lies_in_its_interval_which_is_no_narrower_than_wilsons(pairs):
    hits, dates = zip(*pairs, strict=True)
    found, narrow = rate_over(hits, dates), rate(sum(hits), len(hits))
    assert 0 <= found.low <= found.mean <= found.high <= 1 and found.mean == narrow.mean
    assert found.high - found.low >= narrow.high - narrow.low - 1e-12


def test_a_rate_of_nothing_is_none():
    assert rate(0, 0).mean is None and rate(0, 0).interval == ""


def test_numbers_of_one_date_are_drawn_together():
    rng = np.random.default_rng(0)
    values, dates = rng.normal(size=40), np.arange(40).astype(str)
    once = Resampling(dates).mean(values)
    often = Resampling(np.repeat(dates, 25)).mean(np.repeat(values, 25))
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    assert once.mean == pytest.approx(values.mean())


def test_the_interval_is_that_of_a_plain_bootstrap():
    rng = np.random.default_rng(1)
    dates = rng.integers(0, 60, 400)
    values = rng.normal(size=400) + dates / 20
    found = Resampling(dates, seed=3).mean(values)
    means = []
    for _ in range(1000):
        drawn = np.concatenate([values[dates == date] for date in rng.choice(np.unique(dates), len(np.unique(dates)))])
        means.append(drawn.mean())
    assert (found.low, found.high) == pytest.approx(np.quantile(means, (0.025, 0.975)), abs=0.06)
    assert found.high - found.low > 0.3


def test_means_are_of_known_numbers_among_the_chosen():
    dates, values = np.arange(30), np.arange(30.0)
    values[::2] = np.nan
    found = Resampling(dates).mean(values, dates < 10)
    assert (found.mean, found.count) == (5, 5) and found.low is None
    assert Resampling(dates).mean(np.full(30, np.nan)).mean is None
    assert Resampling(dates[:FEWEST]).mean(np.arange(FEWEST, dtype=float)).low is not None


def test_doubt_has_the_brier_score_and_honest_bins():
    rng = np.random.default_rng(2)
    probabilities = rng.random(500)**0.2
    right = rng.random(500) < probabilities
    found = doubt(probabilities, right)
    assert found.brier == pytest.approx(brier_score_loss(right, probabilities))
    assert found.brier_of_rate == pytest.approx(brier_score_loss(right, np.full(500, right.mean())))
    assert sum(each.texts for each in found.bins) == 500
    assert found.missed < 0.06
    for each in found.bins:
        inside = (probabilities > each.low) & (probabilities <= each.high)
        assert each.texts == inside.sum()
        if each.texts:
            assert each.right == pytest.approx(right[inside].mean())


def test_a_translator_that_is_sure_and_wrong_is_found_out():
    found = doubt([1.0] * 10, [False] * 10)
    assert (found.brier, found.missed, found.bins[-1].texts) == (1, 1, 10)
    assert doubt([0.8] * 4, [True] * 4).missed == pytest.approx(0.2)
    assert doubt([0.0, 1.0], [False, True]).bins[0].texts == 1 and EDGES[0] == 0
