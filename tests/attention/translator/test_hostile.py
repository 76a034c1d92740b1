"""Translators that were damaged, mixed up or made up: each is refused in a line that names the file."""

import json
import shutil
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.attention.translator.run import KIND as RUN_KIND
from probe.attention.translator.run import VERSION as RUN_VERSION
from probe.attention.translator.translator import KIND, MANIFEST, VERSION, WEIGHTS, Translator
from probe.errors import UserError
from probe.files import read_bundle, write_bundle, write_manifest
from tests.attention.translator import tiny


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "translator"
    tiny.translator().save(folder)
    return folder


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return shutil.copytree(original, tmp_path / "translator")


@pytest.fixture
def run(drifted, tmp_path) -> Path:
    return shutil.copytree(drifted.folder, tmp_path / "run")


def refused(folder: Path, words: str | None = None) -> None:
    before = {path: path.stat().st_size for path in folder.rglob("*")}
    with pytest.raises(UserError, match=words) as raised:
        Translator.open(folder)
    message = str(raised.value)
    assert str(folder) in message
    assert "\n" not in message and len(message) < 2000 + len(str(folder))
    assert {path: path.stat().st_size for path in folder.rglob("*")} == before


def content(path: Path):
    return json.loads(path.read_text())["content"]


def changed(folder: Path, change) -> None:
    """Change the manifest, and give it the checksum that goes with it."""
    value = content(folder / MANIFEST)
    change(value)
    write_manifest(folder / MANIFEST, KIND, VERSION, value)


def reweighted(folder: Path, change) -> None:
    """Change the arrays, and declare them anew."""
    arrays = read_bundle(folder / WEIGHTS, content(folder / MANIFEST)["sha256"])
    change(arrays)
    sha256 = write_bundle(folder / WEIGHTS, arrays)
    changed(folder, lambda value: value.update(sha256=sha256))


@pytest.mark.parametrize("name", [MANIFEST, WEIGHTS])
def test_cut_short_and_flipped_files(name, folder):
    whole = (folder / name).read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1 - (name == MANIFEST)):
        (folder / name).write_bytes(whole[:length])
        refused(folder)
    chance = np.random.default_rng(0)
    for place in chance.choice(len(whole), 40, replace=False):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.integers(8)
        (folder / name).write_bytes(flipped)
        refused(folder)
    (folder / name).unlink()
    refused(folder)
    (folder / name).mkdir()
    refused(folder)


def test_another_kind_and_another_version(folder):
    value = content(folder / MANIFEST)
    write_manifest(folder / MANIFEST, "findings", VERSION, value)
    refused(folder, "describes a 'findings'")
    write_manifest(folder / MANIFEST, KIND, VERSION + 1, value)
    refused(folder, "newer probe")


ODD: list[Any] = [None, True, "128", "x", 1.5, -1, 0, 10**30, [], [1], {}, {"a": 1}, [[1, 2]], "\ud800\n"]
# Those of them that are what they should be; options that are missing have their defaults.
FIT: dict[str, list[Any]] = {"longest": [0, 10**30], "step": [0, 10**30], "no_date": [0], "dates": [{}],
                             "training": [[], {}, {"a": 1}, [[1, 2]]], "versions": [[], {}, {"a": 1}, [[1, 2]]]}


@pytest.mark.parametrize("place", [
    ("model",), ("model", "units"), ("model", "embedding"), ("model", "attention"), ("dates",), ("dates", "locales"),
    ("dates", "first_year"), ("dates", "no_date"), ("characters",), ("sha256",), ("origin",), ("origin", "longest"),
    ("origin", "step"),
])
def test_values_of_another_kind(place, original, tmp_path):
    for number, odd in enumerate(ODD):
        folder = shutil.copytree(original, tmp_path / str(number))

        def change(value, odd=odd):
            for name in place[:-1]:
                value = value[name]
            value[place[-1]] = odd

        changed(folder, change)
        if place[-1] in FIT and any(odd == each and type(odd) is type(each) for each in FIT[place[-1]]):
            Translator.open(folder)
        else:
            refused(folder, MANIFEST if place != ("sha256",) else WEIGHTS)


