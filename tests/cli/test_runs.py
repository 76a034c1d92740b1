"""``probe runs`` as a person types it."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from probe.cli.main import main
from probe.model import ModelOptions
from probe.train import TrainOptions, train
from tests.cli.tiny import TEXT, training


@pytest.fixture(scope="module")
def runs(text, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    options = TrainOptions(steps=30, batch=4, length=20, validate_every=10, log_every=5, patience=9,
                           precision="float32")
    train(text, folder / "fox", ModelOptions(units=8), options, show=False)
    return folder


def test_a_run_is_shown_with_a_drawing_of_its_loss(runs, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "70")
    assert main(["runs", "show", str(runs / "fox")]) == 0
    shown = capsys.readouterr().out
    for words in ("state        finished", f"fox.txt, {len(TEXT):,} characters", "1 × 8",
                  "30 steps, or 9 validations without", "100% done", "fused in float32 on CPU", "in 1 sitting\n",
                  "nats (", "bits a character) at step 30", "20, 30", "tensorflow 2.", "● validation"):
        assert words in shown
    drawing = shown.split("\n\n")[1].splitlines()
    assert max(map(len, drawing)) <= 70
    assert any("\u2801" <= character <= "\u28ff" for character in shown)


def test_an_output_of_ascii_gets_a_drawing_in_ascii(runs):
    done = subprocess.run([sys.executable, "-m", "probe", "runs", "show", str(runs / "fox")], capture_output=True,
                          env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True)
    assert b"o validation" in done.stdout and b"\\u28" not in done.stdout
    assert b"1 x 8" in done.stdout  # what the words need, and the encoding lacks, has a plain form


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("b.SVG", b"<?xml")])
def test_the_loss_is_drawn_to_a_file(name, magic, runs, tmp_path, capsys):
    assert main(["runs", "show", str(runs / "fox"), "--plot", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_bytes().startswith(magic)
    assert str(tmp_path / name) in capsys.readouterr().out


def test_large_numbers_are_spelt_out_and_one_is_singular(text, tmp_path, capsys):
    folder = tmp_path / "one"
    options = TrainOptions(steps=1, batch=4, length=20, patience=1, validate_every=1)
    run = train(text, folder, ModelOptions(units=8), options)
    assert ": 1 update in " in capsys.readouterr().out
    assert main(["runs", "show", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "1 step, or 1 validation without a better one; 100% done" in shown
    assert "trained      1 step, " in shown
    replace(run, training={**run.training, "steps": 2_000_000}).save()
    assert main(["runs", "show", str(folder)]) == 0
    assert "2,000,000 steps, or 1 validation" in capsys.readouterr().out


def test_a_plot_bears_the_name_of_its_run(runs, tmp_path):
    assert main(["runs", "show", str(runs / "fox"), "--plot", str(tmp_path / "loss.svg")]) == 0
    assert ">fox</text>" in (tmp_path / "loss.svg").read_text(encoding="utf-8")


def test_as_json(runs, capsys):
    assert main(["runs", "show", str(runs / "fox"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["step"], shown["state"], shown["network"]["units"], shown["kernel"]) == (30, "finished", 8, "fused")
    assert main(["runs", "list", str(runs), "--json"]) == 0
    assert [each["folder"] for each in json.loads(capsys.readouterr().out)] == [str(runs / "fox")]


def test_all_runs_are_listed_and_a_damaged_one_hides_no_other(runs, capsys):
    damaged = runs / "a" / "damaged"
    damaged.mkdir(parents=True)
    (damaged / "run.json").write_text("{}")
    assert main(["runs", "list", str(runs)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["run", str(damaged), str(runs / "fox")]
    assert "cannot be read" in lines[1]
    assert lines[2].split()[1:5] == ["characters", "finished", "fox.txt", "1"]
    (damaged / "run.json").unlink()
    assert main(["runs", "list", str(damaged)]) == 0
    assert "holds no run" in capsys.readouterr().out


DAMAGED = {"log.jsonl": b'{"step": "x", "seconds": 1}\n', "sittings.jsonl": b"5\n", "corpus/ids.npy": b"\x93NUMPY"}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_run_with_a_damaged_file_is_a_line_that_names_it(name, runs, tmp_path, capsys):
    shutil.copytree(runs / "fox", tmp_path / "a")
    shutil.copytree(runs / "fox", tmp_path / "b")
    (tmp_path / "a" / name).write_bytes(DAMAGED[name])
    assert main(["runs", "show", str(tmp_path / "a")]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"probe: {tmp_path / 'a' / name}: ") and told.count("\n") == 1
    assert main(["runs", "list", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "cannot be read" in lines[1] and "finished" in lines[2]


def test_a_trainer_on_another_host_is_told_as_what_it_was(runs, tmp_path, capsys):
    shutil.copytree(runs / "fox", tmp_path / "run")
    (tmp_path / "run" / "lock.json").write_text('{"host": "elsewhere", "pid": 7, "purpose": "training"}')
    assert main(["runs", "show", str(tmp_path / "run")]) == 0
    assert "finished; was in training by process 7 on elsewhere when last seen\n" in capsys.readouterr().out
    assert main(["runs", "list", str(tmp_path)]) == 0
    assert "in training" not in capsys.readouterr().out


def test_a_run_is_looked_at_while_it_is_trained(text, tmp_path, capsys):
    folder = tmp_path / "run"
    with training(text, folder) as process:
        deadline = time.monotonic() + 120
        steps = []
        while (len(steps) < 40 or steps[-1] == steps[0]) and time.monotonic() < deadline:
            assert main(["runs", "show", str(folder), "--json"]) == 0
            shown = json.loads(capsys.readouterr().out)
            assert shown["trainer"].startswith(f"process {process.pid} on ")
            steps.append(shown["step"])
        assert main(["runs", "show", str(folder)]) == 0
        assert f"state        in training by process {process.pid} on " in capsys.readouterr().out
    assert steps == sorted(steps) and steps[-1] > steps[0]
    assert main(["runs", "list", str(tmp_path)]) == 0
    assert " stopped " in capsys.readouterr().out


def test_looking_at_runs_does_without_tensorflow(runs):
    code = (f"import sys; from probe.cli.main import main; main(['runs', 'show', {str(runs / 'fox')!r}]); "
            "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'matplotlib')))")
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
