"""Which checkpoints of a training stay on disk."""

import dataclasses

import numpy as np
import pytest

from probe.errors import Interrupted
from probe.model.checkpoint import checkpoint_steps
from probe.train import train
from probe.train.evaluate import Validation
from tests.train.test_trainer import NETWORK, PLAN, interrupt_after, untimed


def test_the_newest_two_checkpoints_and_the_best_are_kept(text, tmp_path, monkeypatch):
    losses_to_come = iter([3.0, 2.0, 2.5, 2.4, 2.3, 2.2])
    monkeypatch.setattr(Validation, "loss", lambda self, reader: next(losses_to_come))
    run = train(text, tmp_path / "run", NETWORK, dataclasses.replace(PLAN, steps=60), show=False)
    assert run.checkpoint("best").step == 20
    assert checkpoint_steps(run.folder) == [20, 50, 60]
    assert len(list((run.folder / "checkpoints").iterdir())) == 6


def test_checkpoints_kept_for_good_change_nothing_else(text, tmp_path, monkeypatch):
    plan = dataclasses.replace(PLAN, keep_every=7)
    plain = train(text, tmp_path / "plain", NETWORK, PLAN, show=False)
    with monkeypatch.context() as patched:
        interrupt_after(patched, 15)
        with pytest.raises(Interrupted, match="everything is saved"):
            train(text, tmp_path / "kept", NETWORK, plan, show=False)
    kept = train(text, tmp_path / "kept", NETWORK, plan, show=False)
    assert {0, 7, 14, 21, 28} <= set(checkpoint_steps(kept.folder))
    assert not {7, 14, 21, 28} & set(checkpoint_steps(plain.folder))
    assert untimed(kept.log) == untimed(plain.log)
    for name, array in plain.checkpoint("latest").weights.items():
        np.testing.assert_array_equal(array, kept.checkpoint("latest").weights[name])
    further = train(text, tmp_path / "kept", NETWORK, dataclasses.replace(PLAN, steps=40), show=False)
    assert {0, 7, 14, 21, 28} <= set(checkpoint_steps(further.folder))  # though it is not asked for any more
