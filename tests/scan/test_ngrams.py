"""N-grams against tables in dictionaries, filled one character at a time."""

import tracemalloc
from collections import defaultdict

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.scan.controls import ngrams
from probe.scan.controls.ngrams import NGrams

BOOLEAN = np.array([True, True, False])
V = 5


def text(seed, n, vocabulary=V):
    """Ids (n,) and labels (n, 3) that depend on the last three characters: noisily, wholly, and by degrees."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(0, vocabulary, n)
    before, two = np.concatenate([[0], ids[:-1]]), np.concatenate([[0, 0], ids[:-2]])
    labels = np.empty((n, 3), np.float32)
    labels[:, 0] = generator.random(n) < (ids + before + two + 1) / 16
    labels[:, 1] = (ids == 1) & (before == 2)
    labels[:, 2] = ids * 2 - two + generator.normal(size=n)
    return ids, labels


def with_before(ids, start, stop):
    positions = np.arange(start - 2, stop)
    return np.where(positions < 0, -1, ids[np.maximum(positions, 0)])[None]


def counted(ids, labels, cuts=(), **settings):
    grams = NGrams(settings.pop("vocabulary", V), BOOLEAN, **settings)
    for start, stop in zip([0, *cuts], [*cuts, len(ids)], strict=True):
        grams.update(with_before(ids, start, stop), labels[None, start:stop])
    return grams


class Dictionary:
    """The last 1 to 3 characters as tuples → labels seen, in pure Python."""

    def __init__(self, ids, labels, prior):
        self.seen, self.prior, self.mean = defaultdict(list), prior, labels.astype(np.float64).mean(axis=0)
        padded = [-1, -1, *ids.tolist()]
        for t, row in enumerate(labels.astype(np.float64)):
            for n in (1, 2, 3):
                self.seen[tuple(padded[t + 3 - n:t + 3])].append(row)

    def estimate(self, context):
        if not context:
            return self.mean
        shorter = self.estimate(context[1:])
        rows = self.seen.get(context)
        return shorter if rows is None else (np.sum(rows, axis=0) + self.prior * shorter) / (len(rows) + self.prior)

    def predictions(self, ids):
        padded = [-1, -1, *ids.tolist()]
        return np.array([[self.estimate(tuple(padded[t + 3 - n:t + 3])) for t in range(len(ids))] for n in (1, 2, 3)])


@pytest.mark.parametrize("prior", [1.0, 0.3, 7.0])
def test_predictions_are_those_of_dictionaries(prior):
    ids, labels = text(0, 700)
    other, _ = text(1, 300, V + 1)  # with a character that was never seen
    grams = counted(ids, labels, vocabulary=V + 1, prior=prior)
    received = grams.predictions(with_before(other, 0, 300))
    assert received.shape == (3, 1, 300, 3) and received.dtype == np.float32
    np.testing.assert_allclose(received[:, 0], Dictionary(ids, labels, prior).predictions(other), rtol=1e-6, atol=1e-6)


def test_scores_are_those_of_predictions_made_one_by_one():
    (ids, labels), (other, held_out) = text(0, 3000), text(1, 2000)
    scores = counted(ids, labels).scored_on(counted(other, held_out))
    expected = Dictionary(ids, labels, 1.0).predictions(other)
    for n in range(3):
        for p in range(3):
            r = scipy.stats.pearsonr(expected[n, :, p], held_out[:, p].astype(np.float64))[0]
            assert scores["correlation"][n, p] == pytest.approx(r, abs=1e-6)
            if BOOLEAN[p]:
                auc = sklearn.metrics.roc_auc_score(held_out[:, p], expected[n, :, p].astype(np.float32))
                assert scores["auc"][n, p] == pytest.approx(auc, abs=1e-6)
    assert np.isnan(scores["auc"][:, 2]).all()
    assert scores["correlation"][0, 1] < 0.7 < 0.99 < scores["correlation"][1, 1]
    assert scores["correlation"][1, 2] < scores["correlation"][2, 2] - 0.05


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 99), st.lists(st.integers(1, 399), max_size=6, unique=True).map(sorted),
       st.lists(st.booleans(), min_size=7, max_size=7), st.sampled_from([1, 50, 10_000]))
def test_parts_in_any_cutting_and_merged_in_any_way_are_the_whole(seed, cuts, sides, waiting):
    ids, labels = text(seed, 400)
    whole, parts = counted(ids, labels), [NGrams(V, BOOLEAN), NGrams(V, BOOLEAN)]
    held, ngrams.WAITING = ngrams.WAITING, waiting
    try:
        for start, stop, side in zip([0, *cuts], [*cuts, 400], sides, strict=False):
            parts[side].update(with_before(ids, start, stop), labels[None, start:stop])
        parts[0].merge(parts[1])
        contexts = with_before(text(seed + 1, 200)[0], 0, 200)
        np.testing.assert_allclose(parts[0].predictions(contexts), whole.predictions(contexts), atol=1e-6)
        held_out = counted(*text(seed + 2, 500))
        for name, scores in whole.scored_on(held_out).items():
            np.testing.assert_allclose(parts[0].scored_on(held_out)[name], scores, atol=1e-9)
            np.testing.assert_allclose(held_out.scored_on(parts[0])[name], held_out.scored_on(whole)[name], atol=1e-9)
    finally:
        ngrams.WAITING = held


def test_streams_side_by_side_are_the_text():
    ids, labels = text(3, 600)
    grams = NGrams(V, BOOLEAN)
    contexts = np.concatenate([with_before(ids, start, start + 200) for start in (0, 200, 400)])
    for first in range(0, 200, 64):
        grams.update(contexts[:, first:first + 66],
                     np.stack([labels[start + first:start + min(first + 64, 200)] for start in (0, 200, 400)]))
    np.testing.assert_allclose(grams.predictions(contexts), counted(ids, labels).predictions(contexts), atol=1e-6)
    with pytest.raises(ValueError, match=r"labels must be \(3, 200, 3\); received \(200, 3, 3\)"):
        grams.update(contexts, np.zeros((200, 3, 3), np.float32))


def test_the_numbers_of_contexts_do_not_overflow_for_the_largest_vocabulary():
    ids = np.array([65534, 65534, 65534, 0, 65534, 65533, 65534, 65534, 65534])
    labels = np.zeros((9, 3), np.float32)
    labels[[2, 8], 0] = 1  # after three of the last character, and nowhere else
    grams = counted(ids, labels, vocabulary=65535, prior=1e-9)
    np.testing.assert_allclose(grams.predictions(with_before(ids, 0, 9))[2, 0, :, 0], labels[:, 0], atol=1e-6)
    codes = grams._whole().codes
    assert codes.min() > 0 and (np.diff(codes) > 0).all()


def test_contexts_beyond_the_bound_count_for_shorter_ones(monkeypatch):
    monkeypatch.setattr(ngrams, "WAITING", 1)
    ids, labels = text(0, 3000)
    begun = counted(ids[:10], labels[:10])
    known = len(begun._whole())
    bounded = counted(ids, labels, cuts=(10, 800), most=known)
    unbounded = counted(ids, labels)
    contexts = with_before(ids, 0, 3000)
    received, expected = bounded.predictions(contexts), unbounded.predictions(contexts)
    np.testing.assert_allclose(received[0], expected[0], atol=1e-6)
    first = [tuple(contexts[0, t:t + 3]) for t in range(10)]
    kept = np.array([tuple(contexts[0, t:t + 3]) in first for t in range(3000)])
    assert 0.02 < kept.mean() < 0.3
    # Those that came first have all their own labels, and only the shorter context is poorer.
    own = {tuple(contexts[0, t:t + 3]) for t in np.flatnonzero(kept)}
    table = {divmod(code // 7, 7) + (code % 7,): count for code, count in
             zip(bounded._whole().codes.tolist(), bounded._whole().counts.tolist(), strict=True)}
    for context in own:
        rows = sum(tuple(contexts[0, t:t + 3]) == context for t in range(3000))
        assert table[tuple(digit + 2 for digit in context[::-1])] == rows
    np.testing.assert_array_equal(received[2][0, ~kept], received[1][0, ~kept])
    assert len(table) <= 2 * known + V + 2
    assert sum(table.values()) == 3000


def test_bigrams_survive_where_only_trigrams_are_too_many(monkeypatch):
    monkeypatch.setattr(ngrams, "WAITING", 1)
    ids, labels = text(0, 3000)
    bounded = counted(ids, labels, cuts=(400, 900, 2000), most=60)
    contexts = with_before(ids, 0, 3000)
    np.testing.assert_allclose(bounded.predictions(contexts)[:2], counted(ids, labels).predictions(contexts)[:2],
                               atol=1e-6)


def test_labels_that_do_not_vary_have_no_score_and_text_unseen_gives_none():
    ids, labels = text(0, 500)
    flat = labels.copy()
    flat[:, 0] = 0
    scores = counted(ids, labels).scored_on(counted(ids, flat))
    assert np.isnan(scores["correlation"][:, 0]).all() and np.isnan(scores["auc"][:, 0]).all()
    scores = counted(ids, flat).scored_on(counted(ids, labels))
    np.testing.assert_array_equal(scores["correlation"][:, 0], 0)
    np.testing.assert_array_equal(scores["auc"][:, 0], 0.5)
    empty = NGrams(V, BOOLEAN)
    assert np.isnan(counted(ids, labels).scored_on(empty)["correlation"]).all()
    np.testing.assert_array_equal(empty.predictions(with_before(ids, 0, 500)), 0)


@pytest.mark.parametrize("scale", [1e-7, 1e-5, 1e5, 1e30])
def test_scores_do_not_depend_on_the_scale_of_labels(scale):
    (ids, labels), (other, held_out) = text(0, 3000), text(1, 2000)
    usual = counted(ids, labels).scored_on(counted(other, held_out))["correlation"]
    factor = np.float32(scale)
    received = counted(ids, labels * factor).scored_on(counted(other, held_out * factor))["correlation"]
    np.testing.assert_allclose(received, usual, atol=1e-5)
    assert (np.abs(usual[:, 2]) > 0.3).all()


def test_labels_that_are_the_same_tell_nothing():
    (ids, labels), (other, held_out) = text(0, 3000), text(1, 2000)
    labels[:, 0], held_out[:, 2] = 0.3, 0.3
    received = counted(ids, labels).scored_on(counted(other, held_out))["correlation"]
    np.testing.assert_array_equal(received[:, 0], 0)
    assert np.isnan(received[:, 2]).all()


def test_adding_up_tables_copies_none_of_their_sums():
    contexts, patterns = 2000, 512
    table = ngrams._Table(np.arange(contexts), np.ones(contexts), np.ones((contexts, patterns)))
    tracemalloc.start()
    try:
        joined = ngrams._Table.joined([table, table])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (joined.sums == 2).all() and joined.sums.shape == (contexts, patterns)
    assert most < 1.1 * joined.sums.nbytes
