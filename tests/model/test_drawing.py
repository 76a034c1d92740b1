"""Drawing a character: the distribution against softmax, and its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import chisquare

from probe.errors import UserError
from probe.model import SampleOptions
from probe.model.drawing import Draws, probabilities

LOGITS = arrays(np.float32, st.integers(1, 40), elements=st.floats(-50, 50, width=32))


@given(LOGITS, st.floats(0.05, 20))
def test_without_top_k_it_is_softmax_at_the_temperature(logits, temperature):
    found = probabilities(logits, SampleOptions(temperature=temperature))
    np.testing.assert_allclose(found, softmax(logits.astype(np.float64) / temperature), rtol=1e-9, atol=1e-15)


@given(LOGITS, st.integers(1, 50))
def test_top_k_keeps_the_likeliest_alone_and_their_ratios(logits, top_k):
    found = probabilities(logits, SampleOptions(top_k=top_k))
    kept = np.flatnonzero(found)
    assert len(kept) <= min(top_k, len(logits))
    assert logits[found == 0].max(initial=-np.inf) <= logits[kept].min()
    full = softmax(logits.astype(np.float64))
    np.testing.assert_allclose(found[kept], full[kept] / full[kept].sum(), rtol=1e-9)


@given(LOGITS, st.floats(5e-324, 1e3), st.integers(0, 2**40))
def test_greedy_and_top_1_take_the_first_of_the_likeliest(logits, temperature, seed):
    for options in (SampleOptions(greedy=True, temperature=temperature, seed=seed),
                    SampleOptions(top_k=1, temperature=temperature, seed=seed)):
        draws = Draws(options)
        assert {draws.next(logits) for _ in range(5)} == {int(np.argmax(logits))}


@given(st.permutations(range(12)), st.sampled_from([1e-3, 1e-9, 1e-300, 5e-324]))
def test_as_the_temperature_falls_it_becomes_greedy(logits, temperature):
    found = probabilities(np.array(logits, np.float32), SampleOptions(temperature=temperature))
    assert found[np.argmax(logits)] == pytest.approx(1)


@pytest.mark.parametrize("options", [SampleOptions(seed=3), SampleOptions(seed=4, temperature=0.5),
                                     SampleOptions(seed=5, top_k=4)])
def test_frequencies_are_those_of_the_distribution(options):
    logits = np.array([0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 1.5, 0.2], np.float32)
    draws, count = Draws(options), 20_000
    found = np.bincount([draws.next(logits) for _ in range(count)], minlength=len(logits))
    expected = softmax(logits.astype(np.float64) / options.temperature)
    if options.top_k:
        expected[np.argsort(expected)[:-options.top_k]] = 0
        expected /= expected.sum()
    assert (found[expected == 0] == 0).all()
    assert chisquare(found[expected > 0], count * expected[expected > 0]).pvalue > 1e-3


def test_the_same_seed_draws_the_same_and_another_other_ones():
    logits = np.zeros(50, np.float32)
    drawn = [[draws.next(logits) for _ in range(40)]
             for draws in (Draws(SampleOptions(seed=seed)) for seed in (1, 1, 2))]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_k": -1}, {"length": -1}, {"seed": -1}])
def test_options_out_of_bounds_are_refused(wrong):
    with pytest.raises(UserError, match="must be"):
        SampleOptions(**wrong)
