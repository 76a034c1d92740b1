"""Measures against scipy and scikit-learn on the same quantised values, and the laws that all of them keep."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.scan.measures import LIMITS, MEASURES, measured, raw_scores
from probe.scan.tallies import LabelScales, Tallies

BOOLEAN = np.array([True, True, True, False, True, False])
PROMISED = ("correlation", "auc", "cohens_d", "mutual_information", "f1", "f1_threshold", "f1_direction", "iou",
            "iou_threshold", "iou_direction", "average_precision", "spearman")
FIELDS = tuple(LIMITS)


def sample(seed: int, n: int = 3000, units: int = 19) -> tuple[np.ndarray, np.ndarray]:
    """Activations (n, units) and labels (n, 6): frequent, rare, in stretches, graded, absent, graded with few."""
    generator = np.random.default_rng(seed)
    labels = np.zeros((n, 6), np.float32)
    labels[:, 0] = generator.random(n) < 0.3
    labels[:, 1] = generator.random(n) < 0.01
    labels[:, 2] = np.repeat(generator.random(n // 50 + 1) < 0.5, 50)[:n]
    labels[:, 3] = generator.integers(0, 2000, n)
    labels[:, 5] = generator.integers(0, 5, n)
    mixed = generator.normal(size=(6, units))
    spread = np.where(labels.std(axis=0) > 0, labels.std(axis=0), 1)
    activations = np.tanh(0.3 * generator.normal(size=(n, units)) + 0.2 * (labels / spread) @ mixed)
    activations[:, 0] = 0.3
    activations[:, 1] = np.round(activations[:, 1], 1)
    return activations.astype(np.float32), labels


def filled(activations: np.ndarray, labels: np.ndarray, pieces: tuple[int, ...] = ()) -> Tallies:
    scales = LabelScales.fit(labels[:2000], BOOLEAN)
    tallies = Tallies.fit(activations[:2000], scales)
    for part in np.split(np.arange(len(labels)), pieces):
        tallies.update(activations[part], scales.prepare(labels[part]))
    return tallies


@pytest.fixture(scope="module")
def known():
    activations, labels = sample(0)
    tallies = filled(activations, labels)
    return activations, labels, tallies, measured(tallies), tallies.quantiser.quantised(activations)


def cohens_d(inside: np.ndarray, outside: np.ndarray) -> float:
    squares = sum(((each - each.mean())**2).sum() for each in (inside, outside))
    return (inside.mean() - outside.mean()) / np.sqrt(squares / (len(inside) + len(outside) - 2))


def pairs(boolean: bool):
    """Columns of units that vary and of patterns of a kind that occur."""
    return [(u, p) for u in range(1, 19) for p in np.flatnonzero(boolean == BOOLEAN) if p != 4]


def test_fields_have_the_names_that_are_promised(known):
    *_, fields, _ = known
    assert tuple(fields) == FIELDS and FIELDS[:len(PROMISED)] == PROMISED
    assert all(values.shape == (19, 6) and values.dtype == np.float64 for values in fields.values())


def test_fields_lie_between_their_ends(known):
    *_, fields, _ = known
    for name, (least, most) in LIMITS.items():
        found = fields[name][~np.isnan(fields[name])]
        assert len(found) and least <= found.min() and found.max() <= most, name


@pytest.mark.parametrize("boolean", [True, False])
def test_correlation_equals_scipy_on_the_activations_themselves(known, boolean):
    activations, labels, _, fields, _ = known
    for u, p in pairs(boolean):
        expected = scipy.stats.pearsonr(activations[:, u].astype(np.float64), labels[:, p].astype(np.float64))[0]
        assert fields["correlation"][u, p] == pytest.approx(expected, abs=1e-6)


def test_auc_and_average_precision_equal_scikit_learn(known):
    _, labels, _, fields, bins = known
    for u, p in pairs(True):
        auc = sklearn.metrics.roc_auc_score(labels[:, p], bins[:, u])
        assert fields["auc"][u, p] == pytest.approx(auc, abs=1e-9)
        score = bins[:, u] if auc >= 0.5 else 255 - bins[:, u]
        expected = sklearn.metrics.average_precision_score(labels[:, p], score)
        assert fields["average_precision"][u, p] == pytest.approx(expected, abs=1e-9)


def test_cohens_d_is_the_difference_of_means_in_pooled_deviations(known):
    activations, labels, _, fields, _ = known
    for u, p in pairs(True):
        a, inside = activations[:, u].astype(np.float64), labels[:, p] == 1
        assert fields["cohens_d"][u, p] == pytest.approx(cohens_d(a[inside], a[~inside]), abs=1e-5)


def test_mutual_information_equals_scikit_learn(known):
    _, labels, _, fields, bins = known
    for u, p in pairs(True):
        expected = sklearn.metrics.mutual_info_score(labels[:, p], bins[:, u])
        assert fields["mutual_information"][u, p] == pytest.approx(expected, abs=1e-9)


def test_the_best_threshold_is_the_best_of_all_and_reaches_what_it_says(known):
    activations, labels, _, fields, bins = known
    for u, p in pairs(True):
        truth, a = labels[:, p] == 1, activations[:, u]
        for name, score in (("f1", sklearn.metrics.f1_score), ("iou", sklearn.metrics.jaccard_score)):
            best, threshold, direction = (fields[name + end][u, p] for end in ("", "_threshold", "_direction"))
            said = a >= threshold if direction > 0 else a < threshold
            assert score(truth, said) == pytest.approx(best, abs=2e-3)  # an edge may round to the other side of a value
        precision, recall, _ = sklearn.metrics.precision_recall_curve(truth, bins[:, u])
        below, recalled, _ = sklearn.metrics.precision_recall_curve(truth, 255 - bins[:, u])
        precision, recall = np.r_[precision, below], np.r_[recall, recalled]
        f1 = (2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()
        assert fields["f1"][u, p] == pytest.approx(f1, abs=1e-9)
        assert fields["iou"][u, p] == pytest.approx(f1 / (2 - f1), abs=1e-9)


def test_thresholds_name_the_side_on_which_a_planted_unit_is(known):
    generator = np.random.default_rng(3)
    labels = np.zeros((3000, 6), np.float32)
    labels[:, 0] = generator.random(3000) < 0.2
    high = (0.8 * labels[:, 0] + 0.3 * generator.random(3000)).astype(np.float32)
    fields = measured(filled(np.stack([high, -high], axis=1), labels))
    assert fields["f1_direction"][:, 0].tolist() == [1, -1]
    assert 0.29 < fields["f1_threshold"][0, 0] <= 0.81 and -0.81 <= fields["f1_threshold"][1, 0] < -0.29
    np.testing.assert_allclose(fields["f1"][:, 0], 1, atol=0.01)
    np.testing.assert_allclose(fields["auc"][:, 0], [1, 0], atol=0.01)


def test_spearman_equals_scipy(known):
    _, labels, tallies, fields, bins = known
    for u, p in pairs(False):
        edges = tallies.scales.edges[list(np.flatnonzero(~BOOLEAN)).index(p)]
        levels = (labels[:, p, None] >= edges).sum(axis=1)
        expected = scipy.stats.spearmanr(bins[:, u] // 4, levels).statistic
        assert fields["spearman"][u, p] == pytest.approx(expected, abs=1e-9)
        raw = scipy.stats.spearmanr(known[0][:, u], labels[:, p]).statistic
        assert fields["spearman"][u, p] == pytest.approx(raw, abs=5e-3)


def test_quantised_scores_are_near_those_of_the_raw_values(known):
    activations, labels, _, fields, _ = known
    for u, p in pairs(True):
        raw = raw_scores(activations[:, u], labels[:, p], boolean=True)
        assert fields["auc"][u, p] == pytest.approx(raw["auc"], abs=3e-3)
        if p != 1:  # of 30 rows a bin of 12 is a great part
            assert fields["f1"][u, p] == pytest.approx(raw["f1"], abs=1e-2)
        assert fields["mutual_information"][u, p] == pytest.approx(raw["mutual_information"], abs=0.02)


def test_what_is_constant_or_absent_has_no_score_and_no_warning(known):
    *_, fields, _ = known
    for name, values in fields.items():
        assert np.isnan(values[0]).all(), name
        assert np.isnan(values[:, 4]).all(), name
        graded_only = name == "spearman"
        defined = graded_only != BOOLEAN if name != "correlation" else np.ones(6, bool)
        assert np.isnan(values[:, ~defined]).all(), name
        defined[4] = False
        assert not np.isnan(values[1:, defined]).any(), name


@pytest.mark.parametrize("offset", [0, 3.0])
def test_units_that_become_constant_after_the_pilot_have_no_score(offset):
    activations, labels = sample(0)
    scales = LabelScales.fit(labels, BOOLEAN)
    tallies = Tallies.fit(activations, scales)
    activations[:] = activations.mean(axis=0) + offset
    tallies.update(activations, scales.prepare(labels))
    assert all(np.isnan(values).all() for values in measured(tallies).values())


@pytest.mark.parametrize("rows", [1, 2, 3, 300, 20_000])
def test_a_unit_that_is_the_pattern_has_no_cohens_d(rows):
    labels = (np.arange(rows) % 3 == 0).astype(np.float32)[:, None]
    activations = np.where(labels > 0, [0.7, -0.3, 0.76], [0, 0.9, 0.11]).astype(np.float32)
    scales = LabelScales.fit(labels, np.array([True]))
    tallies = Tallies.fit(activations, scales)
    tallies.update(activations, scales.prepare(labels))
    assert np.isnan(measured(tallies)["cohens_d"]).all()
    assert all(np.isnan(raw_scores(column, labels[:, 0], True)["cohens_d"]) for column in activations.T)


def test_tallies_that_have_seen_nothing_have_no_scores_and_no_warnings():
    activations, labels = sample(0)
    empty = Tallies.fit(activations, LabelScales.fit(labels, BOOLEAN))
    assert all(np.isnan(values).all() for values in measured(empty).values())


@pytest.mark.parametrize("name", list(MEASURES))
@given(cuts=st.lists(st.integers(1, 2999), max_size=4, unique=True), order=st.permutations(range(5)),
       seed=st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_no_measure_minds_pieces_their_order_or_the_order_of_rows(name, cuts, order, seed):
    activations, labels = sample(1)
    whole = filled(activations, labels)
    shuffled = np.random.default_rng(seed).permutation(3000)
    parts = np.split(shuffled, sorted(cuts))
    total = whole.empty()
    for place in order:
        if place < len(parts):
            part = whole.empty()
            part.update(activations[parts[place]], whole.scales.prepare(labels[parts[place]]))
            total.merge(part)
    expected = MEASURES[name](whole.sums())
    # Cohen's d of a rare pattern is ten times its correlation, and so is its rounding; it may be far above 1.
    near, of_large = (1e-5, 1e-5) if name == "cohens_d" else (1e-6, 0)
    for field, values in MEASURES[name](total.sums()).items():
        np.testing.assert_allclose(values, expected[field], atol=near, rtol=of_large, equal_nan=True)


@given(n=st.integers(20, 300), digits=st.integers(0, 3), seed=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_raw_measures_equal_scipy_and_scikit_learn(n, digits, seed):
    generator = np.random.default_rng(seed)
    graded = generator.integers(0, 9, n).astype(np.float32)
    values = np.round(generator.normal(size=n) + 0.2 * graded, digits).astype(np.float32)
    truth = graded > 5
    truth[:2], values[:2] = [True, False], [9, -9]
    found = raw_scores(values, truth, boolean=True)
    exact = values.astype(np.float64)
    assert tuple(found) == FIELDS and np.isnan(found["spearman"])
    assert found["correlation"] == pytest.approx(scipy.stats.pearsonr(exact, truth)[0], abs=1e-9)
    auc = sklearn.metrics.roc_auc_score(truth, values)
    assert found["auc"] == pytest.approx(auc, abs=1e-9)
    score = values if auc >= 0.5 else -values
    assert found["average_precision"] == pytest.approx(sklearn.metrics.average_precision_score(truth, score), abs=1e-9)
    assert found["cohens_d"] == pytest.approx(cohens_d(exact[truth], exact[~truth]), abs=1e-9)
    detected = values >= found["f1_threshold"] if found["f1_direction"] > 0 else values < found["f1_threshold"]
    assert found["f1"] == pytest.approx(sklearn.metrics.f1_score(truth, detected), abs=1e-9)
    said = np.concatenate([values >= values[:, None], values <= values[:, None]])
    best = (2 * (said & truth).sum(axis=1) / (said.sum(axis=1) + truth.sum())).max()
    assert found["f1"] == pytest.approx(best, abs=1e-9)
    assert found["iou"] == pytest.approx(best / (2 - best), abs=1e-9)
    if n <= 256:
        information = sklearn.metrics.mutual_info_score(truth, np.unique(values, return_inverse=True)[1])
        assert found["mutual_information"] == pytest.approx(information, abs=1e-9)
    ranked = raw_scores(values, graded, boolean=False)
    assert ranked["spearman"] == pytest.approx(scipy.stats.spearmanr(exact, graded).statistic, abs=1e-9)
    assert ranked["correlation"] == pytest.approx(scipy.stats.pearsonr(exact, graded)[0], abs=1e-9)
    assert all(np.isnan(ranked[name]) for name in FIELDS if name not in ("spearman", "correlation"))


def test_raw_measures_of_a_constant_or_of_one_class_are_nan():
    values, labels = np.linspace(0, 1, 50), np.arange(50) % 2
    for found in (raw_scores(np.full(50, 0.1), labels, boolean=True), raw_scores(values, np.ones(50), boolean=True),
                  raw_scores(np.full(50, 0.1), np.arange(50), boolean=False)):
        assert tuple(found) == FIELDS and all(map(np.isnan, found.values()))
