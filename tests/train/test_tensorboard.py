"""The event file, read back by TensorFlow's own reader, which checks its checksums."""

import dataclasses
import os
import signal

import pytest

from probe.errors import Interrupted, UserError
from probe.model import ModelOptions, Run
from probe.model.engine import tf
from probe.train import TrainOptions, tensorboard, train, trainer

NETWORK = ModelOptions(units=6)
PLAN = TrainOptions(steps=30, batch=4, length=20, validate_every=10, log_every=4, warm_up=2, tensorboard=True)


def curves(folder) -> dict[str, list[tuple[int, float]]]:
    (path,) = (folder / "tensorboard").iterdir()
    found: dict[str, list[tuple[int, float]]] = {}
    for number, record in enumerate(tf.data.TFRecordDataset(str(path)).as_numpy_iterator()):
        event = tf.compat.v1.Event.FromString(record)
        if number == 0:
            assert event.file_version == "brain.Event:2"
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def logged(run: Run, name: str) -> list[tuple[int, float]]:
    return [(record["step"], pytest.approx(record[name], rel=1e-6)) for record in run.log if name in record]


def test_the_curves_are_those_of_the_log(text, tmp_path):
    run = train(text, tmp_path / "run", NETWORK, PLAN, show=False)
    drawn = curves(run.folder)
    assert set(drawn) == {"nats/training", "bits/training", "nats/validation", "bits/validation", "learning_rate",
                          "characters_per_second"}
    assert drawn["nats/training"] == logged(run, "loss")
    assert [step for step, _ in drawn["nats/training"]] == list(range(4, 30, 4))
    assert drawn["bits/training"] == [(step, pytest.approx(nats / 0.6931471805599453, rel=1e-6))
                                      for step, nats in drawn["nats/training"]]
    for tag, name in (("nats/validation", "validation_loss"), ("bits/validation", "validation_bits"),
                      ("learning_rate", "learning_rate"), ("characters_per_second", "characters_per_second")):
        assert drawn[tag] == logged(run, name)


def test_after_a_cut_and_after_going_back_no_curve_is_doubled_or_jumps_back(text, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    update, made = trainer.Trainer._update, []

    def updating(self, done):
        update(self, done)
        made.append(1)
        if len(made) == 17:
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(trainer.Trainer, "_update", updating)
        with pytest.raises(Interrupted):
            train(text, folder, NETWORK, PLAN, show=False)
    assert max(step for step, _ in curves(folder)["nats/training"]) == 16
    (former,) = (folder / "tensorboard").iterdir()
    with open(folder / "log.jsonl", "a") as log:  # what a killed sitting logged after its last checkpoint
        log.write('{"step": 20, "seconds": 9.0, "loss": 9.0, "learning_rate": 1.0, "characters_per_second": 1.0}\n')
    run = train(text, folder, NETWORK, PLAN, show=False)
    assert curves(folder)["nats/training"] == logged(run, "loss")
    (path,) = (folder / "tensorboard").iterdir()
    assert path.name > former.name  # a TensorBoard that looks on takes it for the later one


def test_asked_for_later_it_tells_of_all_that_was_before(text, tmp_path):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, dataclasses.replace(PLAN, tensorboard=False), show=False)
    assert not (folder / "tensorboard").exists()
    run = train(text, folder, NETWORK, PLAN, show=False)  # nothing is trained any more
    assert curves(folder)["nats/training"] == logged(run, "loss")


def test_a_disk_that_is_full_is_told_in_a_line(tmp_path):
    (tmp_path / "tensorboard").write_text("in the way")
    with pytest.raises(UserError, match="tensorboard: is a file"):
        tensorboard.EventFile(tmp_path, [])


def test_what_a_killed_writer_left_aside_goes(tmp_path):
    folder = tmp_path / "tensorboard"
    folder.mkdir()
    (folder / ".events.out.tfevents.1795403397.probe.u4jhryis.part").write_bytes(b"half")
    tensorboard.EventFile(tmp_path, [])
    assert [each.name.count("part") for each in folder.iterdir()] == [0]
