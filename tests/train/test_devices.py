"""A batch divided among devices makes the update that one device makes."""

import signal
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from probe.cli.main import main
from probe.errors import UserError
from probe.model import ModelOptions, Run
from probe.model.checkpoint import Checkpoint
from probe.model.engine import tf
from probe.train import TrainOptions, train
from probe.train.devices import device_name, strategy_of
from probe.train.start import training_order
from tests.train.apart import Apart, train_apart
from tests.train.conftest import write_little

NETWORK = ModelOptions(units=12, layers=2)
DROPPING = ModelOptions(units=8, layers=2, dropout=0.3)
CLIP = 0.05
# Five streams do not divide evenly, some of them begin anew at nearly every update, and gradients are clipped.
PLAN = TrainOptions(steps=20, batch=5, length=20, validate_every=10, log_every=1, warm_up=2, reset_every=60, clip=CLIP,
                    schedule="constant", seed=5, precision="float32")
WINDOWS = replace(PLAN, objective="last", batch=7)
# Two streams of "ababab…" that read the same.
TWINS = replace(PLAN, batch=2, reset_every=0)
WAYS = {
    "three devices": (3, NETWORK, PLAN),  # first: a process can use fewer devices later, and not more
    "fused": (2, NETWORK, PLAN),
    "keras": (2, replace(NETWORK, layers=1), replace(PLAN, kernel="keras")),
    "windows": (2, replace(NETWORK, layers=1, input="embedding"), WINDOWS),
}


def apart(folder: Path, devices: int, network: ModelOptions, plan: TrainOptions, text: str = "little.txt",
          **stopped: int) -> Apart:
    plan = replace(plan, devices=devices)
    return Apart(str(folder.parent / text), str(folder), asdict(network), asdict(plan), **stopped)


def flat(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    return {**checkpoint.weights, **{f"optimizer/{name}": array for name, array in checkpoint.optimizer.items()},
            "states": checkpoint.states}


def assert_near(run: Run, other: Run) -> None:
    """The same training but for rounding: weights, Adam's moments, carried states, and every line of the log."""
    arrays, expected = flat(run.checkpoint("latest")), flat(other.checkpoint("latest"))
    assert run.checkpoint("latest").step == 20 and set(arrays) == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(arrays[name], array, rtol=0, atol=1e-5 * np.abs(array).max(), err_msg=name)
    for record, line in zip(run.log, other.log, strict=True):
        key = "loss" if "loss" in line else "validation_loss"
        assert (record["step"], record[key]) == (line["step"], pytest.approx(line[key], rel=1e-5))


@pytest.fixture(scope="module")
def divided(tmp_path_factory) -> Path:
    """A folder of runs that were trained on two or three devices in another process, the last until it was killed."""
    folder = tmp_path_factory.mktemp("divided")
    (folder / "twins.txt").write_text("ab" * 1001)
    train(write_little(folder), folder / "one, then two", NETWORK, replace(PLAN, steps=10), show=False)
    ended = train_apart(*(apart(folder / name, *way) for name, way in WAYS.items()),
                        apart(folder / "one, then two", 2, NETWORK, PLAN),
                        apart(folder / "two, then one", 2, NETWORK, PLAN, updates=9),
                        apart(folder / "dropping", 2, DROPPING, TWINS, "twins.txt"),
                        apart(folder / "killed", 2, DROPPING, TWINS, "twins.txt", updates=17, signal=signal.SIGKILL))
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return folder


@pytest.fixture(scope="module")
def whole(divided) -> Run:
    """The same training on one device."""
    return train(divided / "little.txt", divided / "whole", NETWORK, PLAN, show=False)


@pytest.mark.parametrize("name", WAYS)
def test_a_batch_divided_among_devices_trains_as_on_one(name, divided, tmp_path):
    devices, network, plan = WAYS[name]
    run = Run.open(divided / name)
    assert_near(run, train(divided / "little.txt", tmp_path / "run", network, plan, show=False))
    assert [(each["device"], each["precision"]) for each in run.sittings] == [(f"{devices} × CPU", "float32")]


def test_the_gradient_of_all_devices_together_is_clipped(divided):
    """Adam's first moment is a weighted sum of gradients, its weights 0.1 · 0.9^k: it is no longer than the longest."""
    for name in ("fused", "three devices"):
        moments = Run.open(divided / name).checkpoint("latest").optimizer
        length = np.sqrt(sum(np.square(array).sum() for key, array in moments.items() if key.endswith("_momentum")))
        assert 0.5 * CLIP < length <= CLIP * (1 + 1e-5)


def test_a_training_stopped_on_two_devices_goes_on_on_one_and_the_reverse(divided, whole):
    stopped = divided / "two, then one"
    assert Run.open(stopped).checkpoint("latest").step == 9
    assert_near(train(divided / "little.txt", stopped, NETWORK, PLAN, show=False), whole)
    assert_near(Run.open(divided / "one, then two"), whole)
    for name, devices in (("two, then one", ["2 × CPU", "CPU"]), ("one, then two", ["CPU", "2 × CPU"])):
        assert [each["device"] for each in Run.open(divided / name).sittings] == devices


def test_killed_on_two_devices_it_goes_on_there_bit_for_bit(divided):
    assert Run.open(divided / "killed").checkpoint("latest").step == 10
    ended = train_apart(apart(divided / "killed", 2, DROPPING, TWINS, "twins.txt"))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    run, undisturbed = Run.open(divided / "killed"), Run.open(divided / "dropping")
    arrays = flat(run.checkpoint("latest"))
    for name, array in flat(undisturbed.checkpoint("latest")).items():
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)
    assert [record.get("loss") for record in run.log] == [record.get("loss") for record in undisturbed.log]


def test_each_device_draws_masks_of_its_own(divided):
    run = Run.open(divided / "dropping")
    first, second = training_order(run.corpus, TWINS).inputs_and_targets(0, 0)[0]
    np.testing.assert_array_equal(first, second)
    states = run.checkpoint("latest").states
    assert not np.allclose(states[1, :, 0], states[1, :, 1], atol=1e-4)


def test_it_says_what_it_computes_on(text, tmp_path, capsys):
    train(text, tmp_path / "run", NETWORK, replace(PLAN, steps=1))
    assert "fused kernel in float32 on CPU; " in capsys.readouterr().out
    assert device_name(strategy_of(1)) == "CPU"


def test_once_tensorflow_has_started_it_cannot_be_divided(text, tmp_path):
    tf.zeros(())
    with pytest.raises(UserError, match="already started in this process with 1; train before anything else"):
        train(text, tmp_path / "run", NETWORK, replace(PLAN, devices=2), show=False)
    assert not (tmp_path / "run").exists()


def test_more_devices_than_gpus_are_refused_in_one_line(text, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [object()] * 2 if kind == "GPU" else [])
    assert main(["train", str(text), "--run", str(tmp_path / "run"), "--steps", "1", "--devices", "3"]) == 1
    assert capsys.readouterr().err == "probe: --devices must be at most the GPUs of this machine, 2; received 3\n"
    assert not (tmp_path / "run").exists()


def test_a_text_that_makes_fewer_streams_than_devices_is_refused(tmp_path, monkeypatch):
    text = tmp_path / "short.txt"
    text.write_text("abcdefghij" * 10)
    monkeypatch.setattr("probe.train.characters.strategy_of", lambda devices: strategy_of(1))
    with pytest.raises(UserError, match="--devices must be at most 1, the streams or windows that this text has"):
        train(text, tmp_path / "run", NETWORK, replace(PLAN, devices=3), show=False)
    assert not (tmp_path / "run" / "run.json").exists()
