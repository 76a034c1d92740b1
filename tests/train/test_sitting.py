"""What is kept of each sitting, and how fast it goes."""

import dataclasses
import os
import signal

import pytest

from probe.errors import Interrupted, UserError
from probe.model import ModelOptions
from probe.model.kernels.machine import Machine
from probe.train import TrainOptions, characters, step, train, trainer
from probe.train.sitting import Pace

PLAN = TrainOptions(steps=20, batch=4, length=20, validate_every=10, log_every=5, kernel="keras")


def test_the_log_says_by_which_kernel_and_each_sitting_says_more(text, tmp_path):
    network, folder = ModelOptions(units=6), tmp_path / "run"
    train(text, folder, network, PLAN, show=False)
    run = train(text, folder, network, dataclasses.replace(PLAN, steps=30, kernel="auto"), show=False)
    kernels = {record["step"]: record["kernel"] for record in run.log if "loss" in record}
    assert kernels == {5: "keras", 10: "keras", 15: "keras", 20: "keras", 25: "fused", 30: "fused"}
    assert [(each["step"], each["kernel"], each["device"]) for each in run.sittings] \
        == [(0, "keras", "CPU"), (20, "fused", "CPU")]
    assert run.sittings[0]["versions"] == run.versions
    assert run.sittings[0]["started"].endswith("+00:00")


def test_a_sitting_in_which_nothing_is_to_do_is_none(text, tmp_path):
    for _ in range(2):
        run = train(text, tmp_path / "run", ModelOptions(units=6), PLAN, show=False)
    assert len(run.sittings) == 1


def test_a_run_that_lost_all_before_its_first_line_of_the_log_is_not_begun_anew(text, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    begin = trainer.Trainer._update

    def stopping(self, done):
        begin(self, done)
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(trainer.Trainer, "_update", stopping)
        with pytest.raises(Interrupted):
            train(text, folder, ModelOptions(units=6), PLAN, show=False)
    for path in (folder / "checkpoints").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="its sittings tell of a training, and no checkpoint is there"):
        train(text, folder, ModelOptions(units=6), PLAN, show=False)


def test_the_first_update_which_compiles_does_not_count():
    pace = Pace()
    pace.add(10.0, 12.0)
    assert pace.updating is None and pace.seconds is None
    pace.add(1.0, 1.0)
    pace.add(2.0, 6.0)
    assert (pace.updating, pace.seconds) == (1.5, 3.5)


def test_another_number_of_parts_than_in_the_last_sitting_is_said(text, tmp_path, monkeypatch, capsys):
    plan, folder = dataclasses.replace(PLAN, batch=16), tmp_path / "run"
    for steps, parts in ((10, 2), (20, 2), (30, 1)):
        monkeypatch.setattr(characters, "parts_at_once", lambda *given, parts=parts: parts)
        run = train(text, folder, ModelOptions(units=6), dataclasses.replace(plan, steps=steps))
        assert ("in 1 parts from here on" in capsys.readouterr().out) == (parts == 1)
    assert [each["parts"] for each in run.sittings] == [2, 2, 1]


@pytest.mark.parametrize(("kernel", "units", "multiplies", "expected"), [
    ("fused", 6, True, "bfloat16"), ("fused", 7, True, "float32"), ("fused", 6, False, "float32"),
    ("keras", 6, True, "float32"),
])
def test_auto_is_bfloat16_where_the_kernel_multiplies_it(kernel, units, multiplies, expected, monkeypatch):
    monkeypatch.setattr(step, "this_machine", lambda: Machine(16, 6, multiplies))
    assert step.chosen_precision("auto", kernel, units) == expected
    assert step.chosen_precision("float32", kernel, units) == "float32"


@pytest.mark.parametrize(("kernel", "units", "complaint"), [("keras", 6, "fused kernel alone"), ("fused", 7, "even")])
def test_bfloat16_where_it_is_not_computed_is_refused(kernel, units, complaint):
    with pytest.raises(UserError, match=complaint):
        step.chosen_precision("bfloat16", kernel, units)
