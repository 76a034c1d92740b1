import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.corpus import Vocabulary
from probe.corpus.document import Document
from probe.patterns.network import NETWORK_PATTERNS, NetworkLabels, network_patterns

VOCABULARY = Vocabulary(("\n", " ", "!", "'", ",", "1", "A", "a", "b", "é"), unknown=True)
IDS = dict(zip("\n !',1Aabé", range(10), strict=True))


def test_surprise_is_the_loss_of_the_row_before() -> None:
    labels = NetworkLabels([NETWORK_PATTERNS["surprise"]], VOCABULARY)
    first = labels.labels(np.array([0, 50]), np.array([[1, 2, 3], [4, np.nan, 6]], np.float32))
    np.testing.assert_allclose(first[..., 0], [[np.log(11), 1, 2], [np.log(11), 4, np.log(11)]], rtol=1e-6)
    second = labels.labels(np.array([3, 53]), np.array([[7, 8], [9, 10]], np.float32))
    np.testing.assert_allclose(second[..., 0], [[3, 7], [6, 9]])
    elsewhere = labels.labels(np.array([100]), np.array([[1]], np.float32))
    np.testing.assert_allclose(elsewhere[..., 0], [[np.log(11)]], rtol=1e-6)


@pytest.mark.parametrize(("name", "wanted"), [
    ("expects_space", " "), ("expects_newline", "\n"), ("expects_letter", "Aabé"), ("expects_vowel", "Aaé"),
    ("expects_capital", "A"), ("expects_digit", "1"), ("expects_comma", ","), ("expects_stop", "!"),
    ("expects_quote", "'"),
])
def test_what_is_expected(name: str, wanted: str) -> None:
    expected = np.arange(11, dtype=np.int32)[np.newaxis]
    labels = NetworkLabels([NETWORK_PATTERNS[name]], VOCABULARY).labels(
        np.array([0]), np.zeros((1, 11), np.float32), expected)
    assert np.flatnonzero(labels[0, :, 0]).tolist() == sorted(IDS[character] for character in wanted)


def test_every_pattern_has_an_example() -> None:
    assert len(test_what_is_expected.pytestmark[0].args[1]) + 1 == len(network_patterns())


@given(st.data())
def test_any_cutting_into_blocks_gives_the_same_labels(data: st.DataObject) -> None:
    streams, length = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 12))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    losses = random.normal(size=(streams, length)).astype(np.float32)
    losses[random.random(losses.shape) < 0.2] = np.nan
    expected = random.integers(0, 11, losses.shape).astype(np.int32)
    starts = 7 + length * np.arange(streams)  # each stream ends where the next one began
    whole = NetworkLabels(network_patterns(), VOCABULARY).labels(starts, losses, expected)
    cuts = sorted({0, length, *data.draw(st.lists(st.integers(0, length), max_size=4))})
    parts = NetworkLabels(network_patterns(), VOCABULARY)
    blocks = [parts.labels(starts + low, losses[:, low:high], expected[:, low:high])
              for low, high in zip(cuts, cuts[1:], strict=False)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole)


def test_without_expected_characters() -> None:
    assert [entry.name for entry in network_patterns(expected=False)] == ["surprise"]
    with pytest.raises(ValueError, match="expects_space needs the characters that the network expects"):
        NetworkLabels(network_patterns(), VOCABULARY).labels(np.array([0]), np.zeros((1, 2), np.float32))


@pytest.mark.parametrize("name", NETWORK_PATTERNS)
def test_a_text_alone_has_no_labels(name: str) -> None:
    entry = NETWORK_PATTERNS[name]
    assert (entry.name, entry.group) == (name, "network") and entry.meaning
    assert pickle.loads(pickle.dumps(entry)) == entry
    with pytest.raises(TypeError, match=f"'{name}' is about a network"):
        entry.label(Document.of("a"))


def test_what_streams_begin_with_is_told_by_the_first_block() -> None:
    labels = NetworkLabels([NETWORK_PATTERNS["surprise"]], VOCABULARY)
    losses, before = np.array([[1, 2], [3, np.inf]], np.float32), np.array([np.nan, 7], np.float32)
    first = labels.labels(np.array([0, 2]), losses, before=before)
    np.testing.assert_allclose(first[..., 0], [[np.log(11), 1], [7, 3]], rtol=1e-6)
    tail = labels.labels(np.array([4]), np.ones((1, 1), np.float32))
    np.testing.assert_allclose(tail[..., 0], [[np.log(11)]], rtol=1e-6)  # an infinite loss is not known
