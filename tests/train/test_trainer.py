"""Training: it learns, it stops when asked, and it goes on as if nothing had happened."""

import dataclasses
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from probe.corpus import CorpusOptions
from probe.errors import Interrupted, UserError
from probe.model import ModelOptions, Run
from probe.model.checkpoint import checkpoint_paths, checkpoint_steps
from probe.train import TrainOptions, train, trainer
from probe.train.characters import CharacterTask
from probe.train.evaluate import LossReader, Validation
from tests.lstm_oracle import losses, read_text
from tests.train.compiled_once import compile_anew

NETWORK = ModelOptions(units=12, layers=2, dropout=0.2)
PLAN = TrainOptions(steps=30, batch=4, length=20, validate_every=10, log_every=4, warm_up=2, seed=5)
TIMING = ("seconds", "characters_per_second")


def untimed(log):
    return [{name: value for name, value in record.items() if name not in TIMING} for record in log]


def interrupt_after(monkeypatch, steps: int) -> None:
    """Make this process receive SIGTERM during the given update, counted from the start of the call."""
    update, made = trainer.Trainer._update, []

    def updating(self, done):
        update(self, done)
        made.append(1)
        if len(made) == steps:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(trainer.Trainer, "_update", updating)


def test_a_network_learns_and_its_log_says_so(text, tmp_path):
    plan = dataclasses.replace(PLAN, steps=150, learning_rate=0.02)
    run = train(text, tmp_path / "run", ModelOptions(units=24), plan, show=False)
    trained = [record for record in run.log if "loss" in record]
    validated = [record for record in run.log if "validation_loss" in record]
    assert [record["step"] for record in validated] == list(range(10, 151, 10))
    assert trained[-1]["loss"] < 0.6 * trained[0]["loss"]
    assert validated[-1]["validation_loss"] < 0.6 * np.log(len(run.corpus.vocabulary))
    assert validated[-1]["validation_bits"] == pytest.approx(validated[-1]["validation_loss"] / np.log(2))
    best = min(validated, key=lambda record: record["validation_loss"])
    assert run.checkpoint("best").step == best["step"]
    assert run.checkpoint("latest").step == 150


@pytest.mark.parametrize(("objective", "kind"), [("next", "one-hot"), ("last", "scalar"), ("next", "embedding")])
def test_an_interrupted_training_ends_bit_for_bit_as_an_uninterrupted_one(objective, kind, text, tmp_path, monkeypatch):
    plan, network = dataclasses.replace(PLAN, objective=objective), dataclasses.replace(NETWORK, input=kind)
    whole = train(text, tmp_path / "whole", network, plan, show=False)
    for steps in (7, 6, 9):  # in the middle of a log interval, of an epoch, and of a validation interval
        with monkeypatch.context() as patched:
            interrupt_after(patched, steps)
            with pytest.raises(Interrupted, match="everything is saved"):
                train(text, tmp_path / "cut", network, plan, show=False)
        if kind == "embedding":
            compile_anew()
    cut = train(text, tmp_path / "cut", network, plan, show=False)
    one, other = whole.checkpoint("latest"), cut.checkpoint("latest")
    assert one.step == other.step == 30
    for name, array in one.weights.items():
        np.testing.assert_array_equal(array, other.weights[name], err_msg=name)
    assert set(one.optimizer) == set(other.optimizer)
    assert "learning_rate" in one.optimizer
    for name, array in one.optimizer.items():
        np.testing.assert_array_equal(array, other.optimizer[name], err_msg=name)
    np.testing.assert_array_equal(one.states, other.states)
    assert untimed(whole.log) == untimed(cut.log)
    assert one.position["best"] == other.position["best"]


