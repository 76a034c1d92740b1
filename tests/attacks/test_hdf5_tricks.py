"""What the HDF5 format can do to those who follow it, tried at every door that takes HDF5: refused in one line."""

import hashlib
import io
import json
import shutil
import zipfile
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
from tests.attacks.changes import refused
from tests.attacks.hdf5_tricks import TRICKS
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


def test_what_is_changed_below_is_accepted(door):
    door.open()


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_no_trick_is_followed(trick, door, tmp_path):
    door.change(lambda file: trick(file, door.place, tmp_path / "outside.h5"))
    refused(door.open, longest=1500)


@pytest.mark.parametrize("value", [
    "x" * 60_000, "", "\x1b[2J", b"\xff", 3, np.zeros(8000), np.array(["x"] * 900, object), h5py.Empty("f4"),
    np.array([(1, "x")], [("a", "i4"), ("b", h5py.string_dtype())])], ids=range(9))
@pytest.mark.parametrize(("kind", "place", "name"), [
    (StorePart, "/", "store"), (StorePart, "/", "part"), (Keras2File, "/", "layer_names"),
    (Keras2File, "d", "weight_names"), (Keras2File, "/", "model_config"), (KerasFile, "layers/lstm/vars", "name")])
def test_absurd_attributes_are_refused(value, kind, place, name, originals, tmp_path):
    door = copied(kind, originals, tmp_path)
    door.change(lambda file: file[place].attrs.__setitem__(name, value))
    refused(door.open, longest=1500)
