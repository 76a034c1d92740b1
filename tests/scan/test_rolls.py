"""The null by rolls against brute force in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.scan.null.fourier import LANES, Plan, transform
from probe.scan.null.label_factors import LabelFactors
from probe.scan.null.rolls import RollNull, midranks, segments_for

BOTH = {("1", "hidden"): 70, ("2", "cell"): 19}


def sample(segments: int, places: int, units=BOTH, patterns: int = 5, seed: int = 0):
    """Activations and labels that have means, drifts along a segment, constants, and something in common."""
    generator = np.random.default_rng(seed)
    labels = (generator.random((segments, places, patterns)) < 0.3).astype(np.float32)
    labels[..., -1] = 3000 + 5 * generator.normal(size=(segments, places))  # graded, far from 0
    labels[..., 0] = 0
    if patterns > 2:
        labels[..., 1] += np.arange(places)
    values = {}
    for source, count in units.items():
        noise = generator.normal(size=(segments, places, count))
        scale = np.maximum(labels.std(axis=(0, 1)), 1)[:, None]
        noise += labels @ (0.3 * generator.normal(size=(patterns, count)) / scale)
        noise += np.linspace(0, 2, places)[:, None] + 100 * (np.arange(count) % 3 == 1)
        noise[..., 2] = 0.3
        values[source] = noise.astype(np.float32)
    return values, labels


def brute_force(values, labels):
    """|r| at every roll, (S, U, P), from float64 sums."""
    activations = np.concatenate([array.astype(np.float64) for array in values.values()], axis=2)
    out = []
    for roll in range(len(labels)):
        y = np.roll(labels.astype(np.float64), roll, axis=0).reshape(-1, labels.shape[2])
        a = activations.reshape(len(y), -1)
        a, y = a - a.mean(axis=0), y - y.mean(axis=0)
        a[:, np.abs(a).max(axis=0) < 1e-6], y[:, np.abs(y).max(axis=0) < 1e-6] = np.nan, np.nan
        out.append(a.T @ y / np.sqrt(np.outer(np.square(a).sum(axis=0), np.square(y).sum(axis=0))))
    return np.array(out)


def filled(values, labels, cuts=()):
    null = RollNull(len(labels), {source: array.shape[2] for source, array in values.items()}, labels.shape[2])
    edges = [0, *sorted(cuts), labels.shape[1]]
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        null.update({source: array[:, start:stop] for source, array in values.items()},
                    LabelFactors.of(labels[:, start:stop]))
    return null


@pytest.mark.parametrize("size", [1, 2, 4, 8, 32, 64, 1024])
def test_the_transform_is_numpy_s(size):
    generator = np.random.default_rng(0)
    re, im = generator.normal(size=(2, size, LANES)).astype(np.float32)
    expected = np.fft.fft(re.astype(np.float64) + 1j * im, axis=0)
    plan = Plan.of(size)
    transform(re, im, plan.cosines, plan.sines)
    np.testing.assert_allclose((re + 1j * im)[plan.rows], expected, atol=1e-6 * size)


@pytest.mark.parametrize(("segments", "places"), [(1, 40), (2, 33), (4, 1), (16, 70), (64, 16), (512, 3)])
def test_every_roll_equals_brute_force(segments, places):
    values, labels = sample(segments, places)
    expected, rolled = brute_force(values, labels), filled(values, labels).result()
    np.testing.assert_allclose(rolled.observed, expected[0], atol=1e-5)
    assert np.isnan(rolled.maxima[:, 0]).all()
    np.testing.assert_allclose(rolled.maxima[:, 1:], np.nanmax(np.abs(expected[:, :, 1:]), axis=1), atol=1e-5)


def test_more_patterns_than_a_group_and_a_single_unit():
    values, labels = sample(32, 9, {"a": 3}, patterns=67)
    expected, rolled = brute_force(values, labels), filled(values, labels).result()
    np.testing.assert_allclose(rolled.maxima[:, 1:], np.nanmax(np.abs(expected[:, :, 1:]), axis=1), atol=1e-5)
    np.testing.assert_allclose(rolled.observed, expected[0], atol=1e-5)


def test_bytes_with_a_table_are_the_values_that_the_table_gives():
    values, labels = sample(32, 19)
    generator = np.random.default_rng(1)
    bins = {source: generator.integers(0, 256, array.shape).astype(np.uint8) for source, array in values.items()}
    tables = {source: generator.normal(size=(units, 256)).astype(np.float32) for source, units in BOTH.items()}
    null = RollNull(32, BOTH, 5, tables)
    null.update(bins, LabelFactors.of(labels))
    rolled = null.result()
    expected = brute_force({source: np.stack([tables[source][u][bins[source][..., u]] for u in range(units)], axis=2)
                            for source, units in BOTH.items()}, labels)
    np.testing.assert_allclose(rolled.observed, expected[0], atol=1e-5)
    np.testing.assert_allclose(rolled.maxima[:, 1:], np.nanmax(np.abs(expected[:, :, 1:]), axis=1), atol=1e-5)


@pytest.mark.parametrize("size", [1e-22, 1e-29, 1e12])
def test_units_and_labels_of_any_size_are_told(size):
    values, labels = sample(32, 9)
    tiny = {source: (array * size).astype(np.float32) for source, array in values.items()}
    flat = {source: array.reshape(-1, array.shape[2]).astype(np.float64) for source, array in tiny.items()}
    null = RollNull(32, BOTH, 5, scales={source: np.maximum(array.std(axis=0), size) for source, array in flat.items()})
    null.update(tiny, LabelFactors.of((labels * size).astype(np.float32), np.full(5, size)))
    expected, rolled = brute_force(values, labels), null.result()
    np.testing.assert_allclose(rolled.observed, expected[0], atol=1e-5)
    np.testing.assert_allclose(rolled.maxima[:, 1:], np.nanmax(np.abs(expected[:, :, 1:]), axis=1), atol=1e-5)


@pytest.mark.parametrize("segments", [1, 2])
def test_a_text_in_one_segment_has_the_identity_alone(segments):
    values, labels = sample(segments, 40)
    null = RollNull(segments, BOTH, 2)
    null.update(values, LabelFactors.of(labels).only(np.isin(np.arange(5), [2, 3])))
    np.testing.assert_allclose(null.result().observed, brute_force(values, labels[..., [2, 3]])[0], atol=1e-5)


@pytest.mark.parametrize("chosen", [[2], [1, 4], [0, 1, 3]])
def test_some_of_the_patterns_are_what_they_are_alone(chosen):
    values, labels = sample(16, 21)
    null = RollNull(16, BOTH, len(chosen))
    null.update(values, LabelFactors.of(labels).only(np.isin(np.arange(5), chosen)))
    expected = brute_force(values, labels[..., chosen])
    np.testing.assert_allclose(null.result().observed, expected[0], atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(cuts=st.sets(st.integers(1, 49), max_size=4), whose=st.lists(st.booleans(), min_size=5, max_size=5))
def test_any_cutting_and_merging_is_the_whole(cuts, whose):
    values, labels = sample(16, 50)
    whole = filled(values, labels).result()
    parts = [RollNull(16, BOTH, 5) for _ in range(2)]
    edges = [0, *sorted(cuts), 50]
    for part, start, stop in zip(whose, edges[:-1], edges[1:], strict=False):
        parts[part].update({source: array[:, start:stop] for source, array in values.items()},
                           LabelFactors.of(labels[:, start:stop]))
    parts[1].merge(parts[0])
    merged = parts[1].result()
    np.testing.assert_allclose(merged.maxima, whole.maxima, atol=1e-6)
    np.testing.assert_allclose(merged.observed, whole.observed, atol=1e-6)


def test_rolling_the_labels_rolls_the_maxima():
    values, labels = sample(64, 10)
    rolled = filled(values, np.roll(labels, -5, axis=0)).result()
    np.testing.assert_allclose(np.roll(rolled.maxima, -5, axis=0), filled(values, labels).result().maxima, atol=1e-6)


def test_strangers_are_refused():
    values, labels = sample(16, 4)
    null = filled(values, labels)
    with pytest.raises(ValueError, match="same segments"):
        null.merge(RollNull(16, BOTH, 4))
    with pytest.raises(ValueError, match="shapes"):
        null.update(values, LabelFactors.of(labels[:, :3, :4]))
    with pytest.raises(ValueError, match="power of two"):
        RollNull(48, BOTH, 4)


def test_a_null_that_saw_nothing_knows_nothing():
    rolled = RollNull(8, BOTH, 2).result()
    assert np.isnan(rolled.maxima).all() and np.isnan(rolled.observed).all()


def test_as_many_segments_as_text_and_memory_allow():
    assert segments_for(1_000_000, 1024, 40) == 1024
    assert segments_for(1_000_000, 1024, 40, shortest=1000) == 512
    assert segments_for(1_000_000, 8 * 1024, 40) == 256
    assert segments_for(3, 10, 10) == 2
    assert segments_for(10, 10, 10, shortest=100) == 1
    assert segments_for(1_000_000, 1024, 40, memory=1 << 20) == 4


def test_midranks_of_bins_give_the_auc():
    generator = np.random.default_rng(0)
    bins = generator.integers(0, 256, (3000, 5)).astype(np.uint8)
    bins[:, 1] //= 100
    inside = (generator.random(3000) < 0.2 + 0.3 * (bins[:, 0] > 128)).astype(np.float32)
    table = midranks(np.stack([np.bincount(column, minlength=256) for column in bins.T]))
    ranks = table[np.arange(5), bins]
    for u in range(5):
        a, b = (bins[inside == kind, u].astype(int) for kind in (1, 0))
        auc = (np.sign(a[:, None] - b[None, :]) / 2 + 0.5).mean()
        share = inside.mean()
        covariance = np.cov(ranks[:, u], inside, bias=True)[0, 1]
        assert 0.5 + covariance / (share * (1 - share)) == pytest.approx(auc, abs=1e-6)


@pytest.mark.parametrize(("offset", "scale"), [(0, 1e-7), (1e6, 0.25), (-1e6, 0.25)])
def test_units_of_small_scale_or_large_mean_are_held_against_the_null(offset, scale):
    values, labels = sample(16, 50, {("1", "hidden"): 3}, 3)
    moved = (values["1", "hidden"].astype(np.float64) * scale + offset).astype(np.float32)
    rolled = filled({("1", "hidden"): moved}, labels).result()
    expected = brute_force({("1", "hidden"): (moved.astype(np.float64) - offset) / scale}, labels)
    np.testing.assert_allclose(np.abs(rolled.observed[:2, 1:]), np.abs(expected[0, :2, 1:]), atol=1e-3)
    np.testing.assert_allclose(rolled.maxima[:, 1:], np.nanmax(np.abs(expected[:, :2, 1:]), axis=1), atol=1e-3)


def test_what_float32_rounds_is_no_unit():
    _, labels = sample(16, 50, {}, 3)
    third = np.where(labels[..., :1] > 0, np.float32(0.3), np.nextafter(np.float32(0.3), np.float32(1)))
    assert np.isnan(filled({("1", "hidden"): third.repeat(3, axis=2)}, labels).result().observed).all()
