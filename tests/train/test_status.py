"""How a run stands, finished, stopped, in mid-training, and while what is read vanishes."""

import json
import os
import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest

from probe.errors import UserError
from probe.files import FolderLock
from probe.model import ModelOptions
from probe.train import TrainOptions, train
from probe.train.status import RunStatus, runs_below

PLAN = TrainOptions(steps=40, batch=4, length=20, validate_every=10, log_every=5)


@pytest.fixture
def run(text, tmp_path):
    return train(text, tmp_path / "runs" / "one", ModelOptions(units=6), PLAN, show=False)


def test_a_finished_run(run):
    status = RunStatus.of(run.folder)
    assert (status.state, status.trainer, status.done, status.step) == ("finished", None, 1.0, 40)
    assert status.text["name"] == "little.txt"
    assert status.text["characters"] == len(run.corpus)
    assert status.vocabulary == len(run.corpus.vocabulary)
    assert status.epochs == pytest.approx(run.log[-1]["epoch"])
    best = min((record for record in run.log if "validation_loss" in record), key=lambda r: r["validation_loss"])
    assert status.best == {"step": best["step"], "nats": best["validation_loss"],
                           "bits": pytest.approx(best["validation_bits"])}
    assert (status.kernel, status.device, status.sittings) == ("fused", "CPU", 1)
    assert status.checkpoints == (30, 40)
    assert json.loads(json.dumps(status.as_json()))["network"]["units"] == 6


def test_a_longer_plan_is_less_done_and_no_longer_finished(text, run):
    content = json.loads((run.folder / "run.json").read_text())
    assert content["content"]["training"]["steps"] == 40
    from dataclasses import asdict, replace

    replace(run, training=asdict(replace(PLAN, steps=80))).save()
    assert RunStatus.of(run.folder).done == 0.5


def test_a_run_that_is_trained_now_names_who_trains_and_needs_no_lock(run):
    with FolderLock(run.folder, "training"):
        assert RunStatus.of(run.folder).trainer == f"process {os.getpid()} on {socket.gethostname()}"


def test_a_killed_trainer_s_signature_is_not_taken_for_a_living_one(run):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    holder = {"host": socket.gethostname(), "pid": ended.pid, "purpose": "training"}
    (run.folder / "lock.json").write_text(json.dumps(holder))
    assert RunStatus.of(run.folder).trainer is None
    assert RunStatus.of(run.folder).last_trainer is None


def test_of_a_trainer_on_another_host_it_is_said_that_it_was_there(run):
    (run.folder / "lock.json").write_text(json.dumps({"host": "elsewhere", "pid": 7, "purpose": "training"}))
    status = RunStatus.of(run.folder)
    assert (status.trainer, status.last_trainer, status.state) == (None, "process 7 on elsewhere", "finished")


def test_a_copy_of_a_run_that_is_trained_is_not_trained(run, tmp_path):
    with FolderLock(run.folder, "training"):
        shutil.copytree(run.folder, tmp_path / "copy")
        assert RunStatus.of(run.folder).trainer is not None
    assert (tmp_path / "copy" / "lock.json").exists()
    status = RunStatus.of(tmp_path / "copy")
    assert (status.trainer, status.last_trainer) == (None, None)


def test_where_the_lock_cannot_be_asked_nothing_is_claimed(run, monkeypatch):
    (run.folder / "lock.json").write_text(json.dumps({"host": socket.gethostname(), "pid": 7, "purpose": "training"}))
    monkeypatch.setattr("probe.train.status.is_held", lambda folder: None)
    status = RunStatus.of(run.folder)
    assert (status.trainer, status.last_trainer) == (None, f"process 7 on {socket.gethostname()}")


@pytest.mark.parametrize("pid", ["1e999", "null", '"x"', "[]", "NaN"])
def test_a_damaged_signature_is_none(pid, run):
    (run.folder / "lock.json").write_text(f'{{"host": "elsewhere", "pid": {pid}, "purpose": "training"}}')
    assert RunStatus.of(run.folder).last_trainer is None


@pytest.mark.parametrize("ids", [np.array(5), np.zeros((2, 2)), np.zeros(3)], ids=["a number", "a matrix", "short"])
def test_ids_of_another_shape_are_named(ids, run):
    np.save(run.folder / "corpus" / "ids.npy", ids)
    with pytest.raises(UserError, match=r"ids\.npy: damaged: of shape"):
        RunStatus.of(run.folder)


def test_the_log_may_be_ahead_of_the_last_checkpoint_and_its_last_line_cut(run):
    with open(run.folder / "log.jsonl", "a") as log:
        log.write('{"step": 45, "epoch": 1.0, "seconds": 9.5, "loss": 1.0}\n{"step": 50')
    status = RunStatus.of(run.folder)
    assert (status.step, status.seconds) == (45, 9.5)


def test_a_checkpoint_that_vanishes_meanwhile_is_passed_over(run, monkeypatch):
    from probe.model import checkpoint

    steps = checkpoint.checkpoint_steps
    monkeypatch.setattr(checkpoint, "checkpoint_steps", lambda run: [*steps(run), 50])
    assert RunStatus.of(run.folder).state == "finished"


def test_a_run_without_checkpoints_or_log_is_shown_as_far_as_it_is(run):
    for path in [*(run.folder / "checkpoints").iterdir(), run.log_path, run.sittings_path]:
        path.unlink()
    status = RunStatus.of(run.folder)
    assert (status.state, status.step, status.best, status.kernel, status.done) == ("stopped", 0, None, None, 0)


def test_what_is_no_run_or_was_written_by_another_probe_is_told(run, tmp_path):
    with pytest.raises(UserError, match="not a run"):
        RunStatus.of(tmp_path)
    from dataclasses import replace

    replace(run, training={**run.training, "telepathy": True}).save()
    with pytest.raises(UserError, match="telepathy"):
        RunStatus.of(run.folder)


def test_runs_are_found_below_a_folder_but_not_inside_runs(run, tmp_path):
    (tmp_path / "runs" / "b" / "deep").mkdir(parents=True)
    (tmp_path / "runs" / "b" / "deep" / "run.json").write_text("{}")
    (run.folder / "findings").mkdir()
    (run.folder / "findings" / "run.json").write_text("{}")
    assert runs_below(tmp_path) == [tmp_path / "runs" / "b" / "deep", run.folder]
