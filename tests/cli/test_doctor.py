"""What ``probe doctor`` says of a machine."""

import json
from importlib import metadata

import pytest

from probe.cli.main import main
from probe.model.kernels import agreement, machine


def facts(capsys):
    return {each["name"]: each for each in json.loads(capsys.readouterr().out)}


def test_it_tells_versions_cores_kernel_and_places(capsys, monkeypatch):
    assert main(["doctor", "--json"]) == 0
    found = facts(capsys)
    assert found["keras"]["told"] == metadata.version("keras")
    assert found["cores"]["told"].split()[0].isdecimal()
    assert found["processor"]["told"].startswith(machine.processor())
    assert found["kernel"]["told"].startswith(("fused; differs from Keras by", "cudnn; differs from Keras by"))
    assert {"bfloat16", "GPU", "cuDNN", "memory", "browser", "this folder", "texts", "temporary"} <= set(found)
    assert all(each["good"] for each in found.values())
    monkeypatch.setattr(agreement, "difference_from_keras", lambda: 0.0)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["versions", "machine", "places", "networks"]
    assert f"  {'keras':<14} {metadata.version('keras')}" in lines


def test_a_kernel_that_computes_something_else_is_told(capsys, monkeypatch):
    monkeypatch.setattr(agreement, "difference_from_keras", lambda: 0.25)
    assert main(["doctor", "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.err == "probe: kernel: fused; differs from Keras by 0.2 at most, which is no rounding\n"
    assert not {each["name"]: each for each in json.loads(printed.out)}["kernel"]["good"]


def test_the_kernels_difference_is_one_of_what_they_compute(monkeypatch):
    assert 0 < agreement.difference_from_keras("fused") < 1e-5
    monkeypatch.setattr(agreement, "choose_kernel", lambda name: (name, lambda *given: [
        each + 0.5 for each in agreement.keras_lstm(*given)]))
    assert agreement.difference_from_keras() == pytest.approx(0.5, abs=1e-5)


def test_what_is_missing_is_told_before_it_is_needed(capsys, monkeypatch):
    found = metadata.version

    def version(name):
        if name in ("tensorflow", "dask"):
            raise metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(metadata, "version", version)
    assert main(["doctor", "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("probe: tensorflow: missing; pip install 'tensorflow")
    assert printed.err.count("\n") == 1
    told = {each["name"]: each for each in json.loads(printed.out)}
    assert "kernel" not in told and told["dask"]["good"] and "probe-lstm[dask]" in told["dask"]["told"]


def test_another_version_than_is_needed_is_told(capsys, monkeypatch):
    found = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "2.3.0" if name == "keras" else found(name))
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err.startswith("probe: keras: 2.3.0; pip install 'keras")


def test_places_that_cannot_be_used_are_told(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(agreement, "difference_from_keras", lambda: 0.0)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path / "file"))
    assert main(["doctor"]) == 1
    assert f"{tmp_path / 'file'} is a file" in capsys.readouterr().err
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path))
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err == "probe: this folder: cannot be used: No such file or directory\n"


def test_a_tree_that_is_not_installed_is_looked_at_too(capsys, monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    monkeypatch.setattr(agreement, "difference_from_keras", lambda: 0.0)
    assert main(["doctor"]) == 0
