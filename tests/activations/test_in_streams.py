"""Every kind of activations as streams read them: in step, in equal stretches, and the same as in their own order."""

import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.activations import Extraction, ExtractOptions, Recorded, Store, StoreOptions, streamed, write_store
from probe.activations.held import MOST_HELD, held_in_streams
from probe.activations.store import part, streams
from probe.corpus import Segment
from probe.errors import UserError
from probe.patterns.network import NETWORK_PATTERNS, NetworkLabels
from tests.activations import foreign_networks
from tests.activations.foreign_networks import L, extraction, filled, keras
from tests.activations.stores import FLOAT32, LENGTH, Scattered


def laid(blocks):
    """Activations and losses by position, NaN where there are none."""
    size = len(blocks.corpus)
    found = {source: np.full((size, len(units)), np.nan, np.float32) for source, units in blocks.units.items()}
    losses, expected = np.full((size, 1), np.nan, np.float32), np.full((size, 1), -1)
    seen = np.zeros(size, int)
    for block in blocks:
        for stream, start in enumerate(block.starts):
            rows = slice(start, start + block.length)
            seen[rows] += 1
            losses[rows, 0] = block.losses[stream]
            if block.expected is not None:
                expected[rows, 0] = block.expected[stream]
            for source, values in block.activations.items():
                assert values.dtype == np.float32
                assert values.shape == (len(block.starts), block.length, len(blocks.units[source]))
                found[source][rows] = values[stream]
    np.testing.assert_array_equal(np.flatnonzero(seen), np.arange(blocks.segment.start, blocks.segment.stop))
    assert seen.max() == 1
    return {**found, "losses": losses, "expected": expected}


def check_in_step(blocks):
    """Each stream goes through a stretch of the segment; what does not divide comes last, in the last stream."""
    count, segment = blocks.streams, blocks.segment
    stretch = len(segment) // count
    done, alone = 0, 0
    for block in blocks:
        if done < stretch:
            np.testing.assert_array_equal(block.starts, segment.start + stretch * np.arange(count) + done)
            done += block.length
        else:
            assert block.starts.tolist() == [segment.start + count * stretch + alone]
            alone += block.length
    assert (done, alone) == (stretch, len(segment) % count)


def check_same(blocks, others, **tolerance):
    expected = laid(others)
    for source, values in laid(blocks).items():
        np.testing.assert_allclose(values, expected[source], **{"rtol": 0, "atol": 0, **tolerance})


@pytest.fixture(scope="module")
def store(corpus, arrays, tmp_path_factory) -> Store:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", 190)
        return write_store(Scattered(corpus, Segment(100, 2900), arrays, seed=2), tmp_path_factory.mktemp("s") / "acts",
                           FLOAT32, show=False)


@settings(max_examples=20, deadline=None)
@given(start=st.integers(100, 2000), length=st.integers(1, 900), count=st.integers(1, 1000), most=st.integers(1, 5000),
       parts=st.sampled_from([1, 3, 64]))
def test_a_store_is_read_anywhere_number_by_number(store, arrays, start, length, count, most, parts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamed, "MOST_ROWS", most)
        patch.setattr(streams, "MOST_OPEN", parts)
        blocks = store.blocks(Segment(start, start + length))
        read = blocks.in_streams(count)
        assert read.streams == min(count, length)
        check_in_step(read)
        found = laid(read)
    for source, array in arrays.items():
        np.testing.assert_array_equal(found[source][start:start + length], array[start:start + length])
    np.testing.assert_array_equal(found["losses"][start:start + length], 0.5)


def test_what_is_told_of_a_store_stays(store):
    read = pickle.loads(pickle.dumps(store.in_streams(8)))
    assert (read.segment, read.units, read.provenance, read.log, read.streams) == (
        store.segment, store.units, store.provenance, store.log, 8)
    assert read.corpus.document().text == store.corpus.document().text
    check_same(read, store)
    assert read.in_streams(5).streams == 5
    check_same(read.in_streams(5), store)


def test_no_more_parts_are_open_than_may_be(store, monkeypatch):
    now, opened = set(), []

    class Counted(streams.Hdf5File):
        def __enter__(self):
            now.add(self.path)
            opened.append(len(now))
            return super().__enter__()

        def __exit__(self, *error):
            now.remove(self.path)
            super().__exit__(*error)

    monkeypatch.setattr(streams, "MOST_OPEN", 2)
    monkeypatch.setattr(streams, "Hdf5File", Counted)
    check_same(store.in_streams(4), store)
    assert max(opened) == 2
    assert not now


