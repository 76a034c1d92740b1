"""Runs that were damaged or made up: configuration, text, checkpoints and log are refused in a line, or told of."""

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from probe.corpus import Corpus
from probe.errors import UserError
from probe.files import read_bundle, read_manifest, sha256_of, write_bundle, write_manifest
from probe.model import ModelOptions, Run
from probe.model.checkpoint import Checkpoint, checkpoint_paths, newest_position
from probe.model.run import KIND, VERSION
from probe.model.weights import load_weights
from probe.train import TrainOptions
from probe.train.status import RunStatus
from tests.attacks.changes import ODD, changed_at, damaged, places, refusal

IDENTITY = "0" * 32
MANIFESTS = {"run.json": (KIND, VERSION), "corpus/corpus.json": ("corpus", 1),
             **{f"checkpoints/step-00000000{step}.json": ("checkpoint", 1) for step in (2, 3)}}


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """A run with two checkpoints, as a training leaves it, but made by hand in a moment."""
    folder = tmp_path_factory.mktemp("original") / "run"
    Corpus.of("“Come in,” said the fox. The cat did not.\n" * 30, folder=folder / "corpus")
    write_manifest(folder / "run.json", KIND, VERSION, {
        "model": asdict(ModelOptions(units=3)), "training": asdict(TrainOptions(steps=9, batch=2, length=10)),
        "versions": {"probe": "0"}, "identity": IDENTITY})
    (folder / "log.jsonl").write_text("".join(json.dumps({"step": step, "seconds": 1.5, "loss": 2.0}) + "\n"
                                              for step in (1, 2, 3)))
    for step in (2, 3):
        arrays, manifest = checkpoint_paths(folder, step)
        manifest.parent.mkdir(exist_ok=True)
        sha256 = write_bundle(arrays, {"weights/kernel": np.full((20, 30), step, np.float32), "states": np.zeros(3),
                                       "optimizer/m": np.ones((20, 30), np.float32)})
        write_manifest(manifest, "checkpoint", 1, {"sha256": sha256, "run": IDENTITY, "position": {
            "step": step, "seconds": 1.5, "loss_sum": 0.0, "loss_count": 0, "log_size": 9, "finished": False,
            "best": {"step": 2, "loss": 2.5}}})
    return folder


@pytest.fixture
def folder(original, tmp_path, monkeypatch) -> Path:
    """A copy of it, which nobody trains meanwhile: it is read once, and not again in hope of better."""
    for module in ("probe.model.training_folder", "probe.train.status"):
        monkeypatch.setattr(f"{module}.ATTEMPTS", 1)
    return shutil.copytree(original, tmp_path / "run")


def read(folder: Path) -> list[Any]:
    """Read all that a run holds."""
    run = Run.open(folder)
    status = RunStatus.of(folder)
    return [run.model_options, run.training, run.corpus.document().text, run.log, run.checkpoint("latest").step,
            run.checkpoint("latest").weights["kernel"].tolist(), status.step, status.best, run._repr_html_()]


def is_refused(folder: Path, whole: list[Any]) -> bool:
    """Read a run whose checksums are as they were: it must be as it was, or something must be told."""
    found: list[Any] = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        refused = refusal(lambda: found.extend(read(folder)))
    assert refused is None or (refused.isprintable() and str(folder) in refused)
    assert refused is not None or told or found == whole
    return refused is not None


@pytest.mark.parametrize("name", ["run.json", "corpus/corpus.json", "corpus/ids.npy", "corpus/codes.npy", "log.jsonl",
                                  "checkpoints/step-000000003.json", "checkpoints/step-000000003.safetensors"])
def test_truncations_and_single_bits_are_refused_told_or_harmless(name, folder):
    whole, refusals = read(folder), 0
    for each in damaged((folder / name).read_bytes(), bits=9):
        (folder / name).write_bytes(each)
        refusals += is_refused(folder, whole) if name != "log.jsonl" else log_is_refused(folder)
    assert refusals or name.startswith(("checkpoints", "log"))


def log_is_refused(folder: Path) -> bool:
    """A log has no checksum: what is read of it is a log, or it is refused."""
    refused = refusal(lambda: [record["step"] + 1 for record in Run.open(folder).log])
    assert refused is None or refused.startswith(str(folder / "log.jsonl"))
    return refused is not None


def changed(path: Path, name: str, change: Callable[[Any], None]) -> None:
    """Change the content of a manifest, and give it the checksum that goes with it."""
    kind, version = MANIFESTS[name]
    content = read_manifest(path / name, kind, version)
    change(content)
    write_manifest(path / name, kind, version, content)


