"""What blocks must be to be labelled and measured."""

import numpy as np
import pytest

from probe.activations import Block
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError
from probe.patterns import PATTERNS
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
