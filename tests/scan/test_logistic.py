"""Sparse logistic probes against a proximal gradient written from the equations, and rows drawn from a text."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.activations import Block
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.scan.controls.logistic import ProbeOptions, logistic_probes
from probe.scan.controls.sample import Sample
from probe.scan.labelled import Labelled
from tests.scan.recorded import Recorded


def activations(seed, rows=1600, units=24):
    """Correlated units of different scales and means, and what they tell of a pattern: most by 4, 9, 13, 2, 20, 7."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, units)) + 0.5 * generator.normal(size=(rows, 1))
    told = x[:, [4, 9, 13, 2, 20, 7]] @ [1.6, -1.3, 1.1, 0.9, -0.8, 0.6]
    y = told + generator.logistic(size=rows) > 1.5
    return (x * np.geomspace(1e-3, 10, units) + 3).astype(np.float32), y


@pytest.fixture(scope="module")
def data():
    x, y = activations(0, 3200)
    return x[:1600], y[:1600], x[1600:], y[1600:]


def standardised(x):
    x = x.astype(np.float64)
    return (x - x.mean(axis=0)) / x.std(axis=0)


def lasso_path(x, y, most):
    """Sets of columns with weights in the optimum of Σ log loss + λ Σ|w|, free intercept, λ falling until there are
    ``most``: by proximal gradients (FISTA) in float64."""
    step = 4 / np.linalg.norm(np.column_stack([x, np.ones(len(x))]), 2) ** 2
    weights, intercept = np.zeros(x.shape[1]), np.log(y.mean() / (1 - y.mean()))
    penalty, found = np.abs((y - y.mean()) @ x).max(), []
    while len(found) == 0 or len(found[-1]) < most:
        penalty *= 0.99
        ahead, ahead_b, momentum = weights, intercept, 1.0
        for _ in range(60):
            residual = 1 / (1 + np.exp(-(x @ ahead + ahead_b))) - y
            moved = ahead - step * (x.T @ residual)
            after = np.sign(moved) * np.maximum(np.abs(moved) - step * penalty, 0)
            after_b = ahead_b - step * residual.sum()
            next_momentum = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
            ahead = after + (momentum - 1) / next_momentum * (after - weights)
            ahead_b = after_b + (momentum - 1) / next_momentum * (after_b - intercept)
            weights, intercept, momentum = after, after_b, next_momentum
        found.append(set(np.flatnonzero(weights).tolist()))
    return found


def maximum_likelihood(x, y):
    """Weights and intercept by a general minimiser."""
    def loss(w):
        z = x @ w[:-1] + w[-1]
        return np.logaddexp(0, z).sum() - z[y].sum()

    return scipy.optimize.minimize(loss, np.zeros(x.shape[1] + 1), method="BFGS").x


def test_one_unit_is_the_most_correlated_one(data):
    one = logistic_probes(*data)[0]
    r = [abs(scipy.stats.pearsonr(column, data[1])[0]) for column in data[0].T.astype(np.float64)]
    assert (one.size, one.units) == (1, (int(np.argmax(r)),))
    assert (one.rows, one.inside) == (1600, int(data[1].sum()))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_five_units_are_the_first_five_of_the_path(seed):
    x, y = activations(seed, 1000)
    five = logistic_probes(x, y, x, y)[1]
    sets = [each for each in lasso_path(standardised(x), y, 5) if len(each) == 5]
    assert five.size == 5 and set(five.units) in sets


def test_few_units_are_fitted_without_penalty_and_scored_on_other_rows(data):
    x, y, held, held_y = data
    five = logistic_probes(*data)[1]
    columns = list(five.units)
    scale = x[:, columns].astype(np.float64)
    mean, deviation = scale.mean(axis=0), scale.std(axis=0)
    *weights, intercept = maximum_likelihood((scale - mean) / deviation, y)
    np.testing.assert_allclose(five.weights, weights, rtol=0.01)
    assert list(np.abs(weights)) == sorted(np.abs(weights), reverse=True)
    predicted = 1 / (1 + np.exp(-((held[:, columns] - mean) / deviation @ np.array(weights) + intercept)))
    pairs = held_y.sum() * (~held_y).sum()
    assert five.auc == pytest.approx(scipy.stats.mannwhitneyu(predicted[held_y], predicted[~held_y])[0] / pairs,
                                     abs=1e-3)
    order = np.argsort(-predicted)
    precision = np.cumsum(held_y[order]) / np.arange(1, len(order) + 1)
    assert five.average_precision == pytest.approx(precision[held_y[order]].mean(), abs=1e-3)
    assert five.correlation == pytest.approx(scipy.stats.pearsonr(predicted, held_y)[0], abs=1e-3)
    assert five.share == held_y.mean()


def test_a_layer_tells_more_than_five_units_and_five_more_than_one(data):
    one, five, layer = logistic_probes(*data)
    assert 0.5 < one.auc < five.auc - 0.03 < layer.auc - 0.03
    assert layer.size == 24 and set(layer.units) >= {4, 9, 13, 2, 20, 7}


