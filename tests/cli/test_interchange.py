"""'probe import' and 'probe export' of activations as a person types them."""

import json

import h5py
import numpy as np
import pytest

from probe.activations import Store
from probe.cli.main import main
from probe.files import sha256_of
from probe.gallery import build_gallery
from probe.scan import Findings
from tests.activations.test_interchange_recorded import TEXT, N, columns, numbers


@pytest.fixture
def array(tmp_path):
    (tmp_path / "book.txt").write_text(TEXT, encoding="utf-8")
    values = numbers(units=6).astype(np.float32)
    values[:, 4] += columns(TEXT).astype(np.float32)
    np.save(tmp_path / "acts.npy", values)
    return values


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_an_array_becomes_a_store_that_is_scanned_and_exported_again(array, tmp_path, capsys):
    acts, out = tmp_path / "acts.npy", tmp_path / "store"
    assert run("import", acts, "--text", tmp_path / "book.txt", "--name", "2/cell", "--dtype", "float32",
               "--out", out) == 0
    printed = capsys.readouterr().out
    assert "3,840 characters; units: 2/cell of 6" in printed and f"probe scan {out}" in printed
    store = Store.open(out)
    np.testing.assert_array_equal(np.asarray(store.signals["2", "cell"][:, :]), array)
    assert run("scan", out, "--patterns", "column", "--out", tmp_path / "findings") == 0
    findings = Findings.load(tmp_path / "findings")
    assert findings.findings[0].label == "2:4 cell"
    build_gallery(findings, tmp_path / "gallery.html")
    for form, suffix in (("npz", ".npz"), ("npy", ".npy")):
        capsys.readouterr()
        assert run("export", out, "--as", form, "--out", tmp_path / f"again{suffix}", "--only", "2/cell") == 0
        assert "back again: probe import" in capsys.readouterr().out
    back = ["import", tmp_path / "again.npy", "--text", tmp_path / "again.txt", "--name", "2/cell", "--out"]
    assert run("export", out, "--as", "npy", "--out", tmp_path / "again.npy") == 0
    assert f"back again: probe {' '.join(map(str, back))} FOLDER\n" in capsys.readouterr().out
    assert run(*back, tmp_path / "back") == 0
    assert list(Store.open(tmp_path / "back").units) == [("2", "cell")]
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), array)
    np.testing.assert_array_equal(np.load(tmp_path / "again.npz")["2/cell"], array)
    assert (tmp_path / "again.txt").read_text("utf-8") == TEXT
    assert run("export", out, "--as", "lstmvis", "--out", tmp_path / "project") == 0
    assert "lstm_server.py" in capsys.readouterr().out
    assert run("export", out, "--as", "lstmvis", "--out", tmp_path / "project", "--patterns", "column,word_start") == 0
    with h5py.File(tmp_path / "project" / "meta.hdf5") as file:
        np.testing.assert_array_equal(file["track1"][:], columns(TEXT))
        assert list(file) == ["track1", "track2"]
    for place in (tmp_path / "project", tmp_path / "project" / "lstm.yml", tmp_path / "again.npz"):
        third = tmp_path / f"third-{place.name}"
        assert run("import", place, "--dtype", "float32", "--out", third) == 0
        np.testing.assert_array_equal(np.asarray(Store.open(third).signals["2", "cell"][:, :]), array)


def test_json_tells_what_was_taken_in(array, tmp_path, capsys):
    spans = [(start, start + 2) for start in range(0, N, 2)]
    np.save(tmp_path / "spans.npy", np.array(spans))
    np.save(tmp_path / "tokens.npy", array[::2])
    assert run("import", tmp_path / "tokens.npy", "--text", tmp_path / "book.txt", "--spans", tmp_path / "spans.npy",
               "--alignment", "predicted", "--out", tmp_path / "store", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["characters"], told["units"]) == (N - 2, {"1/hidden": 6})
    assert told["provenance"] == {"file": "tokens.npy", "sha256": sha256_of(tmp_path / "tokens.npy"),
                                  "recorded": {"rows": N // 2, "row_of": "token", "alignment": "predicted"}}


@pytest.mark.parametrize(("arguments", "words"), [
    (["import", "acts.npy"], "activations need --out FOLDER"),
    (["import", "acts.npy", "--out", "store"], "comes without its text"),
    (["import", "acts.npy", "--out", "store", "--run", "x"], "--run is for networks"),
    (["import", "acts.npy", "--out", "store", "--units", "x"], "--units"),
    (["import", "acts.npy", "--out", "store", "--epochs", "3"], "--epochs is for networks"),
    (["import", "model.h5", "--out", "store", "--text", "book.txt"], "--text is for activations"),
    (["import", "model.h5", "--out", "store", "--dtype", "float16"], "--dtype is for activations"),
    (["import", "lstm.yml", "--out", "store", "--text", "book.txt"], "brings its own text"),
    (["import", "acts.npz", "--out", "store", "--name", "1/cell"], "names its arrays itself"),
    (["import", "missing.npy", "--out", "store", "--text", "book.txt"], "missing.npy: no such file"),
    (["import", "missing.npz", "--out", "store", "--text", "book.txt"], "missing.npz: no such file"),
    (["import", "missing.yml", "--out", "store"], "missing.yml: no such file"),
    (["import", "acts.npy", "--out", "store", "--text", "missing.txt"], "missing.txt: no such file"),
    (["import", "acts.npy", "--out", "store", "--text", "book.txt", "--alignment", "behind"], "no alignment is called"),
    (["import", "acts.npy", "--out", "store", "--text", "book.txt", "--name", "2/soul\x07"], "printable characters"),
    (["export", "store", "--as", "csv", "--out", "a.csv"], "no format is called 'csv'"),
    (["export", "store", "--as", "npy", "--out", "a.npz"], "--out must end in .npy"),
    (["export", "store", "--as", "npy", "--out", "a.npy"], "store"),
    (["export", "store", "--as", "npy", "--out", "a.npy", "--patterns", "column"], "--patterns is for lstmvis"),
])
def test_mistakes_are_told_in_one_line(array, tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    printed = capsys.readouterr().err
    assert words in printed and printed.count("\n") == 1
    assert not (tmp_path / "store").exists()