def test_without_its_saved_state_a_resumed_training_would_differ(text, tmp_path, monkeypatch):
    """The test above has teeth: dropping the optimizer's slots or the carried states alone changes the outcome."""
    whole = train(text, tmp_path / "whole", NETWORK, PLAN, show=False).checkpoint("latest")
    for number, forget in enumerate(("restore_optimizer", "states")):
        folder = tmp_path / f"cut{number}"
        with monkeypatch.context() as patched:
            interrupt_after(patched, 7)
            with pytest.raises(Interrupted):
                train(text, folder, NETWORK, PLAN, show=False)
        with monkeypatch.context() as patched:
            if forget == "restore_optimizer":
                patched.setattr(trainer, "restore_optimizer", lambda *_: None)
            else:
                restore = trainer.Trainer._restore

                def without_states(self, restore=restore):
                    restore(self)
                    self.task.states = self.task.states * 0

                patched.setattr(trainer.Trainer, "_restore", without_states)
            cut = train(text, folder, NETWORK, PLAN, show=False).checkpoint("latest")
        assert not np.array_equal(whole.weights["lstm_1/recurrent_kernel"], cut.weights["lstm_1/recurrent_kernel"])


def test_a_finished_training_is_not_touched_and_a_longer_plan_goes_on(text, tmp_path, capsys):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, PLAN, show=False)
    before = {path: path.read_bytes() for path in (folder / "checkpoints").iterdir()}
    train(text, folder, NETWORK, PLAN, show=True)
    assert "nothing to do" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in (folder / "checkpoints").iterdir()}
    run = train(text, folder, NETWORK, dataclasses.replace(PLAN, steps=44), show=False)
    assert run.checkpoint("latest").step == 44
    assert Run.open(folder).training["steps"] == 44


def test_the_run_goes_on_elsewhere_without_the_text_file(text, tmp_path):
    train(text, tmp_path / "run", NETWORK, PLAN, show=False)
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    text.unlink()
    run = train(text, moved, NETWORK, dataclasses.replace(PLAN, steps=40), show=False)
    assert run.checkpoint("latest").step == 40


def test_other_options_are_refused_with_the_list_of_differences(text, tmp_path):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, PLAN, show=False)
    with pytest.raises(UserError, match=r"--units was 12, now 13.*--seed was 5, now 6"):
        train(text, folder, dataclasses.replace(NETWORK, units=13), dataclasses.replace(PLAN, seed=6), show=False)
    with pytest.raises(UserError, match=r"--min-count was 0, now 3"):
        train(text, folder, NETWORK, PLAN, corpus_options=CorpusOptions(min_count=3), show=False)
    text.write_text("another text " * 300)
    with pytest.raises(UserError, match="another text"):
        train(text, folder, NETWORK, PLAN, show=False)


def test_a_folder_that_is_not_a_run_is_left_alone(text, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious")
    with pytest.raises(UserError, match=r"thesis\.tex"):
        train(text, folder, NETWORK, PLAN, show=False)
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]