@pytest.mark.filterwarnings("ignore:.*going back to step")
@pytest.mark.filterwarnings("ignore:.*looking at the one before it")
@pytest.mark.parametrize("name", ["run.json", "corpus/corpus.json", "checkpoints/step-000000003.json"])
def test_any_value_of_any_kind_is_accepted_or_refused_in_a_line(name, folder):
    kind, version = MANIFESTS[name]
    content = read_manifest(folder / name, kind, version)
    chance = Random(0)
    for place in places(content):
        for made in (changed_at(content, place, chance.choice(ODD)), changed_at(content, place)):
            write_manifest(folder / name, kind, version, made)
            message = refusal(lambda: read(folder))
            assert message is None or ("\n" not in message and len(message) < 1500 + 4 * len(str(folder))), place


@pytest.mark.parametrize(("place", "value"), [
    (("splits", "train"), [0, 10**9]), (("splits", "train"), ["0", "1"]), (("splits", "test"), [5, 9]),
    (("files",), [["a", 0, 10**9]]), (("files",), [[3, 0, 1]]), (("files",), [["a", "0", 1]]), (("language",), "perl"),
    (("source", "characters"), "1260"), (("source", "characters"), -1), (("source", "name"), ["x"]),
    (("source", "sha256"), 7), (("vocabulary", "characters"), "abc"), (("options", "encoding"), "x" * 9999),
    (("options", "splits"), "1,1,1"),
])
def test_descriptions_of_a_text_that_contradict_it_are_refused(place, value, folder):
    path = folder / "corpus" / "corpus.json"
    write_manifest(path, "corpus", 1, changed_at(read_manifest(path, "corpus", 1), place, value))
    with pytest.raises(UserError, match=r"corpus\.json: not the description of a corpus|ids\.npy: damaged"):
        Corpus.open(folder / "corpus")


@pytest.mark.parametrize(("name", "number"), [("ids.npy", 255), ("codes.npy", 0x110000)])
def test_ids_and_characters_beyond_all_that_there_are_are_refused(name, number, folder):
    array = np.load(folder / "corpus" / name)
    array = array.astype(np.uint32) if number > array.max() and name == "codes.npy" else array
    array[100] = number
    np.save(folder / "corpus" / name, array)
    changed(folder, "corpus/corpus.json", lambda content: content["sha256"].update(
        {name: sha256_of(folder / "corpus" / name)}))
    with pytest.raises(UserError, match=rf"{name}: damaged: holds {number:,}, and numbers below"):
        Corpus.open(folder / "corpus")


@pytest.mark.parametrize("position", [
    [], "x", {}, {"step": 3}, {"step": 4, "best": None}, {"step": 3, "best": 7}, {"step": 3, "best": {"step": 2}},
    {"step": 3, "best": {"step": -2, "loss": 1.0}}, {"step": 3, "best": {"step": 2, "loss": "x"}},
    {"step": 3, "best": None, "evil": 1}, {"step": 3, "best": None, "seconds": "1"},
    {"step": 3, "best": None, "log_size": -1}, {"step": 3, "best": None, "finished": 1},
    {"step": True, "best": None}, {"step": 3, "best": None, "seconds": 1e300},
])
def test_positions_that_are_none_are_told_and_the_checkpoint_before_is_taken(position, folder):
    changed(folder, "checkpoints/step-000000003.json", lambda content: content.update(position=position))
    with pytest.warns(UserWarning, match=r"not the manifest of a checkpoint: .*going back to step 2"):
        assert Run.open(folder).checkpoint("latest").step == 2
    with pytest.warns(UserWarning, match=r"step-000000003\.json: .*looking at the one before it"):
        found = newest_position(folder, IDENTITY)
    assert found is not None and found["step"] == 2


class Layer:
    """What has weights."""

    name = "model"

    def __init__(self) -> None:
        self.weights = [self]

    path, shape = "model/kernel", (20, 30)

    def assign(self, array: np.ndarray) -> None:
        pytest.fail("was taken")


@pytest.mark.parametrize("array", [
    np.full((20, 30), np.nan, np.float32), np.full((20, 30), -np.inf, np.float64), np.zeros((20, 30), np.int32),
    np.zeros((20, 30), bool), np.zeros((30, 20), np.float32), np.zeros((20, 30, 1), np.float32),
    np.zeros((), np.float32)], ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_of_other_shapes_dtypes_or_no_numbers_are_no_weights(array, folder):
    arrays, manifest = checkpoint_paths(folder, 3)
    sha256 = read_manifest(manifest, "checkpoint", 1)["sha256"]
    made = {**read_bundle(arrays, sha256), "weights/kernel": array}
    sha256 = write_bundle(arrays, made)
    changed(folder, "checkpoints/step-000000003.json", lambda content: content.update(sha256=sha256))
    found: Checkpoint = Run.open(folder).checkpoint("latest")
    with pytest.raises(UserError, match=r"checkpoint of step 3: kernel (has shape|must hold finite numbers)"):
        load_weights(Layer(), found)