@pytest.mark.parametrize("name", ["model", "dates", "characters", "sha256", "origin"])
def test_keys_that_are_missing_or_unknown(name, folder):
    changed(folder, lambda value: value.pop(name))
    refused(folder)


@pytest.mark.parametrize("name", ["model", "dates"])
def test_options_that_are_unknown(name, folder):
    changed(folder, lambda value: value[name].update(evil=1))
    refused(folder, "evil")


@pytest.mark.parametrize("characters", ["aab", tiny.SYMBOLS.characters + "x", tiny.SYMBOLS.characters[1:], ""])
def test_characters_that_do_not_fit(characters, folder):
    changed(folder, lambda value: value.update(characters=characters))
    refused(folder)


def set_to(name, array):
    return lambda arrays: arrays.update({name: array})


KERNEL = "combined/kernel"
NAN = np.full((18, 6), np.nan, np.float32)


@pytest.mark.parametrize(("change", "words"), [
    (lambda arrays: arrays.pop("query/bias"), r"holds the weights"),
    (lambda arrays: arrays.pop("attention/scale"), "attention/scale is missing"),
    (lambda arrays: arrays.clear(), "is missing"),
    (set_to("evil/kernel", np.zeros(3, np.float32)), "holds the weights"),
    (set_to(KERNEL, np.zeros((6, 18), np.float32)), r"combined/kernel has shape \(6, 18\)"),
    (set_to(KERNEL, np.zeros((0, 0), np.float32)), "combined/kernel has shape"),
    (set_to(KERNEL, NAN), "combined/kernel must hold finite numbers"),
    (set_to(KERNEL, np.full((18, 6), np.inf, np.float32)), "combined/kernel must hold finite numbers"),
    (set_to(KERNEL, np.zeros((18, 6), np.int64)), "combined/kernel must hold finite numbers"),
    (set_to(KERNEL, np.full((18, 6), 1e300)), "combined/kernel must hold finite numbers"),
    (set_to(KERNEL, np.zeros((18, 6), bool)), "combined/kernel must hold finite numbers"),
])
def test_weights_that_do_not_fit(change, words, folder):
    reweighted(folder, change)
    refused(folder, words)


@pytest.mark.parametrize("sizes", [{"units": 4096}, {"embedding": 4096}, {"attention": 4096},
                                   {"units": 4096, "embedding": 4096, "attention": 4096}])
def test_sizes_that_are_only_declared_take_no_memory(sizes, folder, monkeypatch):
    from probe.attention.translator import network

    monkeypatch.setattr(network, "keras_network", lambda *_: pytest.fail("was made"))
    changed(folder, lambda value: value["model"].update(sizes))
    tracemalloc.start()
    try:
        refused(folder, "this network needs")
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("place", [
    ("model", "units"), ("dates", "locales"), ("characters",), ("longest",), ("training",), ("versions",), ("model",),
    ("dates",),
])
def test_runs_with_values_of_another_kind(place, run):
    value = content(run / "run.json")
    for odd in ODD:
        inner = json.loads(json.dumps(value))
        at = inner
        for name in place[:-1]:
            at = at[name]
        at[place[-1]] = odd
        write_manifest(run / "run.json", RUN_KIND, RUN_VERSION, inner)
        if odd not in FIT.get(place[-1], []) or isinstance(odd, bool):
            refused(run)


def test_a_run_of_other_sizes_than_its_checkpoints(run):
    value = content(run / "run.json")
    value["model"]["units"] = 4096
    write_manifest(run / "run.json", RUN_KIND, RUN_VERSION, value)
    with pytest.raises(UserError, match=r"decoder/recurrent_kernel has shape \(6, 24\), and this network needs"):
        Translator.open(run)
