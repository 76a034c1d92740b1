"""Files of every release open with the present code, and hold the numbers that were read from them then."""

import ast
import json
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.cli.main import main
from probe.errors import UserError
from probe.files import read_json
from tests.formats.make import HERE, NUMBERS, READ, TEXT, TRAINING, activations, recorded, sums
from tests.formats.openings import OPENINGS

ROOT = HERE.parents[1]
# From the oldest release to the newest.
KEPT = sorted(HERE.glob("*/*.zip"), key=lambda path: [int(number) for number in path.parent.name.split(".")])


def unpacked(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def numbers(path: Path) -> Any:
    return json.loads((path.parent / NUMBERS).read_text())[path.stem]


def assert_near(found: dict[str, list[float]], kept: dict[str, list[float]]) -> None:
    assert found.keys() == kept.keys()
    for name, pair in kept.items():
        np.testing.assert_allclose(found[name], pair, rtol=1e-9, err_msg=name)


def arrays_of(checkpoint: Any) -> dict[str, np.ndarray]:
    """What a checkpoint holds, by the names in its file."""
    arrays = {f"weights/{name}": array for name, array in checkpoint.weights.items()}
    return {**arrays, **{f"optimizer/{name}": array for name, array in checkpoint.optimizer.items()},
            "states": checkpoint.states}


def losses_of(run: Any) -> list[float]:
    return [line["loss"] for line in run.log if "loss" in line]


@pytest.fixture
def place(request, tmp_path) -> tuple[Path, Any]:
    """The files of a zip, and their numbers."""
    return unpacked(request.param, tmp_path), numbers(request.param)


def every(name: str):
    """A test of the files of this name, of every release."""
    paths = [path for path in KEPT if path.stem == name]
    return pytest.mark.parametrize("place", paths, ids=[path.parent.name for path in paths], indirect=True)


def test_there_is_a_file_of_each_kind_and_a_release_is_small():
    assert {path.stem for path in KEPT} == set(OPENINGS)
    for folder in HERE.glob("[0-9]*"):
        sizes = [path.stat().st_size for path in folder.iterdir()]
        assert max(sizes) < 100_000 and sum(sizes) < 400_000


@every("run")
def test_a_run_is_read_and_goes_on(place, capsys):
    from probe.activations import Extraction
    from probe.model import Run

    folder, kept = place
    run = Run.open(folder / "run")
    assert run.corpus.document().text == TEXT and len(TEXT) == kept["characters"]
    checkpoint = run.checkpoint("latest")
    assert_near(sums(arrays_of(checkpoint)), kept["arrays"])
    assert losses_of(run) == kept["logged"]
    losses = np.concatenate([block.losses.ravel() for block in Extraction.of(run, checkpoint="latest").part(0, READ)])
    assert np.nanmean(losses[:READ - 1]) == pytest.approx(kept["loss"], rel=1e-4)
    assert main(["train", str(folder / "text.txt"), "--run", str(folder / "run"), "--steps", "6", *TRAINING]) == 0
    assert "goes on at step 4" in capsys.readouterr().out
    assert Run.open(folder / "run").checkpoint("latest").step == 6


@every("store")
def test_a_store_is_read(place):
    from probe.activations import Store

    folder, kept = place
    store = Store.open(folder / "acts")
    store.verify()
    assert store.corpus.document().text == TEXT[:kept["characters"]]
    assert store.provenance["made"] == "by sines"
    assert_near(sums({"/".join(source): array[:] for source, array in store.signals.items()}), kept["arrays"])


@every("unfinished")
def test_an_unfinished_store_goes_on(place):
    from probe.activations import write_store
    from probe.activations.store.progress import saved_rows

    folder, kept = place
    assert saved_rows(folder / "acts") == kept["rows"]
    before = (folder / "acts" / "part-000000.h5").read_bytes()
    store = write_store(activations(), folder / "acts", show=False)
    assert (folder / "acts" / "part-000000.h5").read_bytes() == before
    for (layer, signal), units in ((("1", "hidden"), 4), (("2", "cell"), 3)):
        np.testing.assert_array_equal(store.signals[layer, signal][:], recorded(READ, units).astype(np.float16))


@every("findings")
def test_findings_are_read_and_shown(place, capsys):
    from probe.scan import Findings

    folder, kept = place
    found = Findings.load(folder / "findings")
    best = found.findings[0]
    assert [best.pattern, best.layer, best.signal, best.unit] == kept["unit"]
    assert best.confirmation.correlation == kept["r"]
    assert found.passages[0].text == kept["passage"]
    assert_near(sums(dict(found.measures)), kept["measures"])
    assert_near(sums(dict(found.network.arrays)), kept["weights"])
    page = folder / "page.html"
    assert main(["gallery", str(folder / "findings"), "--out", str(page)]) == 0
    assert kept["unit"][0].replace("_", " ") in page.read_text("utf-8")


@every("network")
def test_an_imported_network_is_read(place):
    from probe.model.imported import ImportedNetwork

    folder, kept = place
    network = ImportedNetwork.open(folder / "network")
    assert_near(sums(dict(network.weights)), kept["arrays"])
    said = network.model()(np.array([[1, 5, 3, 8]], np.int32))
    np.testing.assert_allclose(np.asarray(said)[0], kept["read"], rtol=1e-5)


@every("classifier")
def test_a_classifier_is_read(place):
    from probe.explain import Classifier

    folder, kept = place
    classifier = Classifier.open(folder / "classifier")
    assert (classifier.labels, classifier.notes) == (("bad", "good", "none"), {"accuracy": 0.5})
    np.testing.assert_allclose(classifier.predict([kept["text"]])[0], kept["shares"], rtol=1e-5)


@every("translator")
def test_a_translator_is_read(place):
    from probe.attention import Translator
    from tests.attention.translator import tiny

    folder, kept = place
    translator = Translator.open(folder / "translator")
    assert_near(sums(dict(tiny.weights_of(translator.model))), kept["arrays"])
    source = translator.symbols.source_ids(["1 May 2016"])
    nats = translator.read(source, ["2016-"]).log_probabilities[0, 4]
    assert nats == pytest.approx(kept["after 2016"][2 + "0123456789-".index("-")], rel=1e-4)


@every("translator-run")
def test_a_run_of_a_translator_is_read(place, capsys):
    from probe.attention.translator.run import TranslatorRun

    folder, kept = place
    run = TranslatorRun.open(folder / "run")
    checkpoint = run.checkpoint("latest")
    assert checkpoint.step == kept["steps"][-1]
    assert_near(sums(arrays_of(checkpoint)), kept["arrays"])
    assert losses_of(run) == kept["logged"]
    assert main(["runs", "show", str(folder / "run"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["step"] == kept["steps"][-1]


@every("fetched")
def test_a_fetched_text_and_a_cut_download_are_known(place):
    from probe.corpus.catalogue import get, receipt
    from probe.corpus.download import Download

    folder, kept = place
    known = receipt("alice", cache=folder / "corpora")
    assert known is not None and known.text_sha256 == kept["sha256"]
    assert get("alice", cache=folder / "corpora").name == "alice.txt"
    address = "http://localhost/alice"
    state = Download(folder / "corpora" / "alice" / "alice.part", [address], "alice")._state(address)
    assert (state.validator, state.total) == (kept["mark"], kept["total"])


@every("plain")
def test_maps_and_explanations_are_read(place):
    from probe.attention import AttentionMap
    from probe.explain import TextExplanation

    folder, kept = place
    found = AttentionMap.from_json(read_json(folder / "map.json"))
    np.testing.assert_array_equal(found.weights[0], kept["map"])
    explained = TextExplanation.from_json(read_json(folder / "explanation.json"))
    np.testing.assert_array_equal(explained.weights, kept["explanation"])


@cache
def sources() -> list[ast.Module]:
    """The modules of the package that speak of versions."""
    texts = (path.read_text("utf-8") for path in (ROOT / "probe").rglob("*.py"))
    return [ast.parse(text) for text in texts if "VERSION" in text or "write_manifest" in text]


def declared() -> dict[str, int]:
    """The kind and version that each module of the package declares, as its source says."""
    found: dict[str, int] = {}
    for tree in sources():
        constants: dict[str, Any] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign):
                target, value = node.targets[0], node.value
                pairs = (zip(target.elts, value.elts, strict=False) if isinstance(target, ast.Tuple)
                         and isinstance(value, ast.Tuple) else [(target, value)])
                constants |= {name.id: each.value for name, each in pairs
                              if isinstance(name, ast.Name) and isinstance(each, ast.Constant)}
        if {"KIND", "VERSION"} <= constants.keys():
            assert constants["KIND"] not in found
            found[constants["KIND"]] = constants["VERSION"]
    return found


def kept_versions() -> dict[str, int]:
    """The newest version of each kind among the kept files."""
    found: dict[str, int] = {}
    for path in KEPT:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                content = json.loads(archive.read(name)) if name.endswith(".json") else None
                if isinstance(content, dict) and {"kind", "version"} <= content.keys():
                    found[content["kind"]] = max(content["version"], found.get(content["kind"], 0))
    return found


def test_every_version_that_is_written_is_kept_in_a_file():
    assert declared() == kept_versions(), "a raised version needs a kept file: python -m tests.formats.make"


def test_every_version_stands_in_the_documentation():
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert dict(re.findall(r"^\| `([a-z ]+)` \| (\d+) \|", page, re.MULTILINE)) == {
        kind: str(version) for kind, version in declared().items()}


def test_manifests_are_written_with_the_version_that_their_module_declares():
    calls = [node for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Call)
             and isinstance(node.func, ast.Name) and node.func.id == "write_manifest"]
    assert len(calls) > 10
    for call in calls:
        assert [getattr(each, "id", None) for each in call.args[1:3]] == ["KIND", "VERSION"], ast.unparse(call)


NEWER = [(name, opening) for name, openings in OPENINGS.items() for opening in openings]


@pytest.mark.parametrize(("name", "opening"), NEWER, ids=[f"{name} {opening.files}" for name, opening in NEWER])
def test_a_newer_version_is_refused_in_one_line(name, opening, tmp_path, capsys, monkeypatch):
    *_, newest = (path for path in KEPT if path.stem == name)
    folder = unpacked(newest, tmp_path)
    monkeypatch.setenv("PROBE_CACHE", str(folder))
    files = sorted(folder.glob(opening.files))
    assert files
    for file in files:
        content = json.loads(file.read_text())
        content["version"] += 1
        file.write_text(json.dumps(content))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UserError, match=r"was written by a newer probe: it has .*: update probe to open it") as refused:
        opening.open(folder)
    assert "\n" not in str(refused.value)
    if opening.command:
        assert main([word.format(folder) for word in opening.command]) == 1
        told = capsys.readouterr().err
        assert told.startswith("probe: ") and told.count("\n") == 1 and "was written by a newer probe" in told
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"} == {
        path: content for path, content in before.items() if path.name != ".lock"}
