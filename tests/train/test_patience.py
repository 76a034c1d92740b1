"""Early stopping and the choice of the best checkpoint, over any number of sittings."""

import dataclasses
import os
import signal

import numpy as np
import pytest

from probe.errors import Interrupted
from probe.model import ModelOptions
from probe.model.checkpoint import checkpoint_steps
from probe.train import TrainOptions, train, trainer
from probe.train.evaluate import Validation

NETWORK = ModelOptions(units=12, dropout=0.2)
PLAN = TrainOptions(steps=100, batch=4, length=20, validate_every=10, log_every=4, warm_up=2, patience=3)
# By validation: best at step 30, and from 40 on never better.
LOSSES = (3.0, 2.5, 2.0, 2.1, 2.0, 2.3, 1.0, 1.5, 0.5, 0.4)
TIMING = ("seconds", "characters_per_second")


@pytest.fixture(autouse=True)
def losses_that_rise(monkeypatch):
    """What a validation finds, by the step it comes at."""
    validate = trainer.Trainer._validate

    def validating(self):
        monkeypatch.setattr(Validation, "loss", lambda *_: LOSSES[(self.position.step - 1) // 10])
        return validate(self)

    monkeypatch.setattr(trainer.Trainer, "_validate", validating)


def interrupted(text, folder, plan, steps, monkeypatch):
    """Train for one sitting, which a signal ends during its update number ``steps``."""
    update, left = trainer.Trainer._update, [steps]

    def updating(self, done):
        update(self, done)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(trainer.Trainer, "_update", updating)
        with pytest.raises(Interrupted):
            train(text, folder, NETWORK, plan, show=False)


def in_sittings(text, folder, plan, *steps, monkeypatch):
    """Train to the end, interrupted after so many updates in each sitting but the last."""
    for count in steps:
        interrupted(text, folder, plan, count, monkeypatch)
    return train(text, folder, NETWORK, plan, show=False)


def test_it_stops_after_so_many_validations_without_a_better_one_and_says_so(text, tmp_path, capsys):
    run = train(text, tmp_path / "run", NETWORK, PLAN)
    assert run.checkpoint("latest").step == 60
    assert run.checkpoint("best").step == 30
    assert run.checkpoint("latest").position["finished"]
    assert "stopped early at step 60: no better validation since step 30; 60 updates" in capsys.readouterr().out


def test_in_any_number_of_sittings_it_stops_at_the_same_update_bit_for_bit(text, tmp_path, monkeypatch):
    whole = train(text, tmp_path / "whole", NETWORK, PLAN, show=False)
    cuts = (7, 23, 1, 9, 15)  # also right at validations, of the best (30), of a worse one (40)
    cut = in_sittings(text, tmp_path / "cut", PLAN, *cuts, monkeypatch=monkeypatch)
    one, other = whole.checkpoint("latest"), cut.checkpoint("latest")
    assert one.step == other.step == 60
    for name, array in one.weights.items():
        np.testing.assert_array_equal(array, other.weights[name], err_msg=name)
    assert [{k: v for k, v in record.items() if k not in TIMING} for record in whole.log] \
        == [{k: v for k, v in record.items() if k not in TIMING} for record in cut.log]
    assert one.position["best"] == other.position["best"] == {"step": 30, "loss": 2.0}
    assert len(cut.sittings) == 6


def test_stopped_at_the_very_update_that_uses_patience_up_it_does_not_go_on(text, tmp_path, monkeypatch, capsys):
    run = in_sittings(text, tmp_path / "run", PLAN, 60, monkeypatch=monkeypatch)
    assert run.checkpoint("latest").step == 60
    assert run.checkpoint("latest").position["finished"]


def test_the_same_line_again_does_nothing_and_a_longer_plan_neither(text, tmp_path, capsys):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, PLAN, show=False)
    before = {path: path.read_bytes() for path in folder.rglob("*")
              if path.is_file() and path.name != "run.json"}
    for plan in (PLAN, dataclasses.replace(PLAN, steps=90), dataclasses.replace(PLAN, patience=2)):
        train(text, folder, NETWORK, plan)
        assert ("stopped early at step 60: no better validation since step 30; nothing to do, a larger --patience goes "
                "on") in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize("patience", [4, 0])
def test_a_larger_patience_goes_on_to_where_it_would_have_come_at_once(patience, text, tmp_path):
    longer = dataclasses.replace(PLAN, patience=patience)
    at_once = train(text, tmp_path / "at once", NETWORK, longer, show=False).checkpoint("latest")
    train(text, tmp_path / "later", NETWORK, PLAN, show=False)
    later = train(text, tmp_path / "later", NETWORK, longer, show=False).checkpoint("latest")
    assert later.step == at_once.step == 100
    assert later.position["best"] == at_once.position["best"] == {"step": 100, "loss": 0.4}
    for name, array in at_once.weights.items():
        np.testing.assert_array_equal(array, later.weights[name], err_msg=name)


def test_a_smaller_patience_waits_for_the_next_validation(text, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    interrupted(text, folder, PLAN, 45, monkeypatch)
    run = train(text, folder, NETWORK, dataclasses.replace(PLAN, patience=1), show=False)
    assert run.checkpoint("latest").step == 50


def test_the_best_checkpoint_stays_on_disk_over_sittings_in_which_nothing_is_better(text, tmp_path, monkeypatch):
    plan = dataclasses.replace(PLAN, patience=0, steps=60)
    cut = in_sittings(text, tmp_path / "cut", plan, 33, 9, 12, monkeypatch=monkeypatch)
    assert checkpoint_steps(cut.folder) == [30, 54, 60]
    assert cut.checkpoint("best").step == 30
    assert cut.checkpoint("latest").position["best"] == {"step": 30, "loss": 2.0}