def test_a_plan_without_an_end_is_refused(text, tmp_path):
    with pytest.raises(UserError, match="needs an end"):
        train(text, tmp_path / "run", NETWORK, TrainOptions(), show=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("validate_every", [1, 10])
def test_a_loss_that_is_no_longer_finite_keeps_the_last_checkpoint(validate_every, text, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    monkeypatch.setattr(trainer, "learning_rate", lambda *_: 1e38)
    wild = dataclasses.replace(PLAN, clip=0.0, validate_every=validate_every)
    with pytest.raises(UserError, match=r"no longer finite at step"):
        train(text, folder, NETWORK, wild, show=False)
    assert all(np.isfinite(array).all() for step in checkpoint_steps(folder)
               for array in Run.open(folder).checkpoint(step).weights.values())


def test_weights_that_are_not_finite_are_never_saved(text, tmp_path):
    run = train(text, tmp_path / "run", NETWORK, PLAN, show=False)
    training = trainer.Trainer(run, CharacterTask(run, PLAN), PLAN)
    weight = training.task.model.weights[0]
    weight.assign(np.full(weight.shape, np.nan, np.float32))
    before = {path: path.read_bytes() for path in (run.folder / "checkpoints").iterdir()}
    training.position.step += 1
    with pytest.raises(UserError, match="weights are no longer finite"):
        training._save()
    assert before == {path: path.read_bytes() for path in (run.folder / "checkpoints").iterdir()}


def test_going_back_past_damaged_checkpoints_and_saving_again_loses_nothing(text, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, PLAN, show=False)
    best = Run.open(folder).checkpoint("latest").position["best"]["step"]
    checkpoint_paths(folder, 30)[0].write_bytes(b"gone")
    with monkeypatch.context() as patched:
        interrupt_after(patched, 3)
        with pytest.warns(UserWarning, match="going back to step 20"), pytest.raises(Interrupted, match="step 23"):
            train(text, folder, NETWORK, PLAN, show=False)
    assert checkpoint_steps(folder) == sorted({20, 23} | ({best} if best < 20 else set()))
    assert Run.open(folder).checkpoint("latest").step == 23


def test_a_damaged_newest_checkpoint_is_named_and_the_one_before_is_used(text, tmp_path):
    folder = tmp_path / "run"
    whole = train(text, folder, NETWORK, PLAN, show=False).checkpoint("latest")
    arrays, _ = checkpoint_paths(folder, 30)
    content = bytearray(arrays.read_bytes())
    content[len(content) // 2] ^= 1
    arrays.write_bytes(content)
    with pytest.warns(UserWarning, match=r"step-000000030.*damaged.*going back to step 20"):
        assert Run.open(folder).checkpoint("latest").step == 20
    with pytest.warns(UserWarning, match="going back to step 20"):
        again = train(text, folder, NETWORK, PLAN, show=False)
    np.testing.assert_array_equal(again.checkpoint("latest").weights["dense/kernel"], whole.weights["dense/kernel"])


def test_a_run_with_nothing_but_damaged_checkpoints_does_not_start_over(text, tmp_path):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, PLAN, show=False)
    for step in checkpoint_steps(folder):
        checkpoint_paths(folder, step)[0].write_bytes(b"gone")
    with pytest.raises(UserError, match="no checkpoint can be read"):
        train(text, folder, NETWORK, PLAN, show=False)


def test_a_run_that_lost_its_checkpoints_does_not_start_over(text, tmp_path):
    folder = tmp_path / "run"
    train(text, folder, NETWORK, PLAN, show=False)
    log = (folder / "log.jsonl").read_bytes()
    for path in (folder / "checkpoints").iterdir():
        path.unlink()
    with pytest.raises(UserError, match="its log tells of a training, and no checkpoint is there"):
        train(text, folder, NETWORK, PLAN, show=False)
    assert (folder / "log.jsonl").read_bytes() == log


def test_a_run_that_never_began_is_replaced_by_what_is_asked_for_now(text, tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(UserError, match="needs a GPU"):
        train(text, folder, NETWORK, dataclasses.replace(PLAN, kernel="cudnn"), show=False)
    other = tmp_path / "other.txt"
    other.write_text("quite another text. " * 200)
    run = train(other, folder, dataclasses.replace(NETWORK, units=9), PLAN, show=False)
    assert run.corpus.source["name"] == "other.txt"
    assert run.checkpoint("latest").step == 30


def test_log_lines_after_the_last_checkpoint_are_dropped_when_going_on(text, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    with monkeypatch.context() as patched:
        interrupt_after(patched, 7)
        with pytest.raises(Interrupted):
            train(text, folder, NETWORK, PLAN, show=False)
    with open(folder / "log.jsonl", "a") as log:
        log.write(json.dumps({"step": 999, "loss": 0.0}) + "\n" + '{"step": 10')
    run = train(text, folder, NETWORK, PLAN, show=False)
    assert [record["step"] for record in run.log if "loss" in record] == list(range(4, 30, 4))


def test_a_budget_of_minutes_ends_the_training(text, tmp_path):
    run = train(text, tmp_path / "run", NETWORK, dataclasses.replace(PLAN, steps=None, minutes=0.01), show=False)
    position = run.checkpoint("latest").position
    assert position["finished"]
    assert position["seconds"] >= 0.6


def test_validation_loss_equals_the_equations(text, tmp_path):
    run = train(text, tmp_path / "run", NETWORK, PLAN, show=False)
    reader, weights = LossReader(run.model("latest")), run.checkpoint("latest").weights
    ids = run.corpus.ids[:3600]
    streams = Validation(ids, dataclasses.replace(PLAN, validate_characters=1000))
    assert streams.predictions == 3 * 333
    expected = [losses(rows, read_text(rows, weights, 2)[1]) for start in (0, 1199, 2398)
                for rows in [ids[start:start + 334]]]
    assert streams.loss(reader) == pytest.approx(np.mean(expected), rel=1e-5)
    windows = Validation(ids[:60], dataclasses.replace(PLAN, objective="last"))
    assert windows.predictions == 40
    expected = [losses(ids[s:s + 21], read_text(ids[s:s + 21], weights, 2)[1])[-1] for s in range(40)]
    assert windows.loss(reader) == pytest.approx(np.mean(expected), rel=1e-5)


def test_a_validation_of_a_long_text_reads_no_more_than_asked():
    ids = np.zeros(5_000_000, np.uint8)
    for objective in ("next", "last"):
        validation = Validation(ids, TrainOptions(objective=objective, length=80, validate_characters=50_000))
        assert 40_000 < validation.predictions * (80 if objective == "last" else 1) <= 50_000


@pytest.mark.parametrize(("objective", "characters"), [("next", 10), ("last", 150)])
def test_a_text_too_short_to_validate_is_refused_before_training(objective, characters, tmp_path):
    text = tmp_path / "short.txt"
    text.write_text(("abcdefghij" * 40)[:characters])
    plan = dataclasses.replace(PLAN, objective=objective)
    with pytest.raises(UserError, match=r"validation split|too few|too short"):
        train(text, tmp_path / "run", NETWORK, plan, show=False)
    assert not (tmp_path / "run").exists()


def test_a_run_of_the_embedded_corpus_is_not_gone_on_with_for_a_book_nor_the_other_way(text, tmp_path):
    train(text, tmp_path / "book", NETWORK, PLAN, show=False)
    with pytest.raises(UserError, match=r"was trained on little\.txt, not on the embedded"):
        train(None, tmp_path / "book", NETWORK, PLAN, show=False)
    embedded = tmp_path / "embedded"
    train(None, embedded, NETWORK, dataclasses.replace(PLAN, steps=1), show=False)
    with pytest.raises(UserError, match=r"was trained on Python standard library, not on"):
        train(text, embedded, NETWORK, PLAN, show=False)


def test_what_a_killed_writer_left_is_swept_and_does_not_look_like_a_strange_folder(text, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / ".run.json.abc12345.part").write_text("{")
    train(text, folder, NETWORK, PLAN, show=False)
    (folder / "checkpoints" / ".step-000000030.safetensors.xyz_1234.part").write_bytes(b"half")
    train(text, folder, NETWORK, dataclasses.replace(PLAN, steps=31), show=False)
    assert list(folder.rglob("*.part")) == []


def test_gradients_are_clipped_and_dropout_follows_the_step(text, tmp_path):
    from probe.model import CharLSTM
    from probe.model.engine import tf
    from probe.train.step import make_optimizer, make_step

    moved = []
    for clip, seed in ((0, (0, 0)), (0, (0, 1)), (1e-9, (0, 0))):
        model = CharLSTM(dataclasses.replace(NETWORK, dropout=0.5), 13, seed=1)
        optimizer = make_optimizer(model, clip)
        optimizer.learning_rate.assign(0.01)
        ids = tf.constant(np.random.default_rng(0).integers(0, 13, (4, 21)), tf.int32)
        before = model.weights[0].numpy()
        make_step(model, optimizer, 4, 20)(ids[:, :-1], ids[:, 1:], tf.zeros((2, 2, 4, 12)), tf.constant(seed))
        moved.append(model.weights[0].numpy() - before)
    assert not np.array_equal(moved[0], moved[1])
    # Adam divides by the gradient's own size, but for its epsilon of 1e-7: far below that nothing moves.
    assert np.abs(moved[2]).max() < 0.05 * np.abs(moved[0]).max()


def test_a_fresh_stream_begins_at_zero_and_the_others_carry_on(text, tmp_path, monkeypatch):
    run = train(text, tmp_path / "run", NETWORK, PLAN, show=False)
    task = CharacterTask(run, PLAN)
    training = trainer.Trainer(run, task, PLAN)
    seen = []
    monkeypatch.setattr(task._order, "fresh", lambda epoch, step: np.array([False, True, False, True]))

    def step(ids, targets, states, seed):
        seen.append(states.numpy())
        return 1.0, states

    monkeypatch.setattr(task, "_step", step)
    task.states = task.states + 1.0
    training._update(0.5)
    assert (seen[0][:, :, [1, 3]] == 0).all()
    np.testing.assert_array_equal(seen[0][:, :, [0, 2]], run.checkpoint("latest").states[:, :, [0, 2]] + 1)


@pytest.mark.parametrize("targets", [20, 1])
def test_a_batch_read_in_parts_makes_the_same_update(targets):
    from probe.model import CharLSTM
    from probe.model.engine import tf
    from probe.train.step import make_optimizer, make_step

    results = []
    for largest in (10**9, 20 * 4 * 12 * 3):  # all five windows at once, and three and two
        model = CharLSTM(dataclasses.replace(NETWORK, dropout=0.0), 13, seed=1)
        optimizer = make_optimizer(model, 1.0)
        optimizer.learning_rate.assign(0.01)
        ids = tf.constant(np.random.default_rng(0).integers(0, 13, (5, 21)), tf.int32)
        step = make_step(model, optimizer, 5, 20, largest=largest)
        loss, states = step(ids[:, :-1], ids[:, -targets:], tf.zeros((2, 2, 5, 12)), tf.constant((0, 0)))
        moments = {v.path.split("/", 1)[1]: v.numpy() for v in optimizer.variables}
        results.append((loss.numpy(), states.numpy(), moments["lstm_1_lstm_cell_recurrent_kernel_momentum"]))
    for whole, parts in zip(*results, strict=True):
        np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-8)
    assert np.abs(results[0][2]).max() > 1e-6


def test_two_trainers_of_one_run_are_refused(text, tmp_path):
    from probe.files import FolderLock

    folder: Path = tmp_path / "run"
    with FolderLock(folder, "training"), pytest.raises(UserError, match=f"process {os.getpid()} on "):
        train(text, folder, NETWORK, PLAN, show=False)


def test_bfloat16_lands_near_float32_and_keeps_float32_weights(text, tmp_path):
    losses = {}
    for precision in ("float32", "bfloat16"):
        options = dataclasses.replace(PLAN, precision=precision)
        run = train(text, tmp_path / precision, NETWORK, options, show=False)
        checkpoint = run.checkpoint("latest")
        assert {array.dtype for array in checkpoint.weights.values()} == {np.dtype(np.float32)}
        losses[precision] = checkpoint.position["best"]["loss"]
    assert losses["bfloat16"] != losses["float32"]
    assert losses["bfloat16"] == pytest.approx(losses["float32"], abs=0.02)


@pytest.mark.parametrize(("patient", "dropout", "remedy"), [
    (False, 0.0, "a longer text, --dropout or --patience"), (True, 0.0, "a longer text or --dropout"),
    (False, 0.3, "a longer text, more --dropout or --patience"),
])
def test_what_helps_against_learning_by_heart(patient, dropout, remedy, text, tmp_path):
    run = train(text, tmp_path / "run", dataclasses.replace(NETWORK, dropout=dropout),
                dataclasses.replace(PLAN, steps=1), show=False)
    assert CharacterTask(run, PLAN).remedy(patient) == remedy
