"""Block sums and bootstrap intervals against sums, resamples and processes made otherwise."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from probe.scan.resampling.block_sums import BlockSums
from probe.scan.resampling.bootstrap import _bounds, intervals

PATTERN = np.array([0, 0, 1, 2, 0])
BOOLEAN = np.array([True, True, False, True])


def sample(seed: int = 0, characters: int = 3000):
    """Activations (N, 5), their bins, labels (N, 4) of which the third is graded and the last absent, predictions."""
    generator = np.random.default_rng(seed)
    labels = np.zeros((characters, 4), np.float32)
    labels[:, 0] = np.repeat(generator.random(characters // 6 + 1) < 0.4, 6)[:characters]
    labels[:, 1] = generator.random(characters) < 0.1
    labels[:, 2] = generator.integers(0, 80, characters)
    noise = generator.normal(size=(characters, 5))
    values = (noise + [1, 0, -0.8, 0.01, 0] * labels[:, PATTERN]).astype(np.float32)
    values[:, 4] = 0.25
    bins = np.clip(128 + 40 * values, 0, 255).astype(np.uint8)
    noise = generator.normal(size=(characters, 4, 3))
    predictions = labels[:, :, None] * [0.3, 0.9, 0.5] + noise
    return values, bins, labels, predictions.astype(np.float32)


def filled(arrays, rows=None) -> BlockSums:
    rows = np.arange(len(arrays[0])) if rows is None else rows
    sums = BlockSums.of(len(arrays[0]), PATTERN, 4)
    sums.update(rows, *(array[rows] for array in arrays))
    return sums


def test_sums_are_those_of_each_block():
    arrays = sample()
    values, bins, labels, predictions = (array.astype(np.float64) for array in arrays)
    sums = filled(arrays)
    assert sums.length == 12 and len(sums.n) == 250
    for block in (0, 7, 249):
        rows = slice(12 * block, 12 * block + 12)
        a, y, x = values[rows], labels[rows], predictions[rows]
        assert sums.n[block] == 12
        np.testing.assert_allclose(sums.unit[block], [a.sum(0), (a**2).sum(0), (a * y[:, PATTERN]).sum(0)])
        np.testing.assert_allclose(sums.label[block], [y.sum(0), (y**2).sum(0)])
        np.testing.assert_allclose(sums.prediction[block], [x.sum(0), (x**2).sum(0), (x * y[:, :, None]).sum(0)])
        for k, p in enumerate(PATTERN):
            for kind in (0, 1):
                counts = np.bincount((bins[rows, k][(y[:, p] > 0.5) == kind] // 4).astype(int), minlength=64)
                np.testing.assert_array_equal(sums.bins[block, k, kind], counts)
    for k, p in enumerate(PATTERN):
        for kind in (0, 1):
            counts = np.bincount(arrays[1][(labels[:, p] > 0.5) == kind, k], minlength=256)
            np.testing.assert_array_equal(sums.fine[k, kind], counts)


@given(cut=st.integers(1, 2999), seed=st.integers(0, 99))
def test_any_order_and_any_parts_give_the_same_sums(cut, seed):
    arrays = sample()
    rows = np.random.default_rng(seed).permutation(3000)
    merged = filled(arrays, rows[:cut])
    merged.merge(filled(arrays, rows[cut:]))
    whole = filled(arrays)
    for name in ("n", "unit", "label", "prediction", "bins", "fine"):
        np.testing.assert_allclose(getattr(merged, name), getattr(whole, name), rtol=1e-9, atol=1e-9)


def test_sums_of_other_texts_or_pairs_are_refused():
    with pytest.raises(ValueError, match="other blocks or other pairs"):
        filled(sample()).merge(BlockSums.of(3001, PATTERN, 4))
    with pytest.raises(ValueError, match="other blocks or other pairs"):
        filled(sample()).merge(BlockSums.of(3000, PATTERN[::-1], 4))


def test_bounds_lie_where_resamples_of_whole_blocks_put_them():
    arrays = sample()
    values, bins, labels, predictions = arrays
    found = intervals(filled(arrays), np.full(5, 11.5), BOOLEAN, seed=1)  # blocks of 115, made of ten times 12
    np.testing.assert_array_equal(found.blocks, 25)
    assert not found.too_short.any()
    generator = np.random.default_rng(0)
    blocks = [np.arange(120 * b, 120 * b + 120) for b in range(25)]
    drawn = {"correlation": [], "auc": [], "gain": []}
    for turn in range(2000):
        rows = np.concatenate([blocks[b] for b in generator.integers(0, 25, 25)])
        unit = np.corrcoef(values[rows, 0], labels[rows, 0])[0, 1]
        drawn["correlation"].append(unit)
        drawn["gain"].append(unit - np.corrcoef(predictions[rows, 0, 1], labels[rows, 0])[0, 1])
        if turn < 500:
            drawn["auc"].append(sklearn.metrics.roc_auc_score(labels[rows, 0], bins[rows, 0]))
    for name, scores in drawn.items():
        tail = scipy.stats.norm.cdf(np.sqrt(25 / 24) * scipy.stats.t.ppf(0.025, 24))
        low, high = np.quantile(scores, [tail, 1 - tail])
        np.testing.assert_allclose(getattr(found, name)[:, 0], [low, high], atol=0.12 * (high - low))


def test_the_gain_is_over_the_best_order_of_the_whole_text():
    values, _, labels, predictions = arrays = sample()
    found = intervals(filled(arrays), np.ones(5), BOOLEAN)
    for k, p in enumerate(PATTERN[:4]):
        ngrams = [abs(np.corrcoef(predictions[:, p, order], labels[:, p])[0, 1]) for order in range(3)]
        assert found.order[k] == np.argmax(ngrams) + 1
        gain = abs(np.corrcoef(values[:, k], labels[:, p])[0, 1]) - max(ngrams)
        assert found.gained[k] == pytest.approx(gain, abs=1e-7)
        assert found.gain[0, k] < gain < found.gain[1, k]


def test_the_shares_are_student_s():
    for blocks in (20, 30, 250):
        tail = scipy.stats.norm.cdf(np.sqrt(blocks / (blocks - 1)) * scipy.stats.t.ppf(0.025, blocks - 1))
        drawn = np.linspace(0, 1, 2001)[:, None]
        np.testing.assert_allclose(_bounds(drawn, np.array([blocks]), 0.95)[:, 0], [tail, 1 - tail], atol=2e-5)
    some = np.concatenate([[[np.nan]], drawn])
    of_blocks = np.array([blocks])
    np.testing.assert_allclose(_bounds(some, of_blocks, 0.95), _bounds(drawn, of_blocks, 0.95))


def test_a_text_of_fewer_than_twenty_blocks_gives_no_interval():
    _, _, labels, _ = arrays = sample()
    found = intervals(filled(arrays), np.array([14.4, 15.6, 15.6, 1e6, 1]), BOOLEAN)
    short = labels[:, 0].reshape(250, 12).sum(axis=1)
    one_sided = min((short > 0).sum(), (short < 12).sum())
    np.testing.assert_array_equal(found.blocks, [20, 19, 19, 0, one_sided])
    np.testing.assert_array_equal(found.too_short, [False, True, True, True, False])
    assert np.isnan(found.correlation[:, 1:4]).all() and np.isnan(found.gain[:, 1:4]).all()
    assert np.isfinite(found.correlation[:, 0]).all() and np.isfinite(found.gained[:4]).all()


def test_blocks_count_as_far_as_the_pattern_varies():
    values, bins, labels, predictions = sample()
    labels[:], values[:, :] = 0, np.random.default_rng(1).normal(size=values.shape)
    labels[1500, 0], values[1500, 0] = 1, 50  # one place in a long text
    labels[:, 1] = 1
    labels[:19 * 12:12, 1] = 0  # nineteen blocks have some characters outside
    labels[:20 * 12:12, 2] = [2, 5] * 10  # twenty in which a graded one varies
    labels[20 * 12:, 2] = 7
    found = intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN)
    np.testing.assert_array_equal(found.blocks, [1, 1, 19, 20, 1])
    np.testing.assert_array_equal(found.too_short, [True, True, True, False, True])
    for bounds in (found.correlation, found.auc, found.gain):
        assert np.isnan(bounds[:, [0, 1, 2, 4]]).all()
    assert found.gained[0] > 0.5 and np.isfinite(found.correlation[:, 3]).all()
    labels[20 * 12, 1] = 0
    assert np.isfinite(intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN).gain[:, 2]).all()


def test_intervals_hold_what_the_text_gives_also_near_one():
    values, bins, labels, predictions = sample()
    labels[:, 0] = np.arange(3000) % 3 == 0
    values[:, 0] = labels[:, 0]
    bins[:, 0] = 100 + labels[:, 0]  # neighbours that are joined in 64 bins
    bins[::500, 0] = 101
    values[:, 1] = 0.5
    values[1500, 1] = 0.5 + 1e-8
    found = intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN)
    auc = sklearn.metrics.roc_auc_score(labels[:, 0], bins[:, 0])
    assert 0.99 < found.auc[0, 0] <= auc <= found.auc[1, 0] <= 1
    np.testing.assert_allclose(found.correlation[:, 0], 1)
    assert found.gain[0, 0] <= found.gained[0] <= found.gain[1, 0]
    assert np.isnan(found.correlation[:, 1]).all() and np.isnan(found.gain[:, 1]).all()


def test_small_numbers_are_no_constants_and_the_rounding_of_large_ones_is():
    values, bins, labels, predictions = sample()
    usual = intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN)
    tiny = intervals(filled((values * np.float32(1e-7), bins, labels, predictions)), np.ones(5), BOOLEAN)
    np.testing.assert_allclose(tiny.correlation[:, :4], usual.correlation[:, :4], atol=1e-4)
    large = np.float32(1e6) + np.round(values * 4) / 16
    found = intervals(filled((large, bins, labels, predictions)), np.ones(5), BOOLEAN)
    np.testing.assert_allclose(found.correlation[:, :4], usual.correlation[:, :4], atol=2e-2)
    values[:, 0] = np.where(labels[:, 0] > 0, np.float32(0.3), np.nextafter(np.float32(0.3), np.float32(1)))
    rounded = intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN)
    assert np.isnan(rounded.correlation[:, 0]).all()


def test_what_is_constant_or_graded_has_no_interval_and_no_warning():
    values, bins, labels, predictions = sample()
    labels[:, 1] = 0
    found = intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN)
    assert np.isnan(found.correlation[:, [2, 4]]).all() and np.isnan(found.auc[:, [2, 3]]).all()
    assert np.isnan(found.gained[[2, 4]]).all() and np.isnan(found.auc[:, 4]).all()
    assert np.isfinite(found.correlation[:, [0, 1, 3]]).all() and np.isfinite(found.auc[:, [0, 1]]).all()
    predictions[:] = 0.5
    useless = intervals(filled((values, bins, labels, predictions)), np.ones(5), BOOLEAN)
    np.testing.assert_allclose(useless.gain[:, 0], useless.correlation[:, 0])


def test_the_same_seed_gives_the_same_interval():
    sums = filled(sample())
    one, same, other = (intervals(sums, np.ones(5), BOOLEAN, seed=seed).correlation for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one[:, :4] != other[:, :4]).all()


def test_intervals_cover_what_is_true_of_slow_processes():
    covered = np.zeros(3)
    for seed in range(60):
        generator = np.random.default_rng(seed)
        y = np.cumsum(generator.random(6000) > 0.9) % 2  # correlation time 9
        noise, slow = generator.normal(size=6000), np.empty(6000)
        slow[0] = noise[0]
        for t in range(1, 6000):
            slow[t] = 0.8 * slow[t - 1] + 0.6 * noise[t]  # the same
        a = (slow + y)[:, None].astype(np.float32)
        x = (generator.normal(size=(6000, 1, 3)) + 0.2 * y[:, None, None]).astype(np.float32)
        bins = np.clip(128 + 40 * a, 0, 255).astype(np.uint8)
        sums = BlockSums.of(6000, np.array([0]), 1)
        sums.update(np.arange(6000), a, bins, y[:, None].astype(np.float32), x)
        found = intervals(sums, np.array([9.0]), np.array([True]), resamples=500, seed=seed)
        r, control = 0.5 / np.sqrt(1.25), 0.1 / np.sqrt(1.01)
        true = (r, scipy.stats.norm.cdf(1 / np.sqrt(2)), r - control)
        for k, bounds in enumerate((found.correlation, found.auc, found.gain)):
            covered[k] += bounds[0, 0] <= true[k] <= bounds[1, 0]
    # The 2.5 % point of a binomial of 60 with 95 %.
    assert (covered >= 53).all(), covered
