"""The whole scan on planted units: found, signed, confirmed on other text, beside their control."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from probe.corpus import Segment
from probe.errors import UserError
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns, patterns_for
from probe.scan import ScanOptions, scan
from tests.scan.conftest import PLANTED


def test_planted_units_rank_first_with_their_sign(findings):
    first = {finding.pattern: finding for finding in findings.findings if finding.rank == 1}
    for name, unit in PLANTED.items():
        assert (first[name].layer, first[name].unit) == ("1", unit)
        sign = -1 if name == "word_start" else 1
        assert sign * first[name].selection.correlation > 0.7
        assert sign * first[name].confirmation.correlation > 0.7
    assert first["word_start"].confirmation.auc < 0.1
    assert first["inside_quotes"].label == "1:17"


def test_scores_are_those_of_the_text_they_name(findings, corpus, recorded):
    finding = next(f for f in findings.findings if f.pattern == "inside_quotes" and f.rank == 1)
    test = corpus.splits.test
    for scores, segment in ((finding.selection, Segment(0, test.start)), (finding.confirmation, test)):
        labels = Labeller(parse_patterns("inside_quotes", "prose"), corpus).labels(segment.start, segment.stop)[:, 0]
        values = recorded(0, 1).arrays["1", "hidden"][segment.start:segment.stop, finding.unit]
        assert scores.correlation == pytest.approx(scipy.stats.pearsonr(values, labels)[0], abs=1e-6)
        share = scipy.stats.mannwhitneyu(values[labels == 1], values[labels == 0]).statistic / (
            labels.sum() * (labels == 0).sum())
        assert scores.auc == pytest.approx(share, abs=2e-3)


def test_the_control_explains_whitespace_and_not_quotes(findings):
    first = {finding.pattern: finding for finding in findings.findings if finding.rank == 1}
    assert first["whitespace"].ngrams[0].correlation == pytest.approx(1, abs=1e-4)
    assert abs(first["inside_quotes"].best_ngram.correlation) < 0.5
    assert first["word_start"].ngrams[0].correlation < 0.8 < 0.99 < first["word_start"].ngrams[1].correlation


def test_all_patterns_of_the_language_are_scanned_and_the_best_of_each_are_kept(findings):
    names = [*(pattern.name for pattern in patterns_for("prose")), "surprise"]  # losses are known, expectations not
    assert [pattern.name for pattern in findings.patterns] == names
    ranks = [f.rank for f in findings.findings if f.pattern == "inside_quotes"]
    assert ranks == [1, 2, 3, 4]
    strengths = [abs(f.selection.correlation) for f in findings.findings if f.pattern == "inside_quotes"]
    assert strengths == sorted(strengths, reverse=True)
    assert findings.measures["selection/correlation"].shape == (80, len(names))


def test_ranking_by_auc_ranks_graded_patterns_by_correlation(recorded, corpus):
    test = corpus.splits.test
    ranked = scan(recorded(0, test.start), recorded(test.start, test.stop),
                  ScanOptions(patterns="inside_quotes,column", rank_by="auc", top=3), show=False)
    quotes = [abs(f.selection.auc - 0.5) for f in ranked.findings if f.pattern == "inside_quotes"]
    assert quotes == sorted(quotes, reverse=True)
    assert next(f for f in ranked.findings if f.pattern == "column").unit == PLANTED["column"]


def test_passages_hold_text_labels_and_activations_of_the_confirmation_text(findings, corpus, recorded):
    assert 1 <= len(findings.passages) <= 3
    test = corpus.splits.test
    names = [pattern.name for pattern in findings.patterns]
    for passage in findings.passages:
        stop = passage.start + len(passage.text)
        assert test.start <= passage.start < stop <= test.stop
        assert passage.text == corpus.document(passage.start, stop).text
        labels = Labeller(parse_patterns("inside_quotes", "prose"), corpus).labels(passage.start, stop)[:, 0]
        np.testing.assert_array_equal(passage.labels[:, names.index("inside_quotes")], labels)
        for source, array in recorded(0, 1).arrays.items():
            low, high = passage.scales[source]
            for unit in (0, 17, 39):
                values = passage.values(*source, unit)
                np.testing.assert_allclose(values, array[passage.start:stop, unit], atol=(high - low) / 255)
    quoted = next(f for f in findings.findings if f.pattern == "inside_quotes")
    share = findings.passages[quoted.passage].labels[:, names.index("inside_quotes")].mean()
    assert 0.1 < share < 0.9


def test_provenance_tells_what_was_scanned(findings, corpus):
    provenance = findings.provenance
    assert (provenance["run"], provenance["reader"]) == ("planted", "a test")
    assert findings.log == ({"step": 1, "loss": 2.0},)
    assert provenance["corpus"]["sha256"] == corpus.source["sha256"]
    assert provenance["selection"] == {"start": 0, "stop": corpus.splits.test.start, "loss": 0.5}
    assert provenance["confirmation"]["stop"] == len(corpus)


def test_mistakes_are_told_in_a_line(recorded):
    with pytest.raises(UserError, match="did you mean 'inside_quotes'"):
        scan(recorded(0, 1000), recorded(1000, 2000), ScanOptions(patterns="inside_quote"), show=False)
    with pytest.raises(UserError, match="the confirmation text has 20 characters, and a scan needs at least 100"):
        scan(recorded(0, 1000), recorded(1000, 1020), show=False)
    with pytest.raises(UserError, match="--top must be at least 1"):
        ScanOptions(top=0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_activations_that_are_not_finite_are_named(recorded, value):
    blocks = recorded(0, 2000)
    blocks.arrays = {source: array.copy() for source, array in blocks.arrays.items()}
    blocks.arrays["2", "hidden"][1234, 7] = value
    with pytest.raises(UserError, match=r"unit 2:7 \(hidden\) is -?(nan|inf) at character 1,234"):
        scan(blocks, recorded(2000, 3000), show=False)


def test_bin_edges_are_fixed_on_enough_text_whatever_the_blocks(recorded, corpus):
    """A unit that changes slowly shows a short pilot next to nothing of its range."""
    slow = np.sin(np.arange(len(corpus)) / 5000) + 0.05 * np.random.default_rng(0).normal(size=len(corpus))
    labels = Labeller(parse_patterns("word_start", "prose"), corpus).labels(0, len(corpus))[:, 0]
    options, results = ScanOptions(patterns="word_start", rolls=0, passages=1, portraits=0), []
    for block in (37, 4000):
        blocks = recorded(0, len(corpus))
        blocks.arrays, blocks.block = {("1", "hidden"): np.tanh(slow + 0.2 * labels)[:, None]}, block
        results.append(scan(blocks, blocks, options, show=False))
    raw = sklearn.metrics.roc_auc_score(labels, np.tanh(slow + 0.2 * labels))
    for found in results:
        assert found.measures["selection/auc"][0, 0] == pytest.approx(raw, abs=5e-3)
