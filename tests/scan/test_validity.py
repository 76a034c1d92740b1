"""Scans of what cannot know anything: how often they claim that it does."""

from collections import Counter
from functools import partial

import numpy as np
import pytest

from benchmarks.false_claims import Noise, OtherText, Shape, Untrained, binomial_point, noise, untrained_run
from benchmarks.hand_wired import story
from probe.corpus import Corpus, CorpusOptions

SCANS = 20
FEW = "inside_quotes,word_start,column,bracket_depth,comma,sentence_start,whitespace,vowel"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """An architecture and a text whose places are no more alike than those of a book."""
    folder = tmp_path_factory.mktemp("run")
    text = "".join(story(30_000, seed) for seed in range(4))
    return untrained_run(Corpus.of(text, "stories", CorpusOptions(), folder=folder / "corpus"), folder, 24)


def false_claims(scan, claim: str) -> Counter[str]:
    """In how many scans a claim is made, for each pattern and for any."""
    found: Counter[str] = Counter()
    for seed in range(SCANS):
        claimed = {pattern for pattern, claims in scan(seed).items() if claim in claims}
        found.update(claimed | ({"any"} if claimed else set()))
    return found


@pytest.mark.parametrize("kind", [lambda run, shape: Noise(run.corpus, shape),
                                  lambda run, shape: OtherText(run.folder, None, shape, trained=False)],
                         ids=["noise", "the reading of another place"])
def test_what_does_not_know_the_text_is_seldom_associated(run, kind):
    scan = kind(run, Shape(6_000, 24, FEW))
    assert set(scan(0)) == set(FEW.split(","))
    assert false_claims(scan, "associated")["any"] <= binomial_point(SCANS)


def test_untrained_networks_are_seldom_said_to_have_learned(run):
    scan = Untrained(run.folder, Shape(4_000, 24, "word_start,inside_quotes"))
    found = false_claims(scan, "learned")
    assert max(found["word_start"], found["inside_quotes"]) <= binomial_point(SCANS)
    # They do read the text, so that the null alone would say otherwise.
    assert all("associated" in scan(seed)["word_start"] for seed in range(3))


def test_the_point_is_the_binomials():
    scipy_stats = pytest.importorskip("scipy.stats")
    for scans in (20, 60, 200):
        assert binomial_point(scans) == scipy_stats.binom.ppf(0.975, scans, 0.05)


def test_noise_is_as_autocorrelated_as_it_says():
    values = noise(200_000, 8, np.random.default_rng(0))
    memory = 1 - 10 ** -np.linspace(0, 3, 6)
    lagged = partial(np.corrcoef)
    for unit, phi in enumerate(memory[:5]):
        assert lagged(values[:-1, unit], values[1:, unit])[0, 1] == pytest.approx(phi, abs=0.01)
    size = np.abs(values[:, 7]).reshape(-1, 2000).mean(axis=1)
    assert size.max() > 5 * size.min()
