"""Stores against the arrays they were made of: every row once, in any cut, of any units, with its text."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import weakref
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.activations import Block, Store, StoreOptions, write_store
from probe.activations.store import meeting, part, selection_and_confirmation, size
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError
from tests.scan.recorded import Recorded

FLOAT32 = StoreOptions(dtype="float32")
LENGTH = 3000


@dataclass
class Scattered(Recorded):
    """Blocks of several streams, of lengths and in an order drawn by a seed."""

    seed: int = 0

    def __iter__(self):
        chance = np.random.default_rng(self.seed)
        cuts = np.unique([self.segment.start, self.segment.stop,
                          *chance.integers(self.segment.start, self.segment.stop, 12)])
        spans = list(zip(cuts[:-1], cuts[1:], strict=True))
        chance.shuffle(spans)
        while spans:
            streams = min(len(spans), int(chance.integers(1, 5)))
            length = min(int(stop - start) for start, stop in spans[:streams])
            length = min(length, int(chance.integers(1, 400)))
            yield self._block(np.array([int(start) for start, _ in spans[:streams]]), length)
            shorter = [(start + length, stop) for start, stop in spans[:streams] if start + length < stop]
            spans = shorter + spans[streams:]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    return Corpus.of("Come in, said the fox. The cat did not.\n" * (LENGTH // 40), "fox", CorpusOptions(),
                     folder=tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def arrays() -> dict:
    chance = np.random.default_rng(3)
    return {("1", "hidden"): np.tanh(chance.normal(size=(LENGTH, 40))).astype(np.float32),
            ("bi/backward", "cell"): (3 * chance.normal(size=(LENGTH, 7))).astype(np.float32)}


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(part, "PART_ROWS", 128)


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, but for its lock."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != ".lock"}


@settings(max_examples=40)
@given(start=st.integers(0, 300), stop=st.integers(301, LENGTH), every=st.sampled_from([1, 2, 7, 400]),
       dtype=st.sampled_from(["float16", "float32"]), seed=st.integers(0, 9),
       rows=st.sampled_from([1, 50, 128, 1 << 18]))
def test_every_row_comes_back_whatever_the_cut(corpus, arrays, tmp_path_factory, start, stop, every, dtype, seed, rows):
    folder = tmp_path_factory.mktemp("store")
    if rows == 1:
        stop = min(stop, start + 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", rows)
        blocks = Scattered(corpus, Segment(start, stop), arrays, seed=seed)
        store = write_store(blocks, folder, StoreOptions(dtype=dtype, every=every), show=False)
    assert store.units == {source: tuple(range(array.shape[1])) for source, array in arrays.items()}
    for source, array in arrays.items():
        kept = array[start:stop:every].astype(dtype).astype(np.float32)
        assert store.signals[source].shape == kept.shape
        np.testing.assert_array_equal(store.signals[source][:], kept)
    assert list(store.signals.positions()) == list(range(start, stop, every))
    assert store.corpus.document().text == corpus.document().text
    shutil.rmtree(folder)


rows = st.one_of(st.integers(-500, 499), st.slices(500), st.lists(st.integers(-500, 499), max_size=9))
columns = st.one_of(st.integers(-40, 39), st.slices(40), st.lists(st.integers(-40, 39), max_size=5),
                    st.lists(st.booleans(), min_size=40, max_size=40).map(np.array))


@pytest.fixture(scope="module")
def five_hundred(corpus, arrays, tmp_path_factory) -> Store:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", 90)
        return write_store(Scattered(corpus, Segment(0, 500), arrays), tmp_path_factory.mktemp("s") / "acts", FLOAT32,
                           show=False)


@settings(max_examples=150)
@given(row=rows, column=columns)
def test_any_rows_and_units_are_read_as_numpy_would(five_hundred, arrays, row, column):
    expected = arrays["1", "hidden"][:500][row][..., column]
    np.testing.assert_array_equal(five_hundred.signals["1", "hidden"][row, column], expected)


def test_signals_are_a_mapping_of_lazy_arrays(five_hundred, arrays):
    signals, hidden = five_hundred.signals, arrays["1", "hidden"]
    assert signals.layers == ("1", "bi/backward")
    assert list(signals) == [("1", "hidden"), ("bi/backward", "cell")]
    array = signals["1", "hidden"]
    assert (len(array), array.shape, array.dtype, array.ndim) == (500, (500, 40), np.float32, 2)
    np.testing.assert_array_equal(np.asarray(array), hidden[:500])
    np.testing.assert_array_equal(array[..., 3], hidden[:500, 3])
    np.testing.assert_array_equal(array[7], hidden[7])
    assert array[3, 4] == hidden[3, 4]
    assert sum(block.losses.size for block in signals.iterate()) == 500
    with pytest.raises(KeyError, match="there are 1 hidden, bi/backward cell"):
        signals["2", "hidden"]
    for wrong in ((500,), (0, 40), (0, 0, 0), ([[1]],), (np.array([0.5]),), ([600],)):
        with pytest.raises(IndexError):
            array[wrong]


def test_parts_are_bounded_and_only_those_that_are_needed_are_opened(corpus, arrays, tmp_path, small_parts):
    store = write_store(Recorded(corpus, Segment(0, 2000), arrays), tmp_path / "acts", FLOAT32, show=False)
    assert len(store.parts) == 16
    assert store.index.rows.max() <= 129
    # The two streams of the blocks lie side by side in each part; rows 0 to 99 are in the first two.
    for path in sorted((tmp_path / "acts").glob("part-*"))[2:]:
        path.write_bytes(b"")
    np.testing.assert_array_equal(store.signals["1", "hidden"][:100], arrays["1", "hidden"][:100])
    with pytest.raises(UserError, match=r"part-000002\.h5: not an HDF5 file"):
        store.signals["1", "hidden"][150]


def test_a_part_is_bounded_in_bytes_too(corpus, arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(part, "PART_BYTES", 20_000)
    store = write_store(Recorded(corpus, Segment(0, 1000), arrays), tmp_path / "acts", FLOAT32, show=False)
    row = (40 + 7 + 1) * 4
    assert store.index.rows.max() * row <= 20_000
    assert len(store.parts) == -(-1000 // (20_000 // row // 2 * 2))


def test_other_programs_find_plain_arrays(five_hundred, arrays):
    with h5py.File(five_hundred.folder / "part-000000.h5") as file:
        rows = len(file["activations/1/hidden"])
        assert file["activations/bi/backward/cell"].shape == (rows, 7)
        np.testing.assert_array_equal(file["losses"], np.full(rows, 0.5))
    index = five_hundred.index
    first, count = int(index.first[0]), int(index.count[0])
    with h5py.File(five_hundred.folder / "part-000000.h5") as file:
        np.testing.assert_array_equal(file["activations/1/hidden"][:count], arrays["1", "hidden"][first:first + count])


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
    from probe.activations.store import cut

    store = write_store(Recorded(corpus, Segment(0, 2000), arrays), tmp_path / "acts", show=False)
    monkeypatch.setattr(cut, "MOST_ROWS", 64)
    assert {block.losses.size for block in store} == {64, 2000 % 64}


def test_losses_that_are_not_known_are_not_kept(corpus, arrays, tmp_path):
    class Silent(Recorded):
        def _block(self, starts, length):
            return replace(super()._block(starts, length), losses=np.full((len(starts), length), np.nan, np.float32))

    store = write_store(Silent(corpus, Segment(0, 400), arrays), tmp_path / "acts", show=False)
    assert all(np.isnan(block.losses).all() for block in store)
    with h5py.File(tmp_path / "acts" / "part-000000.h5") as file:
        assert "losses" not in file


@pytest.mark.parametrize(("value", "dtype", "complaint"), [
    (70_000.0, "float16", r"unit bi/backward:4 \(cell\) is 70000 at character 222, and float16 ends at 65,504; --dtype "
                          "float32 keeps it"),
    (-70_000.0, "float16", "is -70000 at character 222"),
    (np.nan, "float16", "is nan at character 222: activations must be finite"),
    (np.inf, "float32", "is inf at character 222: activations must be finite"),
])
def test_numbers_that_cannot_be_kept_are_refused(corpus, arrays, tmp_path, value, dtype, complaint):
    wrong = {source: array.copy() for source, array in arrays.items()}
    wrong["bi/backward", "cell"][222, 4] = value
    with pytest.raises(UserError, match=complaint):
        write_store(Recorded(corpus, Segment(0, 400), wrong), tmp_path / "acts", StoreOptions(dtype=dtype), show=False)
    if np.isfinite(value):
        store = write_store(Recorded(corpus, Segment(0, 400), wrong), tmp_path / "b", FLOAT32, show=False)
        assert store.signals["bi/backward", "cell"][222, 4] == value


def test_the_indices_of_chosen_units_are_kept(corpus, arrays, tmp_path):
    class Chosen(Recorded):
        @property
        def units(self):
            return {("1", "hidden"): [*range(30), *range(50, 59), 99],
                    ("bi/backward", "cell"): [3, 9, 11, 12, 13, 14, 20]}

    folder = tmp_path / "acts"
    write_store(Chosen(corpus, Segment(0, 400), arrays), folder, show=False)
    assert dict(Store.open(folder).units) == {
        ("1", "hidden"): (*range(30), *range(50, 59), 99), ("bi/backward", "cell"): (3, 9, 11, 12, 13, 14, 20)}


def test_a_store_travels_with_its_text_and_origin(corpus, arrays, tmp_path):
    text = Corpus.of("abc " * 500, "gone", folder=tmp_path / "corpus")
    write_store(Recorded(text, Segment(0, 1000), arrays), tmp_path / "acts", notes={"reader": "a test"}, show=False)
    shutil.rmtree(tmp_path / "corpus")
    moved = shutil.move(tmp_path / "acts", tmp_path / "elsewhere")
    store = pickle.loads(pickle.dumps(Store.open(moved)))
    assert store.provenance == {"run": "planted", "reader": "a test", "store": {"dtype": "float16", "every": 1}}
    assert store.log == [{"step": 1, "loss": 2.0}]
    assert store.corpus.document(0, 8).text == "abc abc "
    assert store.corpus.splits == text.splits
    store.verify()


def test_the_same_again_changes_nothing_and_something_else_is_refused(corpus, arrays, tmp_path):
    folder, blocks = tmp_path / "acts", Recorded(corpus, Segment(0, 400), arrays)
    write_store(blocks, folder, show=False)
    before = files(folder)
    assert len(write_store(blocks, folder, show=False).signals["1", "hidden"]) == 400
    assert files(folder) == before
    other = Recorded(corpus, Segment(0, 401), {("1", "hidden"): arrays["1", "hidden"]})
    other.provenance = {"run": {"name": "another"}, "more": 1}
    with pytest.raises(UserError, match=r"segment: 0 to 400 there, 0 to 401 asked for; dtype: float16 there, float32 "
                                        r"asked for; units: 1, hidden, 0 to 40, bi/backward, cell, 0 to 7 there, .* "
                                        r"and 1 more; name another"):
        write_store(other, folder, FLOAT32, show=False)
    assert files(folder) == before


@pytest.mark.parametrize("other", [{}, {"bias": 1}])
def test_after_a_refusal_at_the_first_part_anything_may_be_begun(corpus, arrays, tmp_path, other):
    """Also of another text: nothing of the refused one is left in the end."""
    wrong = {source: np.where(np.arange(LENGTH)[:, None] == 5, np.nan, array) for source, array in arrays.items()}
    folder = tmp_path / "acts"
    with pytest.raises(UserError, match="activations must be finite"):
        write_store(Recorded(Corpus.of("x" * LENGTH), Segment(0, 400), wrong), folder, show=False, notes={"first": 1})
    mended = Recorded(corpus, Segment(0, 300), arrays)
    mended.provenance = other
    store = write_store(mended, folder, FLOAT32, show=False)
    np.testing.assert_array_equal(store.signals["1", "hidden"][:], arrays["1", "hidden"][:300])
    assert store.contents.notes == {} and store.corpus.document().text == corpus.document().text
    write_store(mended, tmp_path / "direct", FLOAT32, show=False)
    assert files(folder) == files(tmp_path / "direct")


@pytest.mark.parametrize("index", [1 << 62, 1 << 24, -1])
def test_indices_that_no_reader_takes_are_not_written(corpus, arrays, tmp_path, index):
    held = {("2", "cell"): (*range(39), index)}

    class Chosen(Recorded):
        units = property(lambda self: held)

    recorded = Chosen(corpus, Segment(0, 400), {("2", "cell"): arrays["1", "hidden"]})
    with pytest.raises(UserError, match=r"2/cell: the index of a unit must be 0 to 16,777,215; received "):
        write_store(recorded, tmp_path / "acts", show=False)
    assert not (tmp_path / "acts").exists()
    held["2", "cell"] = (*range(39), (1 << 24) - 1)
    write_store(recorded, tmp_path / "acts", show=False)
    assert Store.open(tmp_path / "acts").units == held


def test_folders_with_other_things_are_left_alone(corpus, arrays, tmp_path):
    blocks = Recorded(corpus, Segment(0, 400), arrays)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="is a file"):
        write_store(blocks, tmp_path / "file", show=False)
    with pytest.raises(UserError, match="is not empty and holds no activations"):
        write_store(blocks, tmp_path / "folder", show=False)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["mine.txt"]
    with pytest.raises(UserError, match="holds no activations; 'probe extract RUN --out"):
        Store.open(tmp_path / "folder")
    with pytest.raises(UserError, match="no such folder"):
        Store.open(tmp_path / "none")


def test_what_will_not_fit_is_refused_before_anything_is_written(corpus, arrays, tmp_path, monkeypatch):
    monkeypatch.setattr(size, "free_bytes", lambda folder: 300_000_000)
    blocks = Recorded(corpus, Segment(0, 400), arrays)
    words = size.plan(blocks, tmp_path / "acts", FLOAT32)
    assert "400 characters; layer 1: hidden of 40 units; layer bi/backward: cell of 7 units; in float32: " in words
    monkeypatch.setattr(size, "free_bytes", lambda folder: size.MARGIN + 1000)
    for refused in (lambda: size.plan(blocks, tmp_path / "acts", FLOAT32),
                    lambda: write_store(blocks, tmp_path / "acts", FLOAT32, show=False)):
        with pytest.raises(UserError, match=r"acts: needs 8\d\.\d kB, and 268\.4 MB are free .* --from and --to cut"):
            refused()
    assert not (tmp_path / "acts").exists()


def test_the_size_told_is_the_size_that_is_written(corpus, arrays, tmp_path):
    chance = np.random.default_rng(0)
    wide = {("1", "hidden"): chance.normal(size=(LENGTH, 512)), ("1", "cell"): chance.normal(size=(LENGTH, 512))}
    from probe.activations.store.contents import Contents

    blocks = Recorded(corpus, Segment(0, LENGTH), wide)
    told = size.store_size(Contents.of(blocks, StoreOptions()), corpus)
    write_store(blocks, tmp_path / "acts", show=False)
    written = sum(path.stat().st_size for path in (tmp_path / "acts").rglob("*") if path.is_file())
    assert written == pytest.approx(told, rel=0.04)


@pytest.mark.parametrize("rows", [1000, 1025, 2100])
def test_a_part_has_little_room_to_spare(corpus, tmp_path, rows):
    blocks = Recorded(corpus, Segment(0, rows), {("1", "hidden"): np.zeros((LENGTH, 514))})
    write_store(blocks, tmp_path / "acts", show=False)
    written = (tmp_path / "acts" / "part-000000.h5").stat().st_size
    assert written < 1.06 * rows * (514 * 2 + 4)


@pytest.mark.parametrize(("number", "shown"), [(999, "999 bytes"), (102_400_000_000, "102.4 GB"), (999_960, "1.0 MB")])
def test_sizes_are_shown_in_powers_of_a_thousand(number, shown):
    assert size.shown_bytes(number) == shown


@pytest.mark.parametrize("sources", [[("..", "hidden")], [("a", "hidden"), ("a/hidden", "x")], [("", "hidden")],
                                     [("a\n", "hidden")], [("a/b", "c"), ("a", "b/c")]])
def test_names_that_no_file_can_hold_are_refused(corpus, tmp_path, sources):
    blocks = Recorded(corpus, Segment(0, 400), {source: np.zeros((LENGTH, 2)) for source in sources})
    with pytest.raises(UserError, match="cannot be kept under these names"):
        write_store(blocks, tmp_path / "acts", show=False)


def test_blocks_that_leave_characters_out_make_no_store(corpus, arrays, tmp_path):
    class Short(Recorded):
        def __iter__(self):
            yield from list(super().__iter__())[:-1]

    with pytest.raises(UserError, match="end after 400 rows, and 401 were to come"):
        write_store(Short(corpus, Segment(0, 401), arrays), tmp_path / "acts", show=False)
    with pytest.raises(UserError, match="unfinished"):
        Store.open(tmp_path / "acts")


def test_blocks_that_give_characters_twice_make_no_store(corpus, arrays, tmp_path):
    class Twice(Recorded):
        def __iter__(self):
            yield self._block(np.array([0, 5]), 10)

    with pytest.raises(UserError, match="has some twice"):
        write_store(Twice(corpus, Segment(0, 20), arrays), tmp_path / "acts", show=False)


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


def test_a_block_is_forgotten_before_the_next_is_made(corpus, arrays, tmp_path):
    class Watched(Recorded):
        def __iter__(self):
            former = None
            for start in range(self.segment.start, self.segment.stop, 100):
                assert former is None or former() is None
                block = self._block(np.array([start]), 100)
                former = weakref.ref(block)
                yield block
                del block

    write_store(Watched(corpus, Segment(0, 400), arrays), tmp_path / "acts", show=False)


def test_a_block_is_needed_for_nothing_but_its_numbers(corpus, arrays, tmp_path):
    """Activations that lie otherwise in memory, as views do, are kept alike."""
    class Transposed(Recorded):
        def _block(self, starts, length):
            block = super()._block(starts, length)
            turned = {source: np.swapaxes(np.ascontiguousarray(np.swapaxes(values, 0, 1)), 0, 1)
                      for source, values in block.activations.items()}
            return Block(block.starts, turned, block.losses)

    write_store(Recorded(corpus, Segment(0, 400), arrays), tmp_path / "a", show=False)
    write_store(Transposed(corpus, Segment(0, 400), arrays), tmp_path / "b", show=False)
    assert files(tmp_path / "a") == files(tmp_path / "b")
