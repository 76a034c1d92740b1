"""Scans of what cannot know anything: how often they claim that it does."""

from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.false_claims import (
    Noise,
    OtherLabels,
    OtherText,
    Shape,
    Untrained,
    binomial_point,
    noise,
    untrained_run,
    walks,
)
from benchmarks.hand_wired import story
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError

# Enough to tell a null that fails from one that holds; ``benchmarks.validity`` makes 200 of each kind.
SCANS = 10
FEW = "inside_quotes,word_start,column,bracket_depth,comma,sentence_start,whitespace,vowel"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """An architecture and a text whose places are no more alike than those of a book."""
    folder = tmp_path_factory.mktemp("run")
    text = "".join(story(30_000, seed) for seed in range(4))
    return untrained_run(Corpus.of(text, "stories", CorpusOptions(), folder=folder / "corpus"), 24)


def false_claims(scan, claim: str) -> Counter[str]:
    """In how many scans a claim is made, for each pattern and for any."""
    found: Counter[str] = Counter()
    for seed in range(SCANS):
        claimed = {pattern for pattern, claims in scan(seed).items() if claim in claims}
        found.update(claimed | ({"any"} if claimed else set()))
    return found


@pytest.mark.parametrize("kind", [lambda run, shape: Noise(run.corpus, shape, noise),
                                  lambda run, shape: OtherText([run.folder], None, shape, trained=False)],
                         ids=["noise", "the reading of another place"])
def test_what_does_not_know_the_text_is_seldom_associated(run, kind):
    scan = kind(run, Shape(6_000, 24, FEW))
    assert set(scan(0)) == set(FEW.split(","))
    assert false_claims(scan, "associated")["any"] <= binomial_point(SCANS)


@pytest.mark.parametrize("alone", [False, True])
def test_units_are_ranked_before_the_text_on_which_they_are_tested_or_on_it(run, alone):
    first, second = Shape(100, alone=alone).laid(np.zeros((200, 2), np.float32), run.corpus, 50)
    assert second.segment == Segment(150, 250)
    assert first.segment == (second.segment if alone else Segment(50, 150))


def test_ranked_on_the_text_itself_the_best_of_all_units_is_seldom_associated(run):
    scan = Noise(run.corpus, Shape(4_000, 24, "word_start,column", alone=True), noise)
    assert false_claims(scan, "associated")["any"] <= binomial_point(SCANS)


def test_labels_serve_as_units_at_another_place_and_would_be_claimed_at_their_own(run, monkeypatch):
    scan = OtherLabels(run.corpus, Shape(4_000, 24, "word_start,vowel"))
    assert all("associated" not in claims for claims in scan(0).values())
    monkeypatch.setattr(Shape, "apart", lambda self, corpus, chance: (5_000, 5_000))
    assert {"associated"} <= scan(0)["word_start"] & scan(0)["vowel"]


def test_stretches_apart_share_nothing_and_lie_anywhere_else():
    text, chance = Corpus.of("ab" * 10, "letters"), np.random.default_rng(0)
    drawn = {Shape(4).apart(text, chance) for _ in range(500)}
    assert drawn == {(first, second) for first in range(13) for second in range(13) if abs(first - second) >= 8}
    assert set(Shape(5).apart(text, chance)) == {0, 10}
    with pytest.raises(ValueError, match="high"):
        Shape(6).apart(text, chance)


def test_networks_take_turns(run):
    scan = OtherText([run.folder, Path("elsewhere")], None, Shape(1_000, 24, "word_start"), trained=False)
    assert scan(0) and scan(2)
    with pytest.raises(UserError, match="elsewhere"):
        scan(1)


def test_untrained_networks_are_seldom_said_to_have_learned(run):
    scan = Untrained(run.folder, Shape(4_000, 24, "word_start,inside_quotes"))
    made = [scan(seed) for seed in range(SCANS)]
    found = false_claims(made.__getitem__, "learned")
    assert max(found["word_start"], found["inside_quotes"]) <= binomial_point(SCANS)
    # They do read the text, so that the null alone would say otherwise.
    assert all("associated" in claims["word_start"] for claims in made[:3])


def test_the_point_is_the_binomials():
    scipy_stats = pytest.importorskip("scipy.stats")
    for scans in (20, 60, 200):
        assert binomial_point(scans) == scipy_stats.binom.ppf(0.975, scans, 0.05)


def test_walks_never_come_back():
    walked = walks(40_000, 400, np.random.default_rng(0))
    assert np.std(walked[-1]) == pytest.approx(200, rel=0.1)
    assert np.std(np.diff(walked, axis=0)) == pytest.approx(1, rel=0.01)


def test_noise_is_as_autocorrelated_as_it_says():
    values = noise(200_000, 8, np.random.default_rng(0))
    memory = 1 - 10 ** -np.linspace(0, 3, 6)
    lagged = partial(np.corrcoef)
    for unit, phi in enumerate(memory[:5]):
        assert lagged(values[:-1, unit], values[1:, unit])[0, 1] == pytest.approx(phi, abs=0.01)
    size = np.abs(values[:, 7]).reshape(-1, 2000).mean(axis=1)
    assert size.max() > 5 * size.min()
