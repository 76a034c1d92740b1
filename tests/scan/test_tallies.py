"""What is summed: counts that never spill, moments that stay exact, parts that join."""

import pickle

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.scan.measures import measured
from probe.scan.tallies import LabelScales, Quantiser, Tallies


def fitted(units: int, boolean: list[bool], rows: int = 400) -> Tallies:
    """Tallies whose pilot is a ramp in every unit and 0, 1, 2 … in every graded pattern."""
    labels = np.where(boolean, np.arange(rows)[:, None] % 2, np.arange(rows)[:, None]).astype(np.float32)
    ramp = np.linspace(-1, 1, rows, dtype=np.float32)[:, None].repeat(units, axis=1)
    return Tallies.fit(ramp, LabelScales.fit(labels, np.array(boolean)))


def test_quantiles_put_about_equally_many_of_the_pilot_in_each_bin_and_keep_the_order():
    values = np.random.default_rng(0).normal(size=(20_000, 3)).astype(np.float32)
    quantiser = Quantiser.fit(values)
    bins = quantiser.quantised(values)
    for u in range(3):
        assert (np.diff(bins[np.argsort(values[:, u]), u].astype(int)) >= 0).all()
        # The grid is coarser than the densest quantiles, so neighbouring bins share unevenly.
        assert np.bincount(bins[:, u], minlength=256).max() < 3 * 20_000 / 256
    beyond = quantiser.quantised(np.array([[-100.0] * 3, [100.0] * 3, [np.inf] * 3, [np.nan] * 3], np.float32))
    np.testing.assert_array_equal(beyond, [[0] * 3, [255] * 3, [255] * 3, [0] * 3])


def units_of_few_values(n: int) -> dict[str, np.ndarray]:
    """Units (n,) float32 whose mass lies at single values."""
    generator = np.random.default_rng(0)
    chance, normal = generator.random(n), generator.normal(size=n)
    units = {"two": chance < 0.2, "rare": chance < 0.001, "three": np.select([chance < 0.2, chance < 0.6], [0.3, -0.7]),
             "one or below": np.where(chance < 0.2, 1, 0.9 * generator.random(n)), "clipped": np.clip(normal, -1, 1),
             "saturated": np.clip(0.5 + normal, 0, 1), "rectified": np.maximum(normal, 0),
             "small": 1e-7 * normal, "large": 1e6 + np.round(16 * normal) / 16,
             "wide": generator.uniform(-1e15, 1e15, n)}
    return {name: values.astype(np.float32) for name, values in units.items()}


def test_bins_tell_apart_what_a_unit_of_few_values_does():
    n, generator = 20_000, np.random.default_rng(1)
    for name, values in units_of_few_values(n).items():
        quantiser = Quantiser.fit(values[:10_000, None])
        bins, distinct = quantiser.quantised(values[:, None])[:, 0], np.unique(values)
        if len(distinct) < 10:
            assert len(np.unique(bins)) == len(distinct), name
        for threshold in (values.max(), np.quantile(values, 0.9), np.median(values)):
            labels = generator.random(n) < np.where(values >= threshold, 0.9, 0.2)
            expected = sklearn.metrics.roc_auc_score(labels, np.searchsorted(distinct, values))
            assert sklearn.metrics.roc_auc_score(labels, bins) == pytest.approx(expected, abs=2e-3), name


def test_measures_of_a_two_valued_unit_are_those_of_scikit_learn():
    n, generator = 20_000, np.random.default_rng(2)
    labels = (generator.random((n, 1)) < 0.2).astype(np.float32)
    values = np.hstack([labels, np.where(generator.random((n, 1)) < 0.1, 1 - labels, labels)])
    scales = LabelScales.fit(labels[:8000], np.array([True]))
    tallies = Tallies.fit(values[:8000], scales)
    tallies.update(values, scales.prepare(labels))
    fields, y = measured(tallies), labels[:, 0]
    for unit in (0, 1):
        a = values[:, unit]
        expected = {"auc": sklearn.metrics.roc_auc_score(y, a), "f1": sklearn.metrics.f1_score(y, a),
                    "iou": sklearn.metrics.jaccard_score(y, a),
                    "mutual_information": sklearn.metrics.mutual_info_score(y, a),
                    "average_precision": sklearn.metrics.average_precision_score(y, a)}
        assert {name: fields[name][unit, 0] for name in expected} == pytest.approx(expected, abs=1e-6)
        assert 0 < fields["f1_threshold"][unit, 0] <= 1


def test_what_a_unit_does_beyond_a_pilot_in_which_it_is_constant_is_told_apart():
    for value in (0.0, 0.3, -1e6):
        pilot = np.full((1000, 1), value, np.float32)
        pilot[::3] = np.nextafter(pilot[0], np.float32(1))
        apart = np.float32(1e-4) * max(abs(value), 1)
        values = np.float32(value) + np.array([[-apart], [0], [apart]], np.float32)
        quantiser = Quantiser.fit(pilot)
        low, same, high = quantiser.quantised(values)[:, 0].tolist()
        assert low < same < high
        assert (quantiser.quantised(pilot) == same).all()


