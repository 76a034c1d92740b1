"""Ending early: the errors are a jackknife's, what is settled is what all of the text ranks, and ties do not end it."""

from types import SimpleNamespace

import numpy as np
import pytest

from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError
from probe.patterns import RegularExpression
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.scan import ScanOptions, scan
from probe.scan.settling import ERRORS, TIE, Contest
from tests.scan.recorded import Recorded

SOURCES = ("1", "hidden"), ("2", "hidden")


def block(activations: np.ndarray, labels: np.ndarray) -> SimpleNamespace:
    """Activations (S, T, U) of two sources, and labels (S, T, P), as a contest is fed them."""
    parts = dict(zip(SOURCES, np.split(activations, [2], axis=2), strict=True))
    return SimpleNamespace(block=SimpleNamespace(losses=np.zeros(labels.shape[:2]), activations=parts), labels=labels,
                           rows=lambda source: parts[source].reshape(-1, parts[source].shape[-1]))


def by_leaving_out(activations: np.ndarray, labels: np.ndarray, top: int) -> bool:
    """The rule from its definition: correlations by numpy without each stream in turn."""
    def magnitudes(streams: np.ndarray) -> np.ndarray:
        units = activations[streams].reshape(-1, activations.shape[2])
        return np.abs([np.corrcoef(unit, labels[streams].ravel())[0, 1] for unit in units.T])

    every = np.arange(len(labels))
    whole = magnitudes(every)
    without = np.array([magnitudes(np.delete(every, stream)) for stream in every])
    order = np.argsort(-whole)
    for best in order[:top]:
        for other in order[top:]:
            difference = without[:, best] - without[:, other]
            error = np.sqrt((len(every) - 1) / len(every) * np.sum((difference - difference.mean())**2))
            if whole[best] - whole[other] + TIE < ERRORS * error:
                return False
    return True


@pytest.mark.parametrize("top", [1, 2, 4])
def test_the_rule_is_the_jackknife_over_streams(top):
    outcomes = set()
    for seed in range(12):
        generator = np.random.default_rng(seed)
        labels = (generator.random((24, 200, 1)) < 0.4).astype(np.float32)
        strength = generator.choice([0.0, 0.3, 0.6, 0.9], 5)
        activations = (5 + generator.normal(size=(24, 200, 5)) + strength * labels).astype(np.float32)
        contest = Contest({SOURCES[0]: 2, SOURCES[1]: 3}, 24, (np.float32([0.4]), np.float32([0.5])))
        for start in (0, 50, 120):
            stop = {0: 50, 50: 120, 120: 200}[start]
            contest.update(block(activations[:, start:stop], labels[:, start:stop]))
        assert contest.settled(top).tolist() == [by_leaving_out(activations, labels[..., 0], top)], seed
        outcomes.add(bool(contest.settled(top)[0]))
    assert outcomes == {True, False}


def test_a_pattern_of_few_streams_is_not_settled_and_one_that_never_comes_does_not_occur():
    generator = np.random.default_rng(0)
    labels = np.zeros((24, 500, 3), np.float32)
    labels[..., 0] = generator.random((24, 500)) < 0.5
    labels[:19, :, 1] = labels[:19, :, 0]
    activations = (generator.normal(size=(24, 500, 5)) * 0.1 + np.eye(5)[0] * labels[..., :1]).astype(np.float32)
    contest = Contest({SOURCES[0]: 2, SOURCES[1]: 3}, 24, (np.zeros(3, np.float32), np.ones(3, np.float32)))
    contest.update(block(activations, labels))
    assert contest.settled(1).tolist() == [True, False, False]
    assert contest.occurring.tolist() == [True, True, False]


def test_small_changes_count_and_what_float32_rounds_does_not():
    generator = np.random.default_rng(0)
    inside = generator.random((24, 300)) < 0.4
    flicker = np.float32(3) + np.spacing(np.float32(3)) * inside
    labels = np.stack([inside, 3 + 1e-5 * inside, flicker], axis=2).astype(np.float32)
    activations = generator.normal(size=(24, 300, 5)).astype(np.float32)
    activations[..., 0] = 5 + 1e-5 * (inside + activations[..., 0])
    activations[:, :50, 0] = 5  # what standardises it
    activations[..., 4] = flicker
    contest = Contest({SOURCES[0]: 2, SOURCES[1]: 3}, 24, (np.float32([0.4, 3, 3]), np.float32([0.5, 3, 3])))
    for part in (slice(50), slice(50, 300)):
        contest.update(block(activations[:, part], labels[:, part]))
    assert contest.occurring.tolist() == [True, True, False]
    assert contest.settled(1).tolist() == [True, True, False]
    assert contest.settled(2).tolist() == [False, False, False]  # the others are noise
    assert contest.settled(4).tolist() == [True, True, False]  # of four units that vary


