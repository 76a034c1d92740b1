"""The first look: taken from many places of a text that can be read anywhere."""

import numpy as np
import pytest

from probe.activations import Block
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.patterns.registry import parse_patterns
from probe.scan.labelled import Labelling
from probe.scan.pilot import PILOT, Pilot, Tallying
from tests.scan.recorded import Recorded


class InOneStream(Recorded):
    """Blocks as recorded activations yield them."""

    def __iter__(self):
        for start in range(self.segment.start, self.segment.stop, 4096):
            stop = min(start + 4096, self.segment.stop)
            yield self._block(np.array([start]), stop - start)


class Network(InOneStream):
    """What has to be read from its beginning."""

    def untrained(self, seed):
        raise NotImplementedError

    def in_streams(self, streams):
        raise NotImplementedError


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    """A unit that is silent at first, then says where the words end."""
    path = tmp_path_factory.mktemp("pilot") / "text.txt"
    path.write_text("The cat ran over a bridge. " * 3000, encoding="utf-8")
    corpus = Corpus.read(path, CorpusOptions())
    values = np.array([character.isspace() for character in path.read_text()], np.float32)
    noise = np.random.default_rng(0).normal(size=len(values))
    values = np.where(np.arange(len(values)) < 40_000, 0, values + 0.3 * noise)
    return InOneStream(corpus, Segment(0, len(corpus)), {("1", "hidden"): values[:, None].astype(np.float32)})


def test_a_unit_that_is_silent_at_first_has_fine_bins(blocks):
    labels = Labelling(parse_patterns("whitespace", "prose"), blocks)
    pilot = Pilot.of(blocks, labels)
    assert len(np.unique(pilot.tallies["1", "hidden"].quantiser.bins)) > 100
    tallying = Tallying(pilot)
    for labelled in labels.over(blocks):
        tallying.update(labelled)
    assert 0.7 < tallying.measures()["auc"][0, 0] < 0.8  # half of the text says nothing


def test_a_network_is_read_from_its_beginning_and_no_further_than_need_be(blocks):
    network = Network(blocks.corpus, blocks.segment, blocks.arrays)
    read: list[Block] = []

    class Counted(Network):
        def __iter__(self):
            for block in Network.__iter__(self):
                read.append(block)
                yield block

    pilot = Pilot.of(Counted(network.corpus, network.segment, network.arrays),
                     Labelling(parse_patterns("whitespace", "prose"), network))
    assert sum(block.length for block in read) == PILOT
    assert len(np.unique(pilot.tallies["1", "hidden"].quantiser.bins)) == 3
