"""Units that were wired by hand, among random ones: what they know is known, and the scan must find them."""

import numpy as np
import pytest

from benchmarks.false_claims import scanned
from benchmarks.hand_wired import PLANTED, story, wired_story
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.scan import ScanOptions
from tests.lstm_oracle import lstm_signals

UNITS = 256


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    return wired_story(60_000, tmp_path_factory.mktemp("wired"), UNITS)


def truth(text: str) -> dict[str, np.ndarray]:
    """What the units know, told by a loop over the characters."""
    rows = []
    quoted = was_word = False
    column = depth = words = 0
    ended = True
    before = previous = ""
    for character in text:
        word = character.isalnum()
        column = 0 if before == "\n" else column + 1
        if previous + before == "\n\n":
            quoted, depth, ended = False, 0, True
        depth += (before in "([{") - (character in ")]}") if before else 0
        quoted = character != "“" and character != "”" and (quoted or before == "“")
        start = word and not was_word
        if start:
            words = 1 if ended and character.isupper() else words + 1
        ended = not word and (ended or character in ".!?")
        rows.append((quoted, start, column, depth, words))
        was_word, previous, before = word, before, character
    return dict(zip(("inside_quotes", "word_start", "column", "bracket_depth", "position_in_sentence"),
                    np.array(rows, float).T, strict=True))


def test_wired_units_know_what_a_loop_over_the_text_tells_and_the_library_labels(halves):
    first = halves[0]
    corpus, weights = first.corpus, first.checkpoint.weights
    text = corpus.document(0, 8_000).text
    arrays = [weights[f"lstm_1/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
    told = lstm_signals(np.eye(len(corpus.vocabulary))[corpus.ids[:8_000]][:, None], *arrays, np.zeros((1, UNITS)),
                        np.zeros((1, UNITS)))
    labels = Labeller(parse_patterns(",".join(PLANTED), "prose"), corpus).labels(0, 8_000)
    for (name, planted), label in zip(PLANTED.items(), labels.T, strict=True):
        values = told[planted.signal][:, 0, planted.unit]
        for expected, least in ((truth(text)[name], 0.9995), (label, 0.97)):
            assert planted.sign * np.corrcoef(values, expected)[0, 1] > least, name


def test_streams_from_the_zero_state_know_it_too(halves):
    corpus = halves[1].corpus
    told = {name: [] for name in PLANTED}
    places = []
    for block in halves[1]:
        places.append((block.starts[:, None] + np.arange(block.length)).ravel())
        for name, planted in PLANTED.items():
            told[name].append(block.activations["1", planted.signal][..., planted.unit].ravel())
    expected = truth(corpus.document().text)
    for name, planted in PLANTED.items():
        r = np.corrcoef(np.concatenate(told[name]), expected[name][np.concatenate(places)])[0, 1]
        assert planted.sign * r > 0.995, name


@pytest.fixture(scope="module")
def findings(halves):
    return scanned(halves, ScanOptions(patterns=",".join(PLANTED), top=3, twins=0, passages=1, portraits=0))


@pytest.mark.parametrize("pattern", PLANTED)
def test_each_wired_unit_is_found_first_with_its_sign(findings, pattern):
    found = next(finding for finding in findings.findings if (finding.pattern, finding.rank) == (pattern, 1))
    planted = PLANTED[pattern]
    assert (found.signal, found.unit) == (planted.signal, planted.unit)
    assert planted.sign * found.selection.correlation > 0.95
    assert planted.sign * found.confirmation.correlation > 0.95
    assert found.claims["associated"]


@pytest.mark.parametrize(("pattern", "beyond"), [("inside_quotes", True), ("column", True), ("bracket_depth", True),
                                                 ("position_in_sentence", True), ("word_start", False)])
def test_two_characters_tell_a_word_start_and_not_the_others(findings, pattern, beyond):
    found = next(finding for finding in findings.findings if (finding.pattern, finding.rank) == (pattern, 1))
    assert found.claims["beyond n-grams"] is beyond


def test_the_story_has_what_it_needs():
    text = story(30_000)
    assert len(text) == 30_000 == len(story(30_000, 1)) and text != story(30_000, 1)
    depths = truth(text)["bracket_depth"]
    assert depths.max() == 2 and (depths == 2).mean() > 0.005
    assert 0.2 < truth(text)["inside_quotes"].mean() < 0.6