def test_what_float32_rounds_is_constant_and_small_differences_are_not():
    generator = np.random.default_rng(0)
    n = 20_000
    labels = (generator.random((n, 1)) < 0.3).astype(np.float32)
    third = np.where(labels > 0, np.float32(0.3), np.nextafter(np.float32(0.3), np.float32(1)))
    noise = generator.normal(size=(n, 1)) + labels
    values = np.hstack([third, 1e-7 * noise, 1e6 + np.round(16 * noise) / 16, 1e15 * np.tanh(noise)])
    values = values.astype(np.float32)
    for pilot in (values[:5000], values[:1].repeat(100, axis=0)):
        scales = LabelScales.fit(labels[:5000], np.array([True]))
        tallies = Tallies.fit(pilot, scales)
        for part in range(0, n, 5000):
            tallies.update(values[part:part + 5000], scales.prepare(labels[part:part + 5000]))
        fields, exact = measured(tallies), values.astype(np.float64)
        expected = [np.nan, *(np.corrcoef(exact[:, u], labels[:, 0])[0, 1] for u in (1, 2, 3))]
        np.testing.assert_allclose(fields["correlation"][:, 0], expected, atol=2e-5)


def test_a_range_beyond_the_largest_number_can_be_fitted():
    quantiser = Quantiser.fit(np.array([[-3e38], [0], [3e38]], np.float32))
    low, middle, high = quantiser.edges()[0, quantiser.bins[0, [0, 2048, 4095]]]
    assert low == -np.inf and -1e35 <= middle <= 0 and 2.9e38 < high <= 3e38


