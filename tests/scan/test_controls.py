"""The last-character control against a prediction made by hand."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from probe.scan.controls import LastCharacter

V = 12


def text_and_labels(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    ids = generator.integers(0, V - 2, n)
    labels = np.empty((n, 3), np.float32)
    labels[:, 0] = generator.random(n) < (ids + 1) / 14
    labels[:, 1] = ids == 3
    labels[:, 2] = ids * 2 + generator.normal(size=n)
    return ids, labels


@pytest.fixture
def counted():
    def count(ids, labels):
        control = LastCharacter(V, np.array([True, True, False]))
        for start in range(0, len(ids), 700):
            control.update(ids[start:start + 700], labels[start:start + 700])
        return control

    return count


def test_scores_equal_those_of_a_table_fitted_here_and_applied_there(counted):
    (ids, labels), (other_ids, other_labels) = text_and_labels(0), text_and_labels(1)
    other_ids[:50] = V - 1  # never seen when the table was fitted
    result = counted(ids, labels).scored_on(counted(other_ids, other_labels))
    for p in range(3):
        table = {v: labels[ids == v, p].mean() for v in np.unique(ids)}
        predicted = np.array([table.get(v, labels[:, p].mean()) for v in other_ids], np.float64)
        expected = scipy.stats.pearsonr(predicted, other_labels[:, p].astype(np.float64))[0]
        assert result["correlation"][p] == pytest.approx(expected, abs=1e-9)
        if p < 2:
            auc = sklearn.metrics.roc_auc_score(other_labels[:, p], predicted)
            assert result["auc"][p] == pytest.approx(auc, abs=1e-9)
    assert result["correlation"][1] > 0.95
    assert np.isnan(result["auc"][2])


def test_halves_merged_are_the_whole(counted):
    ids, labels = text_and_labels(0)
    held_out = counted(*text_and_labels(1))
    merged = counted(ids[:1500], labels[:1500])
    merged.merge(counted(ids[1500:], labels[1500:]))
    whole = counted(ids, labels)
    for name, values in whole.scored_on(held_out).items():
        np.testing.assert_allclose(merged.scored_on(held_out)[name], values, rtol=1e-9)


def test_a_label_that_does_not_vary_has_no_score_and_a_table_that_does_not_has_none_to_give(counted):
    ids, labels = text_and_labels(0)
    flat, varied = labels.copy(), labels.copy()
    flat[:, 0] = 0
    assert np.isnan(counted(ids, labels).scored_on(counted(ids, flat))["correlation"][0])
    assert counted(ids, flat).scored_on(counted(ids, varied))["correlation"][0] == 0
    assert counted(ids, flat).scored_on(counted(ids, varied))["auc"][0] == 0.5
