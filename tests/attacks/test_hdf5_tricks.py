"""What the HDF5 format can do to those who follow it, tried at every door that takes HDF5: refused in one line."""

import hashlib
import io
import json
import shutil
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from probe.activations import Store, write_store
from probe.activations.foreign import open_model
from probe.cli.main import main
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files import write_manifest
from tests.activations.test_interchange_lstmvis import others, project
from tests.model.legacy.layouts import write_weights
from tests.scan.recorded import Recorded

Change = Callable[[h5py.File], None]


class KerasFile:
    """A `.keras` file, whose weights are HDF5 inside a zip."""

    place = "layers/lstm/cell/vars/0"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.keras"

    @staticmethod
    def make(folder: Path) -> None:
        from probe.model.engine import keras

        x = keras.Input((None,))
        y = keras.layers.LSTM(3, name="lstm")(keras.layers.Embedding(9, 4, name="embedding")(x))
        keras.Model(x, y).save(folder / "a.keras")

    def change(self, change: Change) -> None:
        with zipfile.ZipFile(self.path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        buffer = io.BytesIO(members["model.weights.h5"])
        with h5py.File(buffer, "a") as file:
            change(file)
        members["model.weights.h5"] = buffer.getvalue()
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    def open(self) -> None:
        open_model(self.path)


class Keras2File:
    """A file of Keras 2, given to ``probe import``."""

    place = "d/d/array_0:0"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.h5"

    @staticmethod
    def make(folder: Path) -> None:
        config = {"class_name": "Sequential", "config": [
            {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [None, 3]}},
            {"class_name": "Dense", "name": "d", "config": {"name": "d", "units": 4, "activation": "linear"}}]}
        write_weights(folder / "a.h5", [("d", [np.ones((3, 4)), np.ones(4)])], config=config)

    def change(self, change: Change) -> None:
        with h5py.File(self.path, "r+") as file:
            change(file)

    def open(self) -> None:
        commanded("import", self.path)


class StorePart:
    """A part of a store, with the checksums that go with it."""

    place = "activations/1/hidden"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "acts"
        self.path = self.folder / "part-000000.h5"

    @staticmethod
    def make(folder: Path) -> None:
        corpus = Corpus.of("Come in, said the fox.\n" * 10, folder=folder / "corpus")
        arrays = {("1", "hidden"): np.random.default_rng(0).normal(size=(230, 7))}
        write_store(Recorded(corpus, Segment(0, 230), arrays), folder / "acts", show=False)

    def change(self, change: Change) -> None:
        with h5py.File(self.path, "r+") as file:
            change(file)
        raw = self.path.read_bytes()
        content = json.loads((self.folder / "store.json").read_text())["content"]
        content["parts"][0] = [len(raw), hashlib.sha256(raw).hexdigest()]
        write_manifest(self.folder / "store.json", "store", 1, content)

    def open(self) -> None:
        store = Store.open(self.folder)
        store.signals["1", "hidden"][:]
        list(store)


class Lstmvis:
    """States in a folder of LSTMVis, given to ``probe import``."""

    place = "gates"

    def __init__(self, folder: Path) -> None:
        self.config = folder / "project" / "lstm.yml"
        self.path = folder / "project" / "cbt_epoch10.h5"

    @staticmethod
    def make(folder: Path) -> None:
        project(folder / "project", [1, 2] * 60, others(120), "one 1\ntwo 2\n")

    def change(self, change: Change) -> None:
        with h5py.File(self.path, "r+") as file:
            change(file)

    def open(self) -> None:
        commanded("import", self.config, "--out", self.config.parent.parent / "out")


def commanded(*words: object) -> None:
    """Run a command; what it refuses is raised here as it is told."""
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", told)
        status = main([str(word) for word in words])
    if status:
        assert status == 1 and told.getvalue().count("\n") == 1 and told.getvalue()[:-1].isprintable()
        raise UserError(told.getvalue().removeprefix("probe: ")[:-1])