def test_a_store_is_checked_before_it_is_read_in_streams(store, tmp_path):
    copy = Store.open(shutil.copytree(store.folder, tmp_path / "copy"))
    path = copy.folder / "part-000003.h5"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=r"part-000003\.h5: damaged: its checksum"):
        next(iter(copy.in_streams(4)))


def test_a_store_of_some_characters_has_no_streams(corpus, arrays, tmp_path):
    blocks = Scattered(corpus, Segment(0, 400), arrays)
    sparse = write_store(blocks, tmp_path / "acts", StoreOptions(every=2), show=False)
    for refused in (sparse, sparse.blocks(sparse=True)):
        with pytest.raises(UserError, match="keeps one character in 2"):
            refused.in_streams(4)


@settings(max_examples=20, deadline=None)
@given(start=st.integers(0, 2000), length=st.integers(1, 900), count=st.integers(1, 1000), most=st.integers(1, 5000),
       alignment=st.sampled_from(["read", "predicted"]), tokens=st.booleans())
def test_recorded_arrays_are_read_anywhere_number_by_number(corpus, arrays, start, length, count, most, alignment,
                                                            tokens):
    brought, spans = arrays, None
    if tokens:
        spans = np.stack([np.arange(0, LENGTH, 3), np.arange(2, LENGTH + 2, 3)], axis=1)
        brought = {source: array[:LENGTH // 3] for source, array in arrays.items()}
    recorded = Recorded.of(brought, corpus, spans=spans, alignment=alignment).part(start, start + length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamed, "MOST_ROWS", most)
        read = recorded.in_streams(count)
        assert read.streams == min(count, length)
        check_in_step(read)
        check_same(pickle.loads(pickle.dumps(read)), recorded)


def test_blocks_in_streams_are_bounded(corpus, arrays, monkeypatch):
    recorded = Recorded.of(arrays, corpus)
    monkeypatch.setattr(streamed, "MOST_ROWS", 128)
    assert {block.losses.size for block in recorded.in_streams(4)} == {128, 4 * (LENGTH // 4 % 32)}
    monkeypatch.setattr(streamed, "LARGEST", 47 * 64)
    assert max(block.losses.size for block in recorded.in_streams(4)) == 64
    assert max(block.length for block in recorded.in_streams(1000)) == 1


@pytest.mark.parametrize("count", [0, -1])
def test_streams_must_be_positive(run, corpus, arrays, count):
    windows = Extraction.of(run, options=ExtractOptions(windowed=9))
    for blocks in (Recorded.of(arrays, corpus), Extraction.of(run), windows):
        with pytest.raises(UserError, match="streams must be"):
            blocks.in_streams(count)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_a_run_reads_in_as_many_streams_as_are_asked_for(run, count):
    own = Extraction.of(run, Segment(5, 2003), options=ExtractOptions(signals="hidden,cell", overlap=200, block=64))
    read = own.in_streams(count)
    assert (read.streams, read.segment, read.units) == (count, own.segment, own.units)
    check_in_step(read)
    check_same(read, replace(own, options=replace(own.options, streams=1)), atol=1e-4)


def test_a_run_reads_in_fewer_streams_where_stretches_would_be_short(run):
    assert Extraction.of(run, Segment(0, 1000), options=ExtractOptions(overlap=300)).in_streams(64).streams == 3


@pytest.mark.parametrize("count", [1, 7, 400])
def test_windows_are_held_to_be_read_in_streams(run, count):
    own = Extraction.of(run, Segment(30, 331), options=ExtractOptions(windowed=20))
    read = own.in_streams(count)
    assert read.streams == min(count, 301)
    check_in_step(read)
    check_same(read, own, rtol=1 / 2048, atol=1e-7)
    for name in ("losses", "expected"):
        np.testing.assert_array_equal(laid(read)[name], laid(own)[name])
    assert (laid(read)["expected"][30:331] >= 0).all()


def test_a_network_of_others_reads_in_streams():
    text = foreign_networks.corpus()
    network = filled(keras.Sequential([keras.Input((None, len(text.vocabulary))), L.GRU(6, return_sequences=True)]))
    one = extraction(network, text, Segment(3, 803), streams=1)
    read = extraction(network, text, Segment(3, 803), streams=2, overlap=200, block=32).in_streams(4)
    assert read.streams == 4
    check_in_step(read)
    check_same(read, one, atol=1e-3)


@pytest.mark.parametrize("kind", ["lines", "windows"])
def test_what_a_network_of_others_reads_in_its_own_order_is_held(kind):
    text = foreign_networks.corpus()
    network = filled(keras.Sequential([keras.Input((None, len(text.vocabulary))),
                                       L.Bidirectional(L.LSTM(4, return_sequences=True))]))
    reading = {"documents": "lines"} if kind == "lines" else {"windowed": 6}
    own = extraction(network, text, Segment(10, 500), **reading)
    read = own.in_streams(7)
    assert read.streams == 7
    check_in_step(read)
    check_same(read, own, rtol=1 / 2048, atol=1e-7)


def test_what_does_not_fit_in_memory_has_no_streams(run, monkeypatch):
    own = Extraction.of(run, Segment(30, 130), options=ExtractOptions(windowed=20))
    assert MOST_HELD == 1 << 30
    monkeypatch.setattr("probe.activations.held.MOST_HELD", 2 * 20 * 100)
    assert own.in_streams(4) is not None
    monkeypatch.setattr("probe.activations.held.MOST_HELD", 2 * 20 * 100 - 1)
    assert own.in_streams(4) is None


@pytest.mark.parametrize(("sign", "value"), [(1, 65_504), (-1, 65_504), (1, 70_000), (-1, 70_000)])
def test_what_float16_cannot_hold_is_refused(sign, value, monkeypatch):
    monkeypatch.setattr("probe.activations.held.MOST_HELD", 2 * 2 * 50)  # room for float16, not for float32
    text = foreign_networks.corpus()
    network = keras.Sequential([keras.Input((None,)), L.Embedding(len(text.vocabulary), 2)])
    network.set_weights([np.full((len(text.vocabulary), 2), sign * value)])
    read = extraction(network, text, Segment(0, 50), windowed=3, entrance="ids").in_streams(2)
    if value == 65_504:
        check_same(read, read.blocks)
        return
    with pytest.raises(UserError, match=r"layer embedding.*: its output reaches 70000, and .* held as float16"):
        next(iter(read))


def surprises(blocks):
    """Labels of surprise by position."""
    network = NetworkLabels([NETWORK_PATTERNS["surprise"]], blocks.corpus.vocabulary)
    found = np.full(len(blocks.corpus), np.nan, np.float32)
    for block in blocks:
        labels = network.labels(block.starts, block.losses, block.expected, block.before)[..., 0]
        for stream, start in enumerate(block.starts):
            found[start:start + block.length] = labels[stream]
    return found


@pytest.mark.parametrize("count", [3, 8])
def test_what_surprises_a_network_is_the_same_in_any_streams(run, count, tmp_path):
    one = Extraction.of(run, Segment(5, 2003), options=ExtractOptions(overlap=200, block=64, streams=1))
    losses = laid(one)["losses"][:, 0]
    found = surprises(one)
    np.testing.assert_array_equal(found[6:2003], losses[5:2002])
    assert found[5] == np.float32(np.log(len(run.corpus.vocabulary)))
    np.testing.assert_allclose(surprises(one.in_streams(count)), found, rtol=0, atol=1e-4)
    held = held_in_streams(one, 50 * count)
    np.testing.assert_array_equal(surprises(held), found)
    store = write_store(one, tmp_path / "acts", FLOAT32, show=False)
    np.testing.assert_array_equal(surprises(store.in_streams(count)), found)
    later = one.part(1000, 2003).in_streams(count)
    np.testing.assert_allclose(surprises(later)[1000:2003], found[1000:2003], rtol=0, atol=1e-4)


@pytest.mark.parametrize("rows", [70, 128])
def test_a_store_of_streams_tells_what_surprises_in_its_own_order(run, tmp_path, monkeypatch, rows):
    monkeypatch.setattr(part, "PART_ROWS", rows)
    read = Extraction.of(run, Segment(5, 2003), options=ExtractOptions(overlap=200, block=64, streams=4))
    found = surprises(read)
    store = write_store(read, tmp_path / "acts", FLOAT32, show=False)
    np.testing.assert_array_equal(surprises(store.blocks(Segment(5, 2003))), found)
