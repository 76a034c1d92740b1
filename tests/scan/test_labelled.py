"""What blocks must be to be labelled and measured."""

from dataclasses import dataclass

import numpy as np
import pytest

from probe.activations import Block
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError
from probe.patterns import NETWORK_PATTERNS, PATTERNS
from probe.patterns.pattern import Context, Pattern
from probe.scan.collecting import Losses
from probe.scan.labelled import Labelled, Labelling, check_finite
from tests.scan.recorded import Recorded


class Given(Pattern):
    name, meaning, kind, group, context = "given", "a number at character 7", "graded", "yours", Context("file")

    def __init__(self, value):
        self.value = value

    def label(self, document):
        labels = np.zeros(len(document), np.float32)
        labels[7] = self.value
        return labels


@dataclass
class ByHand:
    """Blocks that were made by hand, of the text of others."""

    others: Recorded
    blocks: list[Block]

    def __iter__(self):
        return iter(self.blocks)


@pytest.fixture
def blocks(tmp_path):
    corpus = Corpus.of("It is, he said.\n" * 4, "text", CorpusOptions(), folder=tmp_path)
    return Recorded(corpus, Segment(0, len(corpus)), {("1", "hidden"): np.ones((len(corpus), 3))})


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e15, -1e30])
def test_a_label_that_is_not_finite_or_too_large_is_named(blocks, value):
    labels = Labelling([PATTERNS["comma"], Given(value)], blocks)
    with pytest.raises(UserError, match=r"pattern 'given' has the label .* at character 7: labels must be finite and"):
        list(labels.over(blocks))


@pytest.mark.parametrize("value", [0, 1e15, -1e15])
def test_other_labels_pass(blocks, value):
    labels = np.concatenate([each.labels.reshape(-1) for each in Labelling([Given(value)], blocks).over(blocks)])
    assert labels.min() == min(value, 0) and labels.max() == max(value, 0)


@pytest.mark.parametrize(("value", "message"), [
    (np.nan, "is nan at character 21: an activation must be finite"), (np.inf, "is inf at .* must be finite"),
    (2e15, r"is 2e.15 at character 21: an activation is too large, beyond ±1e.15: standardise it"),
    (-1e38, r"is -1e.38 at character 21: an activation is too large"),
])
def test_an_activation_that_is_not_finite_or_too_large_is_named(value, message):
    values = np.zeros((2, 5, 3), np.float32)
    losses = np.zeros((2, 5), np.float32)
    check_finite(Block(np.array([0, 20]), {("2", "cell"): values}, losses))
    values[1, 1, 2] = value
    with pytest.raises(UserError, match=r"unit 2:2 \(cell\) " + message):
        check_finite(Block(np.array([0, 20]), {("2", "cell"): values}, losses))


def test_losses_that_are_not_finite_are_not_known():
    losses = Losses()
    block = Block(np.array([0]), {}, np.array([[1, np.inf, np.nan, 2]], np.float32))
    losses.update(Labelled(block, np.zeros((1, 4, 0), np.float32), np.zeros((1, 6), np.int64)))
    assert losses.mean == 1.5


@pytest.mark.parametrize("time_first", [True, False])
@pytest.mark.parametrize(("numbers", "longest"), [(3 * 4 * 2, 4), (3 * 40 * 2, 32), (3 * 100 * 2, 100), (1, 1)])
def test_blocks_are_cut_where_their_labels_would_be_too_many(tmp_path, monkeypatch, time_first, numbers, longest):
    monkeypatch.setattr("probe.scan.labelled.AHEAD", numbers)
    corpus = Corpus.of("It is, he said.\n" * 25, "text", CorpusOptions(), folder=tmp_path)
    starts, chance = np.array([0, 100, 200]), np.random.default_rng(0)
    values, losses = chance.random((3, 100, 5), np.float32), chance.random((3, 100), np.float32)
    expected = chance.integers(0, 3, (3, 100), np.int32)
    laid = np.swapaxes(np.ascontiguousarray(np.swapaxes(values, 0, 1)), 0, 1) if time_first else values
    block = Block(starts, {("1", "hidden"): laid}, losses, expected, np.ones(3, np.float32))
    patterns = [PATTERNS["comma"], NETWORK_PATTERNS["surprise"]]
    seen = dict.fromkeys(range(300))
    whole = Recorded(corpus, Segment(0, 300), {})
    labelling = Labelling(patterns, whole)
    parts = list(labelling.over(ByHand(whole, [block])))
    assert labelling.labeller._round >= 1  # streams are read in turn, and the labeller knows it
    assert [part.block.length for part in parts] == [longest] * (100 // longest) + [100 % longest] * (100 % longest > 0)
    for part in parts:
        assert part.rows(("1", "hidden")).shape == (3 * part.block.length, 5)
        for position, row, labels in zip(part.laid(part.positions[..., np.newaxis])[:, 0].tolist(),
                                         part.rows(("1", "hidden")), part.laid(part.labels), strict=True):
            stream, place = divmod(position, 100)
            assert (row == values[stream, place]).all()
            assert part.block.expected[stream, position - part.block.starts[stream]] == expected[stream, place]
            assert labels.tolist() == [corpus.document(position, position + 1).text == ",",
                                       losses[stream, place - 1] if place else 1]
            seen.pop(position)
    assert seen == {}