@given(rows=st.integers(1, 700), units=st.integers(1, 150), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_bins_are_those_between_whose_edges_a_value_lies(rows, units, seed):
    generator = np.random.default_rng(seed)
    quantiser = Quantiser.fit(generator.normal(size=(500, units)).astype(np.float32))
    values = generator.normal(size=(rows, units), scale=1.2).astype(np.float32)
    bins, edges = quantiser.quantised(values), quantiser.edges()
    assert bins.shape == values.shape and bins.dtype == np.uint8
    for u in range(units):
        near = 1e-5 * (1 + np.abs(values[:, u]))  # a value on an edge may round to either side
        assert (edges[u, bins[:, u]] <= values[:, u] + near).all()
        assert (values[:, u] - near < edges[u, bins[:, u].astype(int) + 1]).all()


@given(rows=st.integers(0, 900), units=st.integers(1, 40), patterns=st.integers(0, 140), graded=st.integers(0, 3),
       seed=st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_counts_equal_those_of_numpy(rows, units, patterns, graded, seed):
    generator = np.random.default_rng(seed)
    tallies = fitted(units, [True] * patterns + [False] * graded)
    labels = np.hstack([generator.integers(0, 2, (rows, patterns)), generator.integers(0, 400, (rows, graded))])
    activations = np.tanh(generator.normal(size=(rows, units))).astype(np.float32)
    tallies.update(activations, tallies.scales.prepare(labels.astype(np.float32)))
    sums, bins = tallies.sums(), tallies.quantiser.quantised(activations)
    assert sums.n == rows
    for u in range(units):
        np.testing.assert_array_equal(sums.every[u], np.bincount(bins[:, u], minlength=256))
        for p in range(patterns):
            inside = np.bincount(bins[:, u], weights=labels[:, p], minlength=256)
            np.testing.assert_array_equal(sums.inside[u, :, p], inside)
        for g in range(graded):
            expected = np.zeros((64, 32))
            level = (labels[:, patterns + g, None] >= tallies.scales.edges[g]).sum(axis=1)
            np.add.at(expected, (bins[:, u] // 4, level), 1)
            np.testing.assert_array_equal(sums.levels[u, g], expected)


def test_counters_do_not_spill_into_their_neighbours():
    """Every row falls into one bin: 210,000 rows in counters of 8 bits, three times more than 16 bits hold."""
    tallies = fitted(2, [True, True, True, False])
    labels = np.zeros((70_000, 4), np.float32)
    labels[:, 0], labels[::2, 2] = 1, 1
    for _ in range(3):
        tallies.update(np.zeros((70_000, 2), np.float32), tallies.scales.prepare(labels))
    sums = tallies.sums()
    bin = int(tallies.quantiser.quantised(np.zeros((1, 2), np.float32))[0, 0])
    assert sums.every[:, bin].tolist() == [210_000] * 2
    assert sums.inside[:, bin].tolist() == [[210_000, 0, 105_000]] * 2
    assert sums.levels[:, 0, bin // 4, 0].tolist() == [210_000] * 2
    assert sums.every.sum() == 2 * 210_000 and sums.inside.sum() == 2 * 315_000 and sums.levels.sum() == 2 * 210_000


def test_more_rows_than_32_bits_hold_are_counted():
    tallies = fitted(1, [True, False])
    labels = np.zeros((1000, 2), np.float32)
    labels[::4, 0] = 1
    tallies.update(np.zeros((1000, 1), np.float32), tallies.scales.prepare(labels))
    for _ in range(23):
        tallies.merge(pickle.loads(pickle.dumps(tallies)))
    tallies.update(np.zeros((1000, 1), np.float32), tallies.scales.prepare(labels))
    sums, n = tallies.sums(), 1000 * 2**23 + 1000
    assert sums.n == n > 2**32
    assert (sums.every.max(), sums.inside.max(), sums.levels.max()) == (n, n / 4, n)


def test_moments_equal_those_in_float64_whatever_the_shift_and_scale():
    generator = np.random.default_rng(0)
    n, units = 40_001, 300
    labels = np.stack([generator.random(n) < 0.02, 1000 + generator.integers(0, 300, n), generator.random(n) < 0.5],
                      axis=1).astype(np.float32)
    activations = (generator.normal(size=(n, units)) + 0.1 * labels[:, :1]).astype(np.float32)
    activations[:, :100] = 0.99 + 1e-3 * activations[:, :100]
    scales = LabelScales.fit(labels[:1000], np.array([True, False, True]))
    for pilot in (activations[:1000], activations[:20], activations[:1000] * np.float32(1.001)):
        tallies = Tallies.fit(pilot, scales)
        for start in range(0, n, 7_777):
            tallies.update(activations[start:start + 7_777], scales.prepare(labels[start:start + 7_777]))
        sums, a, y = tallies.sums(), activations.astype(np.float64), labels.astype(np.float64)
        a, y = a - a.mean(axis=0), y - y.mean(axis=0)
        np.testing.assert_allclose(sums.label_means, labels.mean(axis=0, dtype=np.float64), rtol=1e-6)
        np.testing.assert_allclose(sums.label_variances, y.var(axis=0), rtol=1e-6)
        np.testing.assert_allclose(sums.variances, a.var(axis=0), rtol=1e-5)
        spread = np.outer(a.std(axis=0), y.std(axis=0))
        np.testing.assert_allclose(sums.covariances / spread, a.T @ y / n / spread, atol=1e-6)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.013])
@pytest.mark.parametrize("rows", [20_000, 100_000])
def test_equal_products_are_not_rounded_too_often(rows, share):
    labels = (np.random.default_rng(0).random((rows, 1)) < share).astype(np.float32)
    units = np.tile(1.7 * labels - 0.3, (1, 70)).astype(np.float32)
    scales = LabelScales.fit(labels, np.array([True]))
    tallies = Tallies.fit(units, scales)
    tallies.update(units, scales.prepare(labels))
    sums = tallies.sums()
    r = sums.covariances[:, 0] / np.sqrt(sums.variances * sums.label_variances[0])
    np.testing.assert_allclose(r, 1, atol=1e-6)


def test_levels_are_the_distinct_values_where_there_are_few():
    column = np.repeat(np.array([0, 0.1, 2, 7], np.float32), 10)[:, None]
    scales = LabelScales.fit(column, np.array([False]))
    levels = scales.prepare(np.array([[-1], [0], [0.1], [1.9], [2], [6], [7], [99]], np.float32)).levels
    assert levels.tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]]
    many = LabelScales.fit(np.arange(3200, dtype=np.float32)[:, None], np.array([False]))
    shares = np.bincount(many.prepare(np.arange(3200, dtype=np.float32)[:, None]).levels[0])
    assert shares.tolist() == [100] * 32


def test_parts_fitted_to_different_pilots_are_not_merged():
    labels, values = np.arange(400, dtype=np.float32)[:, None], np.linspace(0, 1, 400, dtype=np.float32)[:, None]
    scales = LabelScales.fit(labels, np.array([False]))
    tallies = Tallies.fit(values, scales)
    for other in (Tallies.fit(values**2, scales), Tallies.fit(values, LabelScales.fit(labels % 7, np.array([False])))):
        with pytest.raises(ValueError, match="different pilots"):
            tallies.merge(other)


def test_a_pickle_goes_on_where_it_was():
    generator = np.random.default_rng(0)
    tallies = fitted(5, [True, False, True])
    activations = np.tanh(generator.normal(size=(3000, 5))).astype(np.float32)
    labels = tallies.scales.prepare(generator.integers(0, 2, (3000, 3)).astype(np.float32))
    for _ in range(2):
        tallies.update(activations, labels)
    copied = pickle.loads(pickle.dumps(tallies))
    for each in (tallies, copied):
        each.update(activations, labels)
    one, other = tallies.sums(), copied.sums()
    for name in ("variances", "covariances", "every", "inside", "levels"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert copied.n == 9000


def test_bins_that_are_known_are_not_looked_up_again():
    generator = np.random.default_rng(0)
    one, other = fitted(5, [True, False]), fitted(5, [True, False])
    activations = np.tanh(generator.normal(size=(500, 5))).astype(np.float32)
    labels = one.scales.prepare(generator.integers(0, 2, (500, 2)).astype(np.float32))
    one.update(activations, labels)
    other.update(activations, labels, np.array(one.quantiser.quantised(activations), order="C"))
    np.testing.assert_array_equal(one.sums().inside, other.sums().inside)
    np.testing.assert_array_equal(one.sums().levels, other.sums().levels)