@pytest.fixture(scope="module")
def long(tmp_path_factory) -> Corpus:
    generator = np.random.default_rng(0)
    words = np.array("a cat ran over the bridge , because nobody told it that rivers are deep . So it went".split())
    path = tmp_path_factory.mktemp("text") / "cat.txt"
    path.write_text("zebra " + " ".join(generator.choice(words, 60_000)), encoding="utf-8")
    return Corpus.read(path, CorpusOptions(splits="0.8,0.1,0.1"))


def planted(corpus: Corpus, strengths: list[float]) -> Recorded:
    generator = np.random.default_rng(1)
    labels = Labeller(parse_patterns("word_start", "prose"), corpus).labels(0, len(corpus))[:, :1]
    values = generator.normal(size=(len(corpus), 30)).astype(np.float32)
    values[:, :len(strengths)] += np.array(strengths) * labels
    return Recorded(corpus, Segment(0, corpus.splits.test.start), {("1", "hidden"): values})


def settle(corpus: Corpus, recorded: Recorded, top: int = 3):
    held_out = Recorded(corpus, corpus.splits.test, recorded.arrays)
    return scan(recorded, held_out, ScanOptions(patterns="word_start", top=top, settle=True, passage=200), show=False)


def test_a_clear_ranking_ends_early_and_is_that_of_the_whole_text(long):
    recorded = planted(long, [1.0, 0.3, 2.0, 0.6])
    looked = settle(long, recorded)
    settled = looked.provenance["settled"]
    assert settled["read"] < 0.3 * settled["of"] == 0.3 * long.splits.test.start
    assert (settled["patterns"], settled["open"]) == (["word_start"], [])
    assert [finding.unit for finding in looked.findings] == [2, 0, 3]
    for finding in looked.findings:
        assert finding.status == ()
        assert set(finding.claims.values()) == {None}
        assert np.isnan(finding.confirmation.correlation)
        assert np.isnan(finding.chance.p)
    assert not looked.controls
    assert f"ranked only, on {settled['read']:,} of {settled['of']:,} characters" in str(looked)
    passage = looked.passages[looked.findings[0].passage]
    np.testing.assert_allclose(passage.values("1", "hidden", 2), recorded.arrays["1", "hidden"][
        passage.start:passage.start + len(passage.text), 2], atol=0.05)


def test_a_pattern_that_occurs_once_is_open_and_all_of_the_text_is_read(long):
    recorded = planted(long, [1.0, 0.3, 2.0, 0.6])
    held_out = Recorded(long, long.splits.test, recorded.arrays)
    looked = scan(recorded, held_out, ScanOptions(patterns="word_start,zebra,never", top=3, settle=True), show=False,
                  patterns=[RegularExpression.of("zebra", "zebra"), RegularExpression.of("never", "never")])
    settled = looked.provenance["settled"]
    assert settled["read"] == settled["of"] == looked.provenance["selection"]["stop"]
    assert (settled["patterns"], settled["open"]) == (["word_start"], ["zebra"])
    assert str(looked).endswith("\nnot settled: zebra")


def test_a_text_too_short_for_twenty_streams_is_read_whole(corpus):
    values = np.random.default_rng(0).normal(size=(len(corpus), 10)).astype(np.float32)
    values[:, 0] += 9 * Labeller(parse_patterns("word_start", "prose"), corpus).labels(0, len(corpus))[:, 0]
    few = Few(corpus, Segment(0, corpus.splits.test.start), {("1", "hidden"): values})
    looked = scan(few, Recorded(corpus, corpus.splits.test, few.arrays),
                  ScanOptions(patterns="word_start", settle=True, top=1), show=False)
    settled = looked.provenance["settled"]
    assert settled["read"] == settled["of"]
    assert settled["patterns"] == []
    assert looked.findings[0].unit == 0


class Few(Recorded):
    """Read by 19 streams at most."""

    def in_streams(self, streams: int):
        return super().in_streams(min(streams, 19))


def test_settling_by_auc_is_refused():
    with pytest.raises(UserError, match="--settle ranks by correlation; received --rank-by auc"):
        ScanOptions(settle=True, rank_by="auc")
