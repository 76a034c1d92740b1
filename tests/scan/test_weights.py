"""The network that is kept with findings: what goes in comes out, and what is damaged or strange is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.errors import UserError
from probe.files import read_bundle, read_manifest, write_bundle, write_manifest
from probe.scan import Findings
from probe.scan.findings import VERSION
from probe.scan.weights import Network
from tests.gallery.live_networks import drawn_network


@pytest.fixture(scope="module")
def findings() -> Findings:
    return Findings((), {("1", "hidden"): range(6)}, (), {}, {}, (), {})


@pytest.fixture(scope="module")
def network() -> Network:
    return drawn_network("\x00<\u202e\U0001f98a", layers=2, units=6, unknown=True, gate="hard_sigmoid")


@pytest.fixture
def folder(findings, network, tmp_path) -> Path:
    return replace(findings, network=network).save(tmp_path / "findings")


def test_a_network_survives_the_folder_and_is_there_only_if_it_was_asked_for(findings, network, folder):
    kept = Findings.load(folder).network
    assert (kept.layers, kept.gate, kept.characters, kept.unknown) == (
        ("1", "2"), "hard_sigmoid", ("\x00", "<", "\u202e", "\U0001f98a"), True)
    assert kept.arrays.keys() == network.arrays.keys()
    for name, array in network.arrays.items():
        assert array.dtype == kept.arrays[name].dtype
        np.testing.assert_array_equal(array, kept.arrays[name])
    assert [kept.units(layer) for layer in kept.layers] == [6, 6]
    findings.save(folder)
    assert Findings.load(folder).network is None
    assert not (folder / "weights.safetensors").exists()


def test_damaged_or_missing_weights_are_refused(folder):
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"weights.safetensors: damaged"):
        Findings.load(folder)
    path.unlink()
    with pytest.raises(UserError, match="no such file"):
        Findings.load(folder)


STRANGE = {
    "gate": ("relu", "gate is neither sigmoid nor hard_sigmoid"),
    "layers": (["1", "1"], "layers has none, one twice"),
    "characters": ("aa\ud800b", "characters has one twice, or a surrogate"),
    "unknown": (1, "unknown is no truth value"),
    "sha256": (None, "damaged"),
    "more": (1, "other keys than characters, gate, layers, sha256, unknown"),
}


@pytest.mark.parametrize("key", STRANGE)
def test_a_strange_description_is_refused_in_one_line(folder, key):
    value, reason = STRANGE[key]
    content = read_manifest(folder / "findings.json", "findings", VERSION)
    content["network"][key] = value
    write_manifest(folder / "findings.json", "findings", VERSION, content)
    with pytest.raises(UserError, match=reason) as refusal:
        Findings.load(folder)
    assert "\n" not in str(refusal.value)


WRONG = {
    "missing": lambda arrays: arrays.pop("2/bias"),
    "strange": lambda arrays: arrays.update(more=np.zeros(1, np.float32)),
    "a layer too wide": lambda arrays: arrays.update({"2/kernel": np.zeros((7, 24), np.float32)}),
    "a number for a matrix": lambda arrays: arrays.update({"1/recurrent_kernel": np.array(1, np.float32)}),
    "other numbers": lambda arrays: arrays.update({"1/bias": np.zeros(24, np.float64)}),
    "not a number": lambda arrays: arrays.update({"1/bias": np.full(24, np.nan, np.float32)}),
    "of another vocabulary": lambda arrays: arrays.update({"output/bias": np.zeros(4, np.float32)}),
}


@pytest.mark.parametrize("name", WRONG)
def test_arrays_that_are_no_such_network_are_refused(folder, name):
    content = read_manifest(folder / "findings.json", "findings", VERSION)
    arrays = read_bundle(folder / "weights.safetensors", content["network"]["sha256"])
    WRONG[name](arrays)
    content["network"]["sha256"] = write_bundle(folder / "weights.safetensors", arrays)
    write_manifest(folder / "findings.json", "findings", VERSION, content)
    with pytest.raises(UserError, match=r"findings.json: not findings .*: the array .* of the network is "):
        Findings.load(folder)
