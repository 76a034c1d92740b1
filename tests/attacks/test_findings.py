"""Findings that were cut, flipped or made up: refused in a line, or shown as findings are."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from probe.errors import UserError
from probe.files import read_bundle, read_manifest, write_bundle, write_manifest
from probe.scan import Findings
from probe.scan.findings import ARRAYS, MANIFEST, SCHEMA_VERSION
from probe.scan.weights import FILE
from tests.gallery.live_networks import drawn_network
from tests.gallery.simulation import simulated_findings

ODD: list[Any] = [None, True, "x", "\ud800\n", 1.5, -1, 10**30, [], [1], [[0, 1]], {}, {"a": 1}, "x" * 9999]


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    found = replace(simulated_findings(), network=drawn_network("abc ", units=5, unknown=True))
    return found.save(tmp_path_factory.mktemp("original") / "findings")


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return shutil.copytree(original, tmp_path / "findings")


def refusal(reading: Callable[[], object]) -> str | None:
    """Return how a reading is refused; None if it is not."""
    try:
        reading()
    except UserError as error:
        return str(error)
    return None


def shown(folder: Path) -> None:
    """Read findings and show them."""
    found = Findings.load(folder)
    str(found)
    list(found.rows())


@pytest.mark.parametrize("name", [MANIFEST, ARRAYS, FILE])
def test_truncations_and_single_bits_are_refused(name, folder):
    whole, chance = (folder / name).read_bytes(), np.random.default_rng(0)
    sha256 = read_manifest(folder / MANIFEST, "findings", SCHEMA_VERSION)
    known = {ARRAYS: sha256["arrays"], FILE: sha256["network"]["sha256"]}
    damaged = [whole[:end] for end in {0, 1, *range(0, len(whole), 1024), len(whole) - 2}]
    for place in chance.choice(len(whole), 40):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.integers(8)
        damaged.append(bytes(flipped))
    for number, each in enumerate(damaged):
        (folder / name).write_bytes(each)
        if name == MANIFEST:
            refused = refusal(lambda: read_manifest(folder / name, "findings", SCHEMA_VERSION))
        else:
            refused = refusal(lambda: read_bundle(folder / name, known[name]))
        assert refused and refused.startswith(str(folder / name)) and refused.isprintable(), number
    assert refusal(lambda: Findings.load(folder)) == refused


def kinds_of_places(value: Any, where: tuple = ()) -> list[tuple]:
    """Each place of a JSON value; of a list the first and the last alone."""
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = [(place, value[place]) for place in {0, len(value) - 1}] if isinstance(value, list) and value else []
    return [each for key, below in inner for each in ((*where, key), *kinds_of_places(below, (*where, key)))]


@pytest.mark.parametrize("part", range(2))
def test_any_value_of_any_kind_is_accepted_or_refused_in_a_line(part, folder):
    content, chance = read_manifest(folder / MANIFEST, "findings", SCHEMA_VERSION), Random(part)
    places, refusals = kinds_of_places(content), 0
    for place in chance.sample(places, 24):
        made = at = json.loads(json.dumps(content))
        for key in place[:-1]:
            at = at[key]
        if chance.random() < 0.2:
            del at[place[-1]]
        else:
            at[place[-1]] = chance.choice(ODD)
        write_manifest(folder / MANIFEST, "findings", SCHEMA_VERSION, made)
        refused = refusal(lambda: shown(folder))
        refusals += refused is not None
        assert refused is None or (str(folder) in refused and len(refused) < 1500 + len(str(folder))
                                   and "\n" not in refused), place
    assert refusals > 8


@pytest.mark.parametrize("name", [ARRAYS, FILE])
def test_arrays_of_other_shapes_and_dtypes_are_refused_or_shown(name, folder):
    content, chance = read_manifest(folder / MANIFEST, "findings", SCHEMA_VERSION), Random(0)
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
            write_manifest(folder / MANIFEST, "findings", SCHEMA_VERSION, made)
            refused = refusal(lambda: shown(folder))
            refusals += refused is not None
            assert refused is None or (str(folder) in refused and refused.isprintable()), each
    assert refusals >= 12
