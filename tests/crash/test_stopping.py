"""Signals at awkward moments, trainers that meet, and clocks that cannot be trusted."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from probe.model import Run
from probe.train import saving, trainer
from probe.train.evaluate import Validation
from tests.crash.kills import assert_same_training
from tests.crash.quick import arguments, assert_tidy, train


def terminate_before(patch: pytest.MonkeyPatch, owner: object, name: str, call: int) -> None:
    """Make this process receive SIGTERM just before a function is called for the given time, from 1."""
    former, calls = getattr(owner, name), []

    def called(*given, **named):
        calls.append(1)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGTERM)
        return former(*given, **named)

    patch.setattr(owner, name, called)


@pytest.mark.parametrize(("owner", "name", "call", "step"), [
    (Validation, "loss", 1, 2), (saving, "write_bundle", 2, 2), (saving, "write_manifest", 2, 2),
    (saving, "remove_files", 1, 4),
], ids=["validation", "arrays", "manifest", "pruning"])
def test_a_signal_in_a_validation_or_a_save_waits_for_its_end(owner, name, call, step, place, tmp_path):
    folder = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        terminate_before(patch, owner, name, call)
        stopped = train(place / "text.txt", folder)
    assert stopped.status == 130
    assert stopped.errors.count("\n") == 1
    assert f"stopped at step {step}; everything is saved" in stopped.errors
    assert Run.open(folder).checkpoint("latest").step == step
    assert train(place / "text.txt", folder).status == 0
    assert_same_training(place / "whole", folder)
    assert_tidy(folder, place / "whole")


def test_whoever_says_that_everything_is_saved_has_saved_it(place, tmp_path, monkeypatch):
    """Signals come where the training looks at the clock, among them just after it looked whether one had come."""
    said, saved = [], []
    for moment in range(1, 100):
        folder = tmp_path / str(moment)
        with monkeypatch.context() as patch:
            terminate_before(patch, time, "monotonic", moment)
            stopped = train(place / "text.txt", folder, "--validate-every", "100")
        if "everything is saved" in stopped.errors:
            said.append(int(stopped.errors.partition("at step ")[2].partition(";")[0]))
            saved.append(Run.open(folder).checkpoint("latest").step)
        elif said and stopped.status == 0:
            break
    assert set(said) == {1, 2, 3, 4}
    assert said == saved


@pytest.mark.parametrize("clock", [
    pytest.param(lambda: 5.0, id="stands"),
    pytest.param(iter(range(10**9, 0, -1)).__next__, id="runs backwards"),
])
def test_a_clock_that_stands_or_runs_backwards_changes_nothing_but_the_times(clock, place, tmp_path, monkeypatch):
    for name in ("time", "monotonic"):
        monkeypatch.setattr(trainer.time, name, clock)
    assert train(place / "text.txt", tmp_path / "run").status == 0
    monkeypatch.undo()
    assert_same_training(place / "whole", tmp_path / "run")


def test_a_second_trainer_is_refused_by_name_and_a_killed_one_holds_nothing(place, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(place / "stopped", folder)
    command = [sys.executable, "-m", "probe", *arguments(place / "text.txt", folder, "--steps", "1000000000")]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert "goes on at step 3" in first.stdout.readline()
        before = (folder / "run.json").read_bytes()
        second = train(place / "text.txt", folder)
        assert second.status == 1
        assert second.errors == (f"probe: {folder}: in use by process {first.pid} on {socket.gethostname()} "
                                 "(training); wait for it, or end it\n")
        assert (folder / "run.json").read_bytes() == before
    finally:
        first.kill()
        first.communicate()
    assert json.loads((folder / "lock.json").read_text())["pid"] == first.pid
    outcome = train(place / "text.txt", folder, "--steps", "1000000000", "--minutes", "0.0001")
    assert (outcome.status, outcome.errors) == (0, "")
    assert not (folder / "lock.json").exists()


@pytest.mark.parametrize("holder", [
    {"host": socket.gethostname(), "pid": 2**22 + 1, "purpose": "training"},
    {"host": "another.example", "pid": 1, "purpose": "training"},
    None,
], ids=["dead", "another host", "cut short"])
def test_what_a_lost_trainer_signed_holds_nothing(holder, place, tmp_path):
    folder: Path = tmp_path / "run"
    shutil.copytree(place / "stopped", folder)
    (folder / "lock.json").write_text("" if holder is None else json.dumps(holder))
    outcome = train(place / "text.txt", folder)
    assert (outcome.status, outcome.errors) == (0, "")
    assert_same_training(place / "whole", folder)
    assert_tidy(folder, place / "whole")


@pytest.mark.parametrize("moment", ["update", "checkpoint"])
@pytest.mark.parametrize("change", ["removed", "renamed", "replaced"])
def test_a_run_that_is_taken_away_is_not_brought_back_in_parts(change, moment, place, tmp_path, monkeypatch):
    folder = tmp_path / "run"

    def take_away():
        with contextlib.suppress(FileNotFoundError):
            folder.rename(tmp_path / "moved") if change == "renamed" else shutil.rmtree(folder)
            if change == "replaced":  # by another training, which has begun
                folder.mkdir()
                for name in ("log.jsonl", ".lock", "lock.json"):
                    (folder / name).write_text("another's", encoding="utf-8")

    owner, name = {"update": (trainer._Training, "_update"), "checkpoint": (trainer, "journal_size")}[moment]
    former = getattr(owner, name)

    def called(*given):
        if (folder / "log.jsonl").exists():
            take_away()
        return former(*given)

    monkeypatch.setattr(owner, name, called)
    outcome = train(place / "text.txt", folder)
    assert outcome.status == 1
    assert outcome.errors.startswith(f"probe: {folder}")
    assert "removed" in outcome.errors and "renamed" in outcome.errors and outcome.errors.count("\n") == 1
    if change != "replaced":
        assert not folder.exists()
        return
    assert {path.name for path in folder.iterdir()} == {"log.jsonl", ".lock", "lock.json"}
    assert all(path.read_text(encoding="utf-8") == "another's" for path in folder.iterdir())
