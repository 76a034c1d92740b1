"""How a run stands, finished, stopped, in mid-training, and while what is read vanishes."""

import json
import os
import socket
import subprocess
import sys

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
    (run.folder / "lock.json").write_text(json.dumps(holder | {"host": "elsewhere"}))
    assert RunStatus.of(run.folder).trainer == f"process {ended.pid} on elsewhere"


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