DOORS = [KerasFile, Keras2File, StorePart, Lstmvis]


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("originals")
    for kind in DOORS:
        (home / kind.__name__).mkdir()
        kind.make(home / kind.__name__)
    return home


def copied(kind: type, originals: Path, place: Path) -> Any:
    """A door of a kind, as it was made."""
    return kind(Path(shutil.copytree(originals / kind.__name__, place / "door")))


@pytest.fixture(params=DOORS, ids=lambda door: door.__name__)
def door(request, originals, tmp_path) -> Any:
    return copied(request.param, originals, tmp_path)


def without(trick):
    """Let a trick take the place of an array, of which it is told the shape, the dtype and the values."""

    def change(file: h5py.File, place: str, outside: Path) -> None:
        array = file[place][()]
        del file[place]
        trick(file, place, array, outside)

    change.__name__ = trick.__name__
    return change


@without
def link_to_another_place(file, place, array, outside):
    file["elsewhere"] = array
    file[place] = h5py.SoftLink("/elsewhere")


@without
def link_to_itself(file, place, array, outside):
    file[place] = h5py.SoftLink(f"/{place}")


@without
def links_in_a_circle(file, place, array, outside):
    file["round"] = h5py.SoftLink(f"/{place}")
    file[place] = h5py.SoftLink("/round")


@without
def link_into_another_file(file, place, array, outside):
    with h5py.File(outside, "w") as other:
        other["x"] = array
    file[place] = h5py.ExternalLink(str(outside), "/x")


@without
def link_to_its_own_file(file, place, array, outside):
    file["elsewhere"] = array
    file[place] = h5py.ExternalLink("a.h5", "/elsewhere")


@without
def numbers_in_another_file(file, place, array, outside):
    outside.write_bytes(array.tobytes())
    file.create_dataset(place, array.shape, array.dtype, external=[(str(outside), 0, array.nbytes)])


@without
def virtual_numbers(file, place, array, outside):
    with h5py.File(outside, "w") as other:
        other["x"] = array
    layout = h5py.VirtualLayout(array.shape, array.dtype)
    layout[...] = h5py.VirtualSource(str(outside), "x", array.shape)
    file.create_virtual_dataset(place, layout)


@without
def virtual_numbers_of_its_own(file, place, array, outside):
    file["elsewhere"] = array
    layout = h5py.VirtualLayout(array.shape, array.dtype)
    layout[...] = h5py.VirtualSource(".", "elsewhere", array.shape)
    file.create_virtual_dataset(place, layout)


@without
def seventeen_terabytes(file, place, array, outside):
    file.create_dataset(place, (1 << 21, 1 << 21), "f4", chunks=(1024, 1024))


@without
def more_than_any_number(file, place, array, outside):
    file.create_dataset(place, (1 << 62, 1 << 62), array.dtype, chunks=(1, 1))


@without
def chunks_of_gigabytes(file, place, array, outside):
    file.create_dataset(place, array.shape, array.dtype, chunks=(1 << 26, *[1] * (array.ndim - 1)),
                        maxshape=(None,) * array.ndim)


@without
def bomb(file, place, array, outside):
    made = file.create_dataset(place, array.shape, array.dtype, chunks=array.shape, compression="gzip")
    made.id.write_direct_chunk((0,) * array.ndim, zlib.compress(bytes(1 << 25)))


@without
def references(file, place, array, outside):
    made = file.create_dataset(place, array.shape, h5py.ref_dtype)
    made[(0,) * array.ndim] = file.ref


@without
def references_to_regions(file, place, array, outside):
    file["elsewhere"] = array
    made = file.create_dataset(place, array.shape, h5py.regionref_dtype)
    made[(0,) * array.ndim] = file["elsewhere"].regionref[:1]


