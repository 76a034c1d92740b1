"""Findings that were cut, flipped or made up: refused in a line, or shown as findings are."""

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from probe.files import read_bundle, read_manifest, write_bundle, write_manifest
from probe.scan import Findings
from probe.scan.findings import ARRAYS, MANIFEST, VERSION
from probe.scan.weights import FILE
from tests.attacks.changes import ODD, changed_at, damaged, places, refusal
from tests.gallery.live_networks import drawn_network
from tests.gallery.simulation import simulated_findings


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    found = replace(simulated_findings(), network=drawn_network("abc ", units=5, unknown=True))
    return found.save(tmp_path_factory.mktemp("original") / "findings")


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return shutil.copytree(original, tmp_path / "findings")


def shown(folder: Path) -> None:
    """Read findings and show them."""
    found = Findings.load(folder)
    str(found)
    list(found.rows())


@pytest.mark.parametrize("name", [MANIFEST, ARRAYS, FILE])
def test_truncations_and_single_bits_are_refused(name, folder):
    content = read_manifest(folder / MANIFEST, "findings", VERSION)
    known = {ARRAYS: content["arrays"], FILE: content["network"]["sha256"]}
    for number, each in enumerate(damaged((folder / name).read_bytes(), bits=40)):
        (folder / name).write_bytes(each)
        if name == MANIFEST:
            refused = refusal(lambda: read_manifest(folder / name, "findings", VERSION))
        else:
            refused = refusal(lambda: read_bundle(folder / name, known[name]))
        assert refused and refused.startswith(str(folder / name)) and refused.isprintable(), number
    assert refusal(lambda: Findings.load(folder)) == refused


@pytest.mark.parametrize("part", range(2))
def test_any_value_of_any_kind_is_accepted_or_refused_in_a_line(part, folder):
    content, chance = read_manifest(folder / MANIFEST, "findings", VERSION), Random(part)
    refusals = 0
    for place in chance.sample(places(content, ends=True), 24):
        odd = () if chance.random() < 0.2 else (chance.choice(ODD),)
        write_manifest(folder / MANIFEST, "findings", VERSION, changed_at(content, place, *odd))
        refused = refusal(lambda: shown(folder))
        refusals += refused is not None
        assert refused is None or (str(folder) in refused and len(refused) < 1500 + len(str(folder))
                                   and "\n" not in refused), place
    assert refusals > 8


@pytest.mark.parametrize("name", [ARRAYS, FILE])
def test_arrays_of_other_shapes_and_dtypes_are_refused_or_shown(name, folder):
    content, chance = read_manifest(folder / MANIFEST, "findings", VERSION), Random(0)
    arrays = read_bundle(folder / name, content["arrays"] if name == ARRAYS else content["network"]["sha256"])
    refusals = 0
    changes = (lambda old: old.T[..., np.newaxis], lambda old: np.nan_to_num(old).astype(np.int64),
               lambda old: old[..., :-1],
               lambda old: np.full_like(old, np.nan if old.dtype.kind == "f" else 255))
    for each in chance.sample(sorted(arrays), 5):
        for change in changes:
            sha256 = write_bundle(folder / name, {**arrays, each: change(arrays[each])})
            made = {**content, "arrays": sha256} if name == ARRAYS else {
                **content, "network": {**content["network"], "sha256": sha256}}
            write_manifest(folder / MANIFEST, "findings", VERSION, made)
            refused = refusal(lambda: shown(folder))
            refusals += refused is not None
            assert refused is None or (str(folder) in refused and refused.isprintable()), each
    assert refusals >= 12
