"""Exports that do not fit: one line, and nothing that could be taken for activations."""

import sys

import pytest

from probe.activations import Recorded, StoreOptions, write_store
from tests.activations.test_interchange_recorded import TEXT, numbers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mounts and limits of Unix")
if sys.platform != "win32":
    from tests.crash.real_disks import limited, mounted_apart

FORMS = {"npy": "acts.npy", "npz": "acts.npz", "lstmvis": "project"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "acts"
    write_store(Recorded.of(numbers(units=40), TEXT), folder, StoreOptions(dtype="float32"), show=False)
    return folder


def told(done, place):
    assert done.returncode == 1
    assert done.stderr.startswith(f"probe: {place}"), done.stderr
    assert "cannot write: " in done.stderr and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_is_too_small(form, store, tmp_path):
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    words = ["export", str(store), "--as", form, "--out", str(disk / FORMS[form])]
    told(mounted_apart("size=200k", disk, words, kept), disk)
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_limit_on_the_size_of_files(form, store, tmp_path):
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / FORMS[form]
    told(limited(200_000, ["export", str(store), "--as", form, "--out", str(out)]), tmp_path / "out")
    assert list(out.parent.iterdir()) == []