@without
def lists_of_any_length(file, place, array, outside):
    file.create_dataset(place, array.shape, h5py.vlen_dtype(np.float32))


@without
def records(file, place, array, outside):
    file.create_dataset(place, array.shape, [("a", array.dtype), ("b", "S9")])


@without
def texts(file, place, array, outside):
    file.create_dataset(place, data=np.full(array.shape, "x", object), dtype=h5py.string_dtype())


@without
def complex_numbers(file, place, array, outside):
    file[place] = array.astype(np.complex64)


@without
def a_type_alone(file, place, array, outside):
    file[place] = array.dtype


@without
def nothing_at_all(file, place, array, outside):
    file[place] = h5py.Empty(array.dtype)


@without
def no_rows(file, place, array, outside):
    file.create_dataset(place, (0, *array.shape[1:]), array.dtype)


@without
def another_rank(file, place, array, outside):
    file[place] = array[np.newaxis]


@without
def a_filter_of_a_plugin(file, place, array, outside):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk(array.shape)
    creation.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.id, place.encode(), h5py.h5t.py_create(array.dtype), h5py.h5s.create_simple(array.shape),
                    creation)


@without
def deep_groups(file, place, array, outside):
    file[f"{place}/" + "g/" * 500 + "x"] = array


@without
def a_thousand_links(file, place, array, outside):
    group = file.create_group(place)
    for number in range(1000):
        group[str(number)] = h5py.SoftLink("/")


@without
def the_root_again(file, place, array, outside):
    file[place] = file["/"]


def group_that_is_a_link(file, place, outside):
    parent = place.rpartition("/")[0] or place
    file.move(parent, "elsewhere")
    file[parent] = h5py.SoftLink("/elsewhere")


def group_of_another_file(file, place, outside):
    parent = place.rpartition("/")[0] or place
    with h5py.File(outside, "w") as other:
        file.copy(parent, other, "x")
    del file[parent]
    file[parent] = h5py.ExternalLink(str(outside), "/x")


TRICKS = [link_to_another_place, link_to_itself, links_in_a_circle, link_into_another_file, link_to_its_own_file,
          numbers_in_another_file, virtual_numbers, virtual_numbers_of_its_own, seventeen_terabytes,
          more_than_any_number, chunks_of_gigabytes, bomb, references, references_to_regions, lists_of_any_length,
          records, texts, complex_numbers, a_type_alone, nothing_at_all, no_rows, another_rank, a_filter_of_a_plugin,
          deep_groups, a_thousand_links, the_root_again, group_that_is_a_link, group_of_another_file]


def refused(door) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UserError) as raised:
            door.open()
        assert tracemalloc.get_traced_memory()[1] < 1 << 24
    finally:
        tracemalloc.stop()
    assert str(raised.value).isprintable() and len(str(raised.value)) < 1500, raised.value


def test_what_is_changed_below_is_accepted(door):
    door.open()


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_no_trick_is_followed(trick, door, tmp_path):
    door.change(lambda file: trick(file, door.place, tmp_path / "outside.h5"))
    refused(door)


@pytest.mark.parametrize("value", [
    "x" * 60_000, "", "\x1b[2J", b"\xff", 3, np.zeros(8000), np.array(["x"] * 900, object), h5py.Empty("f4"),
    np.array([(1, "x")], [("a", "i4"), ("b", h5py.string_dtype())])], ids=range(9))
@pytest.mark.parametrize(("kind", "place", "name"), [
    (StorePart, "/", "store"), (StorePart, "/", "part"), (Keras2File, "/", "layer_names"),
    (Keras2File, "d", "weight_names"), (Keras2File, "/", "model_config"), (KerasFile, "layers/lstm/vars", "name")])
def test_absurd_attributes_are_refused(value, kind, place, name, originals, tmp_path):
    door = copied(kind, originals, tmp_path)
    door.change(lambda file: file[place].attrs.__setitem__(name, value))
    refused(door)
