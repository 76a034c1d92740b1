"""p-values by rolls: brute force, definitions, and the rate of false alarms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.scan.null.label_factors import LabelFactors
from probe.scan.null.rolls import RollNull
from probe.scan.null.significance import benjamini_hochberg, family_p_values, floors, p_values, roll_spacing
from probe.scan.resampling.correlation_time import correlation_time


def maxima_of(seed: int, segments: int = 32, patterns: int = 4) -> np.ndarray:
    generator = np.random.default_rng(seed)
    # Coarse values, so that ties occur, and patterns of different scale.
    return np.round(generator.gamma(3, size=(segments, patterns)) * [0.1, 0.02, 0.3, 0.05][:patterns], 2)


def test_spacing_is_the_smallest_power_of_two_five_times_apart():
    times = np.array([1, 20, 20.1, 100, 245, 1e9, np.nan])
    np.testing.assert_array_equal(roll_spacing(times, 100, 1024), [1, 1, 2, 8, 16, 1024, 1])
    np.testing.assert_allclose(floors(np.array([1, 16]), 1024), [1 / 1024, 1 / 64])


@given(seed=st.integers(0, 999))
def test_p_is_the_share_of_the_patterns_own_rolls(seed):
    maxima, spacing = maxima_of(seed), np.array([1, 2, 8, 32])
    observed = np.stack([maxima[0], maxima[0] / 2, maxima.max(axis=0) + 1])
    p = p_values(maxima, spacing, observed)
    for f, p_row in enumerate(p):
        for column, step in enumerate(spacing):
            own = [maxima[roll, column] for roll in range(0, 32, step)]
            count = 1 + sum(value >= observed[f, column] for value in own[1:])
            assert p_row[column] == pytest.approx(count / len(own))
    np.testing.assert_allclose(p[2], floors(spacing, 32))


@given(seed=st.integers(0, 999))
def test_step_down_by_brute_force(seed):
    maxima = maxima_of(seed)
    observed = maxima[0] * [1, 0.9, 1, 0.5]
    z = [[(maxima[k, p] - maxima[:, p].mean()) / maxima[:, p].std() for p in range(4)] for k in range(32)]
    t = [(observed[p] - maxima[:, p].mean()) / maxima[:, p].std() for p in range(4)]
    order = sorted(range(4), key=lambda p: -t[p])
    expected, before = [0.0] * 4, 0.0
    for place, p in enumerate(order):
        count = 1 + sum(max(z[k][q] for q in order[place:]) >= t[p] for k in range(1, 32))
        before = max(before, count / 32)
        expected[p] = before
    np.testing.assert_allclose(family_p_values(maxima, observed), expected)


def test_weaker_findings_of_a_pattern_have_larger_family_p():
    maxima = maxima_of(3, 256)
    best = maxima[0] + np.array([0.4, 0.02, 0.3, 0.0])
    p = family_p_values(maxima, np.stack([best, 0.7 * best, 0.4 * best]))
    np.testing.assert_array_equal(p[0], family_p_values(maxima, best))
    assert (np.diff(p, axis=0) >= 0).all() and (p[2] > p[0]).all()


@given(seed=st.integers(0, 999), missing=st.lists(st.tuples(st.integers(1, 2), st.integers(0, 3)), max_size=6))
def test_findings_that_a_pattern_has_not_change_nothing(seed, missing):
    """Patterns have unequally many where the units of several checkpoints are followed; what lacks is NaN."""
    maxima = maxima_of(seed)
    observed = maxima[0] * [1, 0.95, 1, 0.9]
    whole = family_p_values(maxima, observed)
    ragged = np.stack([observed, 0.8 * observed, 0.6 * observed])
    for row, column in missing:
        ragged[row, column] = np.nan
    p = family_p_values(maxima, ragged)
    np.testing.assert_array_equal(p[0], whole)
    np.testing.assert_array_equal(np.isnan(p), np.isnan(ragged))


def test_family_p_is_never_below_the_single_one_nor_above_bonferroni_by_much():
    maxima = maxima_of(5, 1024)
    observed = np.quantile(maxima, 0.99, axis=0)
    single = p_values(maxima, np.ones(4, np.int64), observed)
    family = family_p_values(maxima, observed)
    assert (family >= single).all() and (family <= 4 * single + 0.02).all()


def test_an_absent_pattern_changes_nothing_for_the_others():
    maxima, observed = maxima_of(1), maxima_of(1)[0] * 1.3
    gap = np.insert(maxima, 2, np.nan, axis=1)
    with_gap = np.insert(observed, 2, np.nan)
    for p, without in ((family_p_values(gap, with_gap), family_p_values(maxima, observed)),
                       (p_values(gap, np.ones(5, int), with_gap), p_values(maxima, np.ones(4, int), observed))):
        assert np.isnan(p[2])
        np.testing.assert_array_equal(np.delete(p, 2), without)
    assert np.isnan(family_p_values(np.full((8, 2), np.nan), np.full(2, np.nan))).all()
    assert np.isnan(p_values(maxima, np.ones(4, int), np.full(4, np.nan))).all()


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12), alpha=st.floats(0.001, 0.999))
def test_benjamini_and_hochberg_reject_what_their_step_up_rejects(p, alpha):
    ranked = sorted(p)
    passing = [i + 1 for i, value in enumerate(ranked) if value * len(p) / (i + 1) <= alpha]
    rejected = max(passing, default=0)
    adjusted = benjamini_hochberg(np.array(p))
    assert (adjusted <= alpha).sum() >= rejected
    assert (np.sort(adjusted)[:rejected] <= alpha).all()
    assert all(adjusted[i] > alpha for i, value in enumerate(p) if rejected == 0 or value > ranked[rejected - 1])


def test_benjamini_and_hochberg_pass_nan_through():
    adjusted = benjamini_hochberg(np.array([0.01, np.nan, 0.04, 0.03]))
    np.testing.assert_allclose(adjusted, [0.03, np.nan, 0.04, 0.04])


def scanned(seed: int, strength: float = 0.0):
    """Slow units and slow labels that have nothing to do with each other, but for unit 3 with pattern 1."""
    generator = np.random.default_rng(seed)
    segments, length = 128, 64
    characters = segments * length
    keep = np.repeat([0.0, 0.9, 0.99], 8)
    units = np.empty((characters, 24))
    state = generator.normal(size=24)
    noise = generator.normal(size=units.shape) * np.sqrt(1 - keep**2)
    for t in range(characters):
        state = keep * state + noise[t]
        units[t] = state
    stay = np.array([0.5, 0.9, 0.98])
    labels = (np.cumsum(generator.random((characters, 3)) > stay, axis=0) % 2).astype(np.float32)
    units[:, 3] += strength * labels[:, 1]
    null = RollNull(segments, {"units": 24}, 3)
    null.update({"units": units.astype(np.float32).reshape(segments, length, -1)},
                LabelFactors.of(labels.reshape(segments, length, -1)))
    rolled = null.result()
    best = np.abs(rolled.observed).max(axis=0)
    spacing = roll_spacing(correlation_time(labels), length, segments)
    return p_values(rolled.maxima, spacing, best), family_p_values(rolled.maxima, best)


def test_noise_is_called_a_finding_no_oftener_than_it_may():
    single, family = map(np.array, zip(*(scanned(seed) for seed in range(40)), strict=True))
    # 6 of 40 is the 97.5 % point of a binomial with α = 0.05.
    assert ((single <= 0.05).sum(axis=0) <= 6).all()
    assert (family <= 0.05).any(axis=1).sum() <= 6
    assert 0.3 < single.mean() < 0.7


def test_a_planted_unit_is_found():
    single, family = scanned(0, strength=0.6)
    assert single[1] <= 0.05 and family[1] <= 0.05
    assert (family[[0, 2]] > 0.05).all()