def test_noise_is_not_learned_by_heart():
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2400, 300)).astype(np.float32), generator.random(2400) < 0.2
    probes = logistic_probes(x[:1200], y[:1200], x[1200:], y[1200:])
    assert all(abs(probe.auc - 0.5) < 0.07 for probe in probes)
    assert len(probes[-1].units) < 250


def test_units_beyond_the_promising_ones_enter_when_they_are_needed(monkeypatch, data):
    from probe.scan.controls import logistic

    expected = logistic_probes(*data)[1]
    monkeypatch.setattr(logistic, "PROMISING", 2)
    received = logistic_probes(*data)[1]
    assert set(received.units) == set(expected.units)


def test_a_unit_that_is_the_pattern_and_units_that_are_nothing(data):
    x, y, held, held_y = (each.copy() for each in data)
    x[:, 3], held[:, 3] = y * 0.7, held_y * 0.7
    x[:, 5] = held[:, 5] = 2
    x[:, 6], held[:, 6] = x[:, 4], held[:, 4]
    names = range(100, 124)
    one, five, layer = logistic_probes(x, y, held, held_y, names)
    assert one.units == (103,) and five.units[0] == 103
    for probe in (one, five, layer):
        assert probe.auc == 1 and probe.average_precision == 1 and np.isfinite(probe.weights).all()
        assert 105 not in probe.units
    constant = np.ones_like(x)
    constant[:, :3] = x[:, :3]
    few = logistic_probes(constant, y, np.ones_like(held) + held * 0, held_y)
    assert len(few[1].units) <= 5 and np.isfinite(few[1].auc)


def test_the_size_of_activations_does_not_matter_and_their_rounding_tells_nothing(data):
    x, y, held, held_y = data
    small = logistic_probes(x * np.float32(1e-9), y, held * np.float32(1e-9), held_y)
    for probe, other in zip(logistic_probes(*data), small, strict=True):
        assert probe.units == other.units
        np.testing.assert_allclose(other.weights, probe.weights, rtol=1e-3)
    rounding = np.float32(1e3) * (1 + np.float32(2**-23) * np.stack([y, held_y]))
    x, held = x.copy(), held.copy()
    x[:, 8], held[:, 8] = rounding
    assert all(8 not in probe.units for probe in logistic_probes(x, y, held, held_y))


def test_small_layers_have_fewer_probes_and_rare_patterns_none(data):
    x, y, held, held_y = data
    assert [probe.size for probe in logistic_probes(x[:, :4], y, held[:, :4], held_y)] == [1, 4]
    rare = y & (np.cumsum(y) <= 19)
    assert logistic_probes(x, rare, held, held_y) == ()
    assert logistic_probes(x, y, held, np.ones_like(held_y)) == ()


def test_a_layer_that_is_constant_where_weights_are_fitted_has_no_probes(data):
    x, y, held, held_y = data
    still = np.full_like(x, 0.3)
    assert logistic_probes(still, y, held, held_y) == ()
    still[-1] = 0.4
    assert logistic_probes(still, y, held, held_y) == ()


def test_nonsense_is_refused():
    with pytest.raises(UserError, match="--probe-rows must be at least 200"):
        ProbeOptions(probe_rows=10)


TEXT = Corpus.of("the cat ran over a bridge. " * 40)
ARRAYS = {("1", "hidden"): np.random.default_rng(0).normal(size=(len(TEXT), 4)).astype(np.float32),
          ("1", "cell"): np.random.default_rng(1).normal(size=(len(TEXT), 3)).astype(np.float32)}
LABELS = np.random.default_rng(2).random((len(TEXT), 2)).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 500), st.integers(501, len(TEXT)), st.integers(1, 2000), st.integers(1, 300), st.integers(0, 9))
def test_rows_of_a_sample_are_those_of_its_positions_in_any_cutting(start, stop, rows, block, seed):
    segment = Segment(start, stop)
    blocks = Recorded(TEXT, segment, ARRAYS, block)
    parts = [Sample(segment, rows, {("1", "cell"): range(3)}, 2, seed=seed) for _ in range(2)]
    for number, each in enumerate(blocks):
        labels = np.stack([LABELS[first:first + each.length] for first in each.starts.tolist()])
        parts[number % 2].update(Labelled(each, labels, np.zeros(0)))
    whole, other = parts
    whole.merge(other)
    positions = whole.positions
    assert whole.complete and len(positions) == min(rows, stop - start) == len(set(positions.tolist()))
    assert start <= positions.min() <= positions.max() < stop and (np.diff(positions) > 0).all()
    np.testing.assert_array_equal(whole["1", "cell"], ARRAYS["1", "cell"][positions])
    np.testing.assert_array_equal(whole.labels, LABELS[positions])


def test_samples_of_other_characters_do_not_mix():
    samples = [Sample(Segment(0, 1000), 50, {}, 1, seed=seed) for seed in (0, 1)]
    with pytest.raises(ValueError, match="samples of different characters"):
        samples[0].merge(samples[1])
    block = Block(np.array([0]), {}, np.zeros((1, 10), np.float32))
    samples[0].update(Labelled(block, np.zeros((1, 10, 1), np.float32), np.zeros(0)))
    assert not samples[0].complete
