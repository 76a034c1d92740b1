"""Stores as what a scan is fed: each character once with its loss, in two texts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from probe.activations import StoreOptions, write_store
from probe.activations.store import cut, meeting, selection_and_confirmation
from probe.corpus import Segment
from probe.errors import UserError
from tests.activations.stores import FLOAT32, LENGTH, Scattered
from tests.scan.recorded import Recorded


def test_blocks_give_each_character_once_with_its_loss(corpus, arrays, tmp_path, small_parts):
    store = write_store(Scattered(corpus, Segment(10, 900), arrays, seed=5), tmp_path / "acts", FLOAT32, show=False)
    for blocks, start, stop in ((store, 10, 900), (store.blocks(Segment(123, 700)), 123, 700)):
        seen = np.zeros(LENGTH, int)
        for block in blocks:
            for stream, first in enumerate(block.starts):
                place = slice(first, first + block.length)
                seen[place] += 1
                for source, array in arrays.items():
                    assert block.activations[source].dtype == np.float32
                    np.testing.assert_array_equal(block.activations[source][stream], array[place])
                np.testing.assert_array_equal(block.losses[stream], 0.5)
        assert (seen[start:stop] == 1).all()
        assert seen.sum() == stop - start


def test_blocks_are_bounded(corpus, arrays, tmp_path, monkeypatch):
    store = write_store(Recorded(corpus, Segment(0, 2000), arrays), tmp_path / "acts", show=False)
    monkeypatch.setattr(cut, "MOST_ROWS", 64)
    assert {block.losses.size for block in store} == {64, 2000 % 64}


def test_a_store_of_every_other_character_gives_blocks_if_it_is_said_that_they_will_do(corpus, arrays, tmp_path):
    store = write_store(Recorded(corpus, Segment(0, 400), arrays), tmp_path / "acts", StoreOptions(every=2), show=False)
    for refused in (store.blocks, lambda: list(store), lambda: selection_and_confirmation(store, 1000)):
        with pytest.raises(UserError, match="keeps one character in 2, and every one is needed here"):
            refused()


@pytest.mark.parametrize(("start", "stop"), [(10, 900), (11, 899), (122, 124), (123, 124)])
def test_blocks_of_each_seventh_character_have_their_places(corpus, arrays, tmp_path, small_parts, start, stop):
    kept = StoreOptions(dtype="float32", every=7)
    store = write_store(Scattered(corpus, Segment(10, 900), arrays, seed=5), tmp_path / "acts", kept, show=False)
    seen = []
    for block in store.blocks(Segment(start, stop), sparse=True):
        for stream, first in enumerate(block.starts):
            places = first + 7 * np.arange(block.length)
            seen += places.tolist()
            for source, array in arrays.items():
                np.testing.assert_array_equal(block.activations[source][stream], array[places])
    assert sorted(seen) == [place for place in range(10, 900, 7) if start <= place < stop]


def test_texts_of_a_scan(corpus, arrays, tmp_path):
    said = []

    def segments(start, stop, characters, own):
        blocks = Recorded(corpus, Segment(start, stop), arrays)
        blocks.provenance = {"trained_on": corpus.source} if own else {}
        store = write_store(blocks, tmp_path / f"{start}-{stop}-{own}", show=False)
        said.append(meeting(store)[1])
        return [each.segment for each in selection_and_confirmation(store, characters)]

    test = corpus.splits.test
    assert segments(0, LENGTH, 10_000, True) == [Segment(0, test.start), test]
    assert segments(500, LENGTH - 1, 10_000, True) == [Segment(500, test.start), Segment(test.start, LENGTH - 1)]
    assert segments(0, LENGTH, 200, False) == [Segment(1300, 1500), Segment(1500, 1700)]
    assert segments(100, 300, 10_000, False) == [Segment(100, 200), Segment(200, 300)]
    assert segments(0, 1000, 10_000, True) == [Segment(0, 500), Segment(500, 1000)]
    assert segments(test.start, LENGTH, 100, True) == [
        Segment((test.start + LENGTH) // 2 - 100, (test.start + LENGTH) // 2),
        Segment((test.start + LENGTH) // 2, (test.start + LENGTH) // 2 + 100)]
    assert said == [
        *["the text before its network's test split, and the test split"] * 2, *["two halves of the text"] * 2,
        "two halves of a text that its network was trained on, the second no less than the first: the store ends at "
        f"1,000, and the test split begins at {test.start:,}", "two halves of its network's test split"]


@pytest.mark.parametrize(("before", "after", "told"), [
    (99, 140, r"covers 99 characters in front of its .*; extract with --from {few:,} or beyond, or with --from"),
    (140, 7, r"covers 7 characters of its .*; extract with --to {many:,} or beyond, or with --to"),
    (100, 100, None),
])
def test_a_store_of_a_few_characters_of_the_test_split_tells_what_to_do(corpus, arrays, tmp_path, before, after, told):
    test = corpus.splits.test.start
    blocks = Recorded(corpus, Segment(test - before, test + after), arrays)
    blocks.provenance = {"trained_on": corpus.source}
    store = write_store(blocks, tmp_path / "acts", show=False)
    if told is None:
        assert [len(each.segment) for each in selection_and_confirmation(store, 1000)] == [100, 100]
        return
    words = told.format(few=test - 100, many=test + 100) + f" {test:,}, of which two halves are scanned"
    with pytest.raises(UserError, match=words):
        selection_and_confirmation(store, 1000)


SCANNING = """
import sys
class Refusing:
    def find_spec(self, name, *others):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ImportError(f"{name} is not to be imported")
sys.meta_path.insert(0, Refusing())
from probe.cli.main import main
sys.exit(main(["scan", sys.argv[1], "--patterns", "word_start,whitespace", "--json"]))
"""


def test_a_store_is_scanned_without_tensorflow(corpus, arrays, tmp_path):
    write_store(Recorded(corpus, Segment(0, LENGTH), arrays), tmp_path / "acts", show=False)
    done = subprocess.run([sys.executable, "-c", SCANNING, str(tmp_path / "acts")], capture_output=True, text=True,
                          check=False, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["pattern"] for row in json.loads(done.stdout)} <= {"word_start", "whitespace"}
    assert (tmp_path / "acts" / "findings" / "findings.json").exists()
