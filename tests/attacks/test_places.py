"""Where a file is expected there is none, or something that has no end: told in a line, at once, in little memory."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from probe.activations import Store, write_store
from probe.cli.kept_labels import keep_labels, kept_labels
from probe.cli.main import main
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files import (
    append_line,
    open_array,
    read_bundle,
    read_json,
    read_lines,
    sha256_of,
    write_bundle,
    write_manifest,
)
from probe.files.hdf5 import Hdf5File
from probe.files.hdf5_extent import extent_of
from probe.files.reading import LARGEST_JSON
from probe.model.checkpoint import checkpoint_paths, read_checkpoint
from probe.patterns import GivenLabels
from tests.activations.test_interchange_lstmvis import others, project
from tests.attacks.changes import refused
from tests.scan.recorded import Recorded

TERABYTES = 1 << 43

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def nothing(path: Path) -> None:
    """Leave the place empty."""


def folder_there(path: Path) -> None:
    path.mkdir()


def link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def holes(path: Path) -> None:
    """Let the file have terabytes of zeros behind what it holds, which take no room on the disk."""
    path.write_bytes(path.with_name("aside").read_bytes())
    os.truncate(path, TERABYTES)


TRICKS = [nothing, folder_there, link_to_nothing, link_to_itself, endless, pipe, holes]


def put(path: Path, trick: Callable[[Path], None]) -> None:
    shutil.move(path, path.with_name("aside"))
    trick(path)
    path.with_name("aside").unlink()


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """A corpus, a store with labels, and a checkpoint."""
    folder = tmp_path_factory.mktemp("original")
    corpus = Corpus.of("Come in, said the fox.\n" * 20, folder=folder / "corpus")
    arrays = {("1", "hidden"): np.random.default_rng(0).normal(size=(len(corpus), 3))}
    store = write_store(Recorded(corpus, Segment(0, len(corpus)), arrays), folder / "acts", show=False)
    keep_labels(store.folder, {"mine": {"labels": [[3, 9]]}})
    path, manifest = checkpoint_paths(folder / "run", 2)
    sha256 = write_bundle(path, {"weights/kernel": np.ones(3, np.float32), "states": np.zeros(3)})
    write_manifest(manifest, "checkpoint", 1, {"sha256": sha256, "position": {"step": 2, "best": None}})
    return folder


def read_store(folder: Path) -> None:
    store = Store.open(folder / "acts")
    list(store)
    [each.label(store.corpus.document()) for each in kept_labels(store)]


READERS = {
    "corpus/corpus.json": lambda folder: Corpus.open(folder / "corpus"),
    "corpus/ids.npy": lambda folder: Corpus.open(folder / "corpus"),
    "corpus/codes.npy": lambda folder: Corpus.open(folder / "corpus"),
    "acts/store.json": read_store, "acts/index.safetensors": read_store, "acts/part-000000.h5": read_store,
    "acts/text/corpus.json": read_store, "acts/text/ids.npy": read_store,
    "run/checkpoints/step-000000002.json": lambda folder: read_checkpoint(folder / "run", 2, None),
    "run/checkpoints/step-000000002.safetensors": lambda folder: read_checkpoint(folder / "run", 2, None),
}


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
@pytest.mark.parametrize("name", READERS)
def test_folders_of_ours(name, trick, original, tmp_path):
    folder = shutil.copytree(original, tmp_path / "copy")
    READERS[name](folder)
    put(folder / name, trick)
    refused(lambda: READERS[name](folder))


@pytest.mark.parametrize("trick", [endless, pipe, holes], ids=lambda trick: trick.__name__)
def test_labels_in_a_store(trick, original, tmp_path):
    folder = shutil.copytree(original, tmp_path / "copy")
    put(folder / "acts" / "labels" / "mine.json", trick)
    if trick is holes:
        refused(lambda: read_store(folder))
    else:  # no files, and so not among the labels
        assert kept_labels(Store.open(folder / "acts")) == ()


FILES = {"a.json": (b"{}", read_json), "a.jsonl": (b'{"a": 1}\n', read_lines), "a.npy": (None, open_array),
         "a.safetensors": (b"x", lambda path: read_bundle(path, "0" * 64)), "a.h5": (b"x", lambda path: _entered(path)),
         "labels.txt": (b"0101", lambda path: GivenLabels.of("mine", path, 4))}


def _entered(path: Path) -> None:
    with Hdf5File(path):
        pass


@pytest.mark.parametrize("trick", [link_to_itself, endless, pipe], ids=lambda trick: trick.__name__)
@pytest.mark.parametrize("name", FILES)
def test_readers_one_by_one(name, trick, tmp_path):
    trick(tmp_path / name)
    if name == "a.jsonl" and trick is link_to_itself:
        assert read_lines(tmp_path / name) == []  # as a log that is missing
        return
    refused(lambda: FILES[name][1](tmp_path / name))


def test_a_log_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "log.jsonl")
    refused(lambda: append_line(tmp_path / "log.jsonl", {"step": 1}))


def test_files_full_of_holes_are_not_read(tmp_path):
    for name in ("a.json", "a.jsonl", "a.safetensors"):
        (tmp_path / name).write_bytes(b"\x02\0\0\0\0\0\0\0{}")
        os.truncate(tmp_path / name, TERABYTES)
        refused(lambda name=name: FILES[name][1](tmp_path / name))
    np.save(tmp_path / "a.npy", np.arange(9))
    os.truncate(tmp_path / "a.npy", TERABYTES)
    with pytest.raises(UserError, match="bytes come after it"):
        open_array(tmp_path / "a.npy")


def test_a_json_file_of_the_largest_size_is_told_by_its_size(tmp_path):
    (tmp_path / "a.json").write_bytes(b"{}")
    os.truncate(tmp_path / "a.json", LARGEST_JSON + 1)
    with pytest.raises(UserError, match=f"has {LARGEST_JSON + 1:,} bytes; at most {LARGEST_JSON:,} are accepted"):
        read_json(tmp_path / "a.json")


def test_a_checksum_is_of_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="is a pipe or device"):
        sha256_of(tmp_path / "pipe")


def test_an_hdf5_file_is_as_long_as_it_says(tmp_path):
    for version in ("earliest", "latest"):
        path = tmp_path / f"{version}.h5"
        with h5py.File(path, "w", libver=version) as file:
            file["x"] = np.arange(9.0)
        assert extent_of(path.read_bytes()[:64]) == path.stat().st_size
        os.truncate(path, TERABYTES)
        refused(lambda path=path: _entered(path))
    assert extent_of(b"\x89HDF\r\n\x1a\n" + b"\xff" * 56) is None


@pytest.mark.parametrize("trick", [endless, pipe, holes], ids=lambda trick: trick.__name__)
@pytest.mark.parametrize("name", ["lstm.yml", "words.dict", "ids.hdf5", "cbt_epoch10.h5"])
def test_a_folder_of_lstmvis(name, trick, tmp_path, capsys):
    config = project(tmp_path / "project", [1, 2] * 60, others(120), "one 1\ntwo 2\n")
    put(config.parent / name, trick)
    assert main(["import", str(config), "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and name in told and len(told) < 500


def test_of_a_table_of_labels_that_is_none_a_little_is_quoted(tmp_path):
    (tmp_path / "labels.csv").write_text("1\n" + "x" * 10_000 + "\n0\n")
    with pytest.raises(UserError, match="must hold numbers parted by line breaks") as raised:
        GivenLabels.of("mine", tmp_path / "labels.csv", 3)
    assert len(str(raised.value)) < 300 + len(str(tmp_path))
