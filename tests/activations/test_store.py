"""Stores against the arrays they were made of: every row once, in any cut, with its text, or refused."""

import pickle
import shutil
import weakref
from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.activations import Block, Store, StoreOptions, write_store
from probe.activations.store import part
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from tests.activations.stores import FLOAT32, LENGTH, Scattered, files
from tests.scan.recorded import Recorded


@settings(max_examples=14)
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
