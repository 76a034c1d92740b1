"""The laws of LRP and DeepLIFT on every layer that they know, and their forward pass against Keras'."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from probe.explain.attribution import Attribution
from probe.explain.question.network import Network
from probe.explain.question.question import Question, ask
from probe.explain.question.step import with_mask
from probe.explain.registry import method_of
from probe.model.engine import tf
from tests.explain.rule_networks import FORWARD, RECURRENT, TEXTS, network

# The networks of these tests flatten masked sequences.
pytestmark = [pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask"),
              pytest.mark.usefixtures("eager")]
METHODS = ("lrp_epsilon", "lrp_gamma", "lrp_alpha_beta")


@cache
def asked(name: str) -> Question:
    """Return a question about the second logit, with a baseline that is neither zero nor symmetric."""
    baseline = np.random.default_rng(5).normal(size=(7, 3))
    return ask(Network.of(network(name)), [TEXTS], target=1, baseline=baseline)


def score(question: Question, points: np.ndarray) -> np.ndarray:
    """Return Keras' second logit where the embedding puts out ``points``."""
    (place,), (mask,) = question.places, question.masks
    given = with_mask(tf.constant(points, tf.float32), None if mask is None else tf.constant(mask))
    found = question.network.run({place: given}, [question.target.value])
    return np.asarray(found[question.target.value], np.float64)[:, 1]


def total(found: Attribution) -> np.ndarray:
    return found.parts[0].sum(axis=(1, 2))


@pytest.mark.parametrize("name", FORWARD | RECURRENT)
def test_lrp_loses_nothing_and_makes_nothing(name: str) -> None:
    question = asked(name)
    scores = score(question, question.points[0])
    for method in METHODS:
        found = method_of(method, {}).attribute(question)
        taken = found.check.taken
        np.testing.assert_allclose(found.scores, scores, rtol=1e-5, atol=1e-6)
        # What cancels in the sum may have been large.
        size = np.abs(found.parts[0]).sum(axis=(1, 2)) + sum(np.abs(each) for each in taken.values())
        assert (np.abs(sum(taken.values()) - found.scores) <= 1e-9 * size).all()
        assert (np.abs(taken["inputs"] - total(found)) <= 1e-9 * size).all()
        np.testing.assert_allclose(found.tokens, found.parts[0].sum(axis=2))
        if method != "lrp_alpha_beta":
            assert (taken["leak"] == 0).all()


@pytest.mark.parametrize("name", FORWARD | RECURRENT)
@pytest.mark.parametrize("method", ["lrp_epsilon", "lrp_gamma"])
def test_with_equal_shares_the_inputs_alone_add_up(name: str, method: str) -> None:
    question = asked(name)
    found = method_of(method, {"bias": "inputs"}).attribute(question)
    size = np.abs(found.parts[0]).sum(axis=(1, 2))
    assert (np.abs(total(found) - found.scores) <= 1e-9 * size).all()
    assert all((each == 0).all() for taker, each in found.check.taken.items() if taker != "inputs")


@pytest.mark.parametrize("name", FORWARD | RECURRENT)
def test_contributions_of_deep_lift_add_up_to_the_difference(name: str) -> None:
    question = asked(name)
    found = method_of("deep_lift", {"products": "halves"}).attribute(question)
    difference = score(question, question.points[0]) - score(question, question.baselines[0])
    np.testing.assert_allclose(total(found), difference, rtol=2e-5, atol=3e-6)
    np.testing.assert_allclose(found.check.found, found.check.expected, rtol=1e-9, atol=1e-9)
    assert np.abs(difference).max() > 1e-3


@pytest.mark.parametrize("name", RECURRENT)
def test_for_a_small_difference_deep_lift_is_the_gradient(name: str) -> None:
    question = asked(name)
    (point,), (place,), (mask,) = question.points, question.places, question.masks
    small = np.random.default_rng(6).choice([-1e-3, 1e-3], point.shape)
    found = method_of("deep_lift", {"products": "halves"}).attribute(replace(question, baselines=(point - small,)))
    middle = with_mask(tf.constant(point - small / 2, tf.float32), None if mask is None else tf.constant(mask))
    with tf.GradientTape() as tape:
        tape.watch(middle)
        scores = question.network.run({place: middle}, [question.target.value])[question.target.value][:, 1]
    np.testing.assert_allclose(found.parts[0] / small, np.asarray(tape.gradient(scores, middle)), rtol=1e-3, atol=1e-4)
