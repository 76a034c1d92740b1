"""Measures against scipy and scikit-learn, and the laws of merging."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from probe.scan.measures import AUC, MEASURES, Correlation
from probe.scan.measures.quantiles import Quantiser


def sample(seed: int, n: int = 5000, units: int = 19) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activations (n, units), labels (n, 4) of which the last is graded and large, and which are boolean."""
    generator = np.random.default_rng(seed)
    labels = np.empty((n, 4), np.float32)
    labels[:, 0] = generator.random(n) < 0.3
    labels[:, 1] = generator.random(n) < 0.01
    labels[:, 2] = np.repeat(generator.random(n // 50 + 1) < 0.5, 50)[:n]
    labels[:, 3] = generator.integers(0, 2000, n)
    mixed = generator.normal(size=(4, units))
    activations = np.tanh(0.3 * generator.normal(size=(n, units)) + 0.2 * (labels / labels.std(axis=0)) @ mixed)
    return activations.astype(np.float32), labels, np.array([True, True, True, False])


def filled(kind, seed=0, pieces=(5000,)):
    activations, labels, boolean = sample(seed)
    measure = kind(boolean)
    measure.prepare(activations[:2000], labels[:2000])
    edges = np.cumsum([0, *pieces])
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        measure.update(activations[start:stop], labels[start:stop])
    return measure


def test_correlation_equals_scipy():
    activations, labels, _ = sample(0)
    result = filled(Correlation).result()["correlation"]
    for u in range(activations.shape[1]):
        for p in range(labels.shape[1]):
            expected = scipy.stats.pearsonr(activations[:, u].astype(np.float64), labels[:, p].astype(np.float64))[0]
            assert result[u, p] == pytest.approx(expected, abs=1e-6)


def test_auc_equals_scikit_learn_on_the_quantised_values_and_nearly_on_the_raw_ones():
    activations, labels, boolean = sample(0)
    result = filled(AUC).result()["auc"]
    quantised = Quantiser.fit(activations[:2000]).quantised(activations)
    for u in range(activations.shape[1]):
        for p in range(3):
            exact = sklearn.metrics.roc_auc_score(labels[:, p], quantised[:, u])
            assert result[u, p] == pytest.approx(exact, abs=1e-9)
            raw = sklearn.metrics.roc_auc_score(labels[:, p], activations[:, u])
            assert result[u, p] == pytest.approx(raw, abs=5e-3)
    assert np.isnan(result[:, ~boolean]).all()


def test_quantiles_put_about_equally_many_of_the_pilot_in_each_bin_and_keep_the_order():
    values = np.random.default_rng(0).normal(size=(20_000, 3)).astype(np.float32)
    bins = Quantiser.fit(values).quantised(values)
    for u in range(3):
        order = np.argsort(values[:, u])
        assert (np.diff(bins[order, u].astype(int)) >= 0).all()
        # The grid is coarser than the densest quantiles, so neighbouring bins share unevenly.
        assert np.bincount(bins[:, u], minlength=256).max() < 3 * 20_000 / 256
    beyond = Quantiser.fit(values).quantised(np.array([[-100.0] * 3, [100.0] * 3], np.float32))
    np.testing.assert_array_equal(beyond, [[0] * 3, [255] * 3])


@pytest.mark.parametrize("kind", list(MEASURES.values()))
@given(cuts=st.lists(st.integers(1, 4999), min_size=1, max_size=4, unique=True), swap=st.booleans())
def test_pieces_and_merges_equal_the_whole(kind, cuts, swap):
    activations, labels, boolean = sample(1)
    whole = filled(kind, 1).result()
    first = kind(boolean)
    first.prepare(activations[:2000], labels[:2000])
    parts = []
    for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), 5000], strict=True):
        part = first.empty()
        part.update(activations[start:stop], labels[start:stop])
        parts.append(part)
    total = first.empty()
    for part in reversed(parts) if swap else parts:
        total.merge(part)
    for name, values in total.result().items():
        np.testing.assert_allclose(values, whole[name], atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("kind", list(MEASURES.values()))
def test_parts_prepared_from_different_pilots_are_not_merged(kind):
    one, other = filled(kind, 0), filled(kind, 2)
    with pytest.raises(ValueError, match="different pilots"):
        one.merge(other)


@pytest.mark.parametrize("kind", list(MEASURES.values()))
def test_constants_have_no_score_and_no_warning(kind):
    activations, labels, boolean = sample(0)
    activations[:, 0] = 0.3
    labels[:, 0] = 0
    measure = kind(boolean)
    measure.prepare(activations[:2000], labels[:2000])
    measure.update(activations, labels)
    (result,) = measure.result().values()
    assert np.isnan(result[:, 0]).all()
    assert kind is AUC or np.isnan(result[0]).all()
    assert kind is Correlation or result[0, 1] == 0.5
    assert np.isfinite(result[1:, 1:3]).all()


def test_counts_do_not_overflow_the_kernel_s_own_counters():
    activations = np.zeros((70_000, 2), np.float32)
    labels = np.ones((70_000, 1), np.float32)
    labels[::2] = 0
    measure = AUC(np.array([True]))
    measure.prepare(np.linspace(-1, 1, 200, dtype=np.float32)[:, None].repeat(2, axis=1), labels[:200])
    for _ in range(3):
        measure.update(activations, labels)
    assert measure._counts[:, :, 0].sum() == 2 * 3 * 35_000
    assert measure._counts[:, :, 1].sum() == 2 * 3 * 70_000
    np.testing.assert_array_equal(measure.result()["auc"], 0.5)
