"""Signals at awkward moments, outputs that close, trainers that meet, and clocks that cannot be trusted."""

import contextlib
import errno
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from probe.cli.main import main
from probe.model import Run
from probe.model.checkpoint import checkpoint_steps
from probe.train import saving, trainer
from probe.train.evaluate import Validation
from probe.train.report import Report
from tests.crash.kills import assert_same_training
from tests.crash.quick import arguments, assert_tidy, terminate_at, train
from tests.forked import Forked


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


STARTING = """
import os, signal, sys
from probe.cli.main import main

class Signalling:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            try:
                os.kill(os.getpid(), int(sys.argv[2]))
            except Exception as error:  # as modules do that try what a machine has
                raise ImportError("not here") from error

sys.meta_path.insert(0, Signalling())
sys.exit(main(sys.argv[3:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("module", "told"), [("tensorflow", "stopped before anything was done"),
                                              ("probe.cli.train", "interrupted")])
def test_a_signal_while_modules_are_loaded_is_a_line(module, told, number, place, tmp_path):
    stopped = subprocess.run([sys.executable, "-c", STARTING, module, str(int(number)),
                              *arguments(place / "text.txt", tmp_path / "run")], capture_output=True, text=True,
                             check=False)
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (130, "", f"probe: {told}\n")
    assert not (tmp_path / "run").exists()


TOLD_TWICE = """
import atexit, os, signal, sys
from probe.cli.main import main

class Output:
    def __getattr__(self, name):
        return getattr(sys.__stderr__, name)

    def write(self, words):
        signal_itself()
        return sys.__stderr__.write(words)

def signal_itself():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)

def interrupted(*words):
    os.kill(os.getpid(), signal.SIGINT)

sys.stderr = Output()
atexit.register(signal_itself)
sys.modules["probe.cli.main"]._run = interrupted
sys.exit(main())
"""


def test_signals_while_it_is_told_that_one_came_change_nothing():
    stopped = subprocess.run([sys.executable, "-c", TOLD_TWICE], capture_output=True, text=True, check=False)
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (130, "", "probe: interrupted\n")


def test_a_second_ctrl_c_in_an_update_ends_it_at_once(place, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    update = trainer.Trainer._update

    def updating(training, done):
        update(training, done)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the second one did not end it")

    with monkeypatch.context() as patch:
        patch.setattr(trainer.Trainer, "_update", updating)
        stopped = train(place / "text.txt", folder)
    assert (stopped.status, stopped.errors) == (130, "probe: interrupted\n")
    assert train(place / "text.txt", folder).status == 0
    assert_same_training(place / "whole", folder)


@pytest.mark.parametrize("ignored", [False, True], ids=["terminal", "nohup"])
def test_a_closed_terminal_stops_a_training_but_under_nohup(ignored, place, tmp_path, monkeypatch):
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.default_int_handler)
    try:
        terminate_at(monkeypatch, 2, signal.SIGHUP)
        outcome = train(place / "text.txt", tmp_path / "run")
    finally:
        signal.signal(signal.SIGHUP, former)
    assert outcome.status == (0 if ignored else 130)
    assert Run.open(tmp_path / "run").checkpoint("latest").step == (4 if ignored else 2)


class Reader(io.StringIO):
    """An output whose reader takes so many lines and goes."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self.lines = lines

    def flush(self) -> None:
        if self.getvalue().count("\n") > self.lines:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")


@pytest.mark.parametrize(("lines", "step"), [(0, 1), (1, 2)], ids=["first line", "validation"])
def test_when_the_output_closes_the_work_is_saved(lines, step, place, tmp_path):
    """As in 'probe train … | head -1', whose reader goes while the second line, of a validation, is written."""
    folder = tmp_path / "run"
    with contextlib.redirect_stdout(Reader(lines)), contextlib.redirect_stderr(io.StringIO()) as errors:
        status = main(arguments(place / "text.txt", folder))
    assert status == 130
    assert errors.getvalue() == (f"probe: {folder}: stopped at step {step}, as its output cannot be written (Broken "
                                 "pipe); everything is saved, the same command goes on\n")
    assert Run.open(folder).checkpoint("latest").step == step
    assert train(place / "text.txt", folder).status == 0
    assert_same_training(place / "whole", folder)


def test_a_pipe_that_closes_is_one_line_and_no_work_is_lost(place, tmp_path):
    """In a process of its own, where Python flushes what is left at the end."""
    folder = tmp_path / "run"
    command = arguments(place / "text.txt", folder, "--steps", "1000000000")
    with Forked(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.count("\n") == 1 and "cannot be written (Broken pipe); everything is saved" in errors
    assert f"stopped at step {Run.open(folder).checkpoint('latest').step:,}," in errors


def test_a_validation_has_its_checkpoint_before_it_is_told(place, tmp_path, monkeypatch):
    told, validated = [], Report.validated

    def telling(report, record, standing):
        told.append((record["step"], checkpoint_steps(tmp_path / "run")[-1]))
        validated(report, record, standing)

    monkeypatch.setattr(Report, "validated", telling)
    assert train(place / "text.txt", tmp_path / "run", "--steps", "5").status == 0
    assert told == [(2, 2), (4, 4), (5, 5)]


def test_a_second_trainer_is_refused_by_name_and_a_killed_one_holds_nothing(place, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(place / "stopped", folder)
    command = arguments(place / "text.txt", folder, "--steps", "1000000000")
    with Forked(command, stdout=subprocess.PIPE) as first:
        assert "goes on at step 3" in first.stdout.readline()
        before = (folder / "run.json").read_bytes()
        second = train(place / "text.txt", folder)
        assert second.status == 1
        assert second.errors == (f"probe: {folder}: in use by process {first.pid} on {socket.gethostname()} "
                                 "(training); wait for it, or end it\n")
        assert (folder / "run.json").read_bytes() == before
    assert json.loads((folder / "lock.json").read_text())["pid"] == first.pid
    outcome = train(place / "text.txt", folder, "--steps", "1000000000", "--minutes", "0.0001")
    assert outcome.status == 0
    assert outcome.errors == (f"probe: warning: {folder}: was left by process {first.pid} on {socket.gethostname()} "
                              "(training), which holds it no longer; taken over\n")
    assert not (folder / "lock.json").exists()
