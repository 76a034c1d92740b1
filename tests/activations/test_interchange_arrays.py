"""Activations as numpy files: what numpy itself reads, and the way back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from probe.activations import Block, Recorded, export_npy, export_npz, recorded_in_npy, recorded_in_npz
from probe.corpus import Corpus
from probe.errors import UserError
from tests.activations.test_interchange_recorded import TEXT, N, collected, numbers


class Streams:
    """Blocks of three streams far apart in the text, as a run gives them."""

    def __init__(self, arrays, corpus):
        self.arrays, self.corpus = arrays, corpus
        whole = Recorded.of(arrays, corpus)
        self.segment, self.units, self.log, self.provenance = whole.segment, whole.units, [], {"run": "streams"}

    def __iter__(self):
        third = N // 3
        for offset in range(0, third, 500):
            starts = np.array([offset, third + offset, 2 * third + offset])
            rows = starts[:, None] + np.arange(min(500, third - offset))
            yield Block(starts, {source: self.arrays["/".join(source)][rows] for source in self.units},
                        np.zeros(rows.shape, np.float32))


def planted(units=4):
    return {name: numbers(units=units, seed=seed).astype(np.float32)
            for seed, name in enumerate(("1/hidden", "1/cell", "2/hidden"))}


def test_numpy_reads_what_is_exported_and_the_text_lies_beside(tmp_path):
    made = planted()
    blocks = Streams(made, Corpus.of(TEXT))
    assert export_npz(blocks, tmp_path / "acts.npz", show=False) == tmp_path / "acts.npz"
    with np.load(tmp_path / "acts.npz") as archive:
        assert set(archive) == set(made)
        for name, array in made.items():
            assert archive[name].dtype == np.float32
            np.testing.assert_array_equal(archive[name], array)
    assert (tmp_path / "acts.txt").read_bytes() == TEXT.encode()
    export_npy(blocks, tmp_path / "one.npy", ["1/cell"], show=False)
    np.testing.assert_array_equal(np.load(tmp_path / "one.npy"), made["1/cell"])
    assert (tmp_path / "one.txt").read_bytes() == TEXT.encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acts.npz", "acts.txt", "one.npy", "one.txt"]


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t\r"), min_size=3,
               max_size=60), st.data())
def test_the_way_there_and_back_is_exact(tmp_path_factory, text, data):
    folder = tmp_path_factory.mktemp("arrays")
    values = arrays(np.float32, (len(text), 3), elements=st.floats(width=32, allow_nan=False, allow_infinity=False))
    made = {"lstm/hidden": data.draw(values), "lstm/cell": data.draw(values)}
    units = {"lstm/cell": data.draw(st.permutations([3, 9, 40]))}
    recorded = Recorded.of(made, text, units=units)
    export_npz(recorded, folder / "acts.npz", show=False)
    with recorded_in_npz(folder / "acts.npz") as again:
        assert again.corpus.document().text == text
        assert dict(again.units) == {("lstm", "hidden"): range(3), ("lstm", "cell"): tuple(units["lstm/cell"])}
        for source, array in collected(again).items():
            np.testing.assert_array_equal(array, made["/".join(source)])
    export_npy(recorded, folder / "one.npy", ["lstm/hidden"], show=False)
    with recorded_in_npy(folder / "one.npy", name="lstm/hidden") as again:
        assert again.corpus.document().text == text
        np.testing.assert_array_equal(collected(again)["lstm", "hidden"], made["lstm/hidden"])


def test_the_same_activations_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        export_npz(Streams(planted(), Corpus.of(TEXT)), tmp_path / f"{name}.npz", show=False)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_that_numpy_wrote_are_read_lazily(tmp_path, save):
    array = np.asfortranarray(numbers().round(2))
    save(tmp_path / "acts.npz", **{"encoder": array, "2/cell": array.astype(">f8")})
    with recorded_in_npz(tmp_path / "acts.npz", TEXT) as recorded:
        assert all(isinstance(each, np.memmap) for each in recorded.arrays.values())
        assert list(recorded.units) == [("encoder", "output"), ("2", "cell")]
        for found in collected(recorded).values():
            np.testing.assert_array_equal(found, array.astype(np.float32))
        assert recorded.provenance["file"] == "acts.npz"


def test_a_part_of_a_text_is_exported_with_its_own_text(tmp_path):
    made = planted()
    export_npz(Recorded.of(made, TEXT).part(100, 900), tmp_path / "part.npz", show=False)
    with recorded_in_npz(tmp_path / "part.npz") as again:
        assert again.corpus.document().text == TEXT[100:900]
        np.testing.assert_array_equal(collected(again)["1", "cell"], made["1/cell"][100:900])


def test_the_text_is_given_or_lies_beside(tmp_path):
    np.save(tmp_path / "acts.npy", numbers())
    with pytest.raises(UserError, match=r"acts\.npy: comes without its text: acts\.txt is not beside it"), \
            recorded_in_npy(tmp_path / "acts.npy"):
        pass
    with recorded_in_npy(tmp_path / "acts.npy", TEXT, alignment="predicted") as recorded:
        assert list(recorded.units) == [("1", "hidden")]
        assert len(recorded.segment) == N - 1


def test_another_text_beside_is_not_overwritten(tmp_path):
    (tmp_path / "acts.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(UserError, match=r"acts\.txt: is there and holds another text"):
        export_npz(Recorded.of(planted(), TEXT), tmp_path / "acts.npz", show=False)
    assert [path.name for path in tmp_path.iterdir()] == ["acts.txt"]
    assert (tmp_path / "acts.txt").read_text(encoding="utf-8") == "precious"


def test_what_cannot_be_exported_is_refused(tmp_path):
    recorded = Recorded.of(planted(), TEXT)
    with pytest.raises(UserError, match="no activations are called '3/hidden'; there are 1/hidden, 1/cell, 2/hidden"):
        export_npz(recorded, tmp_path / "acts.npz", ["3/hidden"], show=False)
    with pytest.raises(UserError, match="file holds one layer and signal"):
        export_npy(recorded, tmp_path / "acts.npy", show=False)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError, match="is a file, and a folder is needed here"):
        export_npz(recorded, tmp_path / "file" / "acts.npz", show=False)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_activations_of_some_characters_alone_are_refused(tmp_path):
    class Holed(Streams):
        def __iter__(self):
            return iter(list(super().__iter__())[1:])

    with pytest.raises(UserError, match=r"rows for 3,840 characters; other tools need one row a character"):
        export_npz(Holed(planted(), Corpus.of(TEXT)), tmp_path / "acts.npz", show=False)
    assert list(tmp_path.iterdir()) == []
