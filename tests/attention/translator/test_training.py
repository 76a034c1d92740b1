"""A translator learns, stops when asked, and goes on as if nothing had happened."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probe.attention.dates import DateTexts, piece
from probe.attention.dates.form import forms_of
from probe.attention.translator.run import TranslatorRun
from probe.cli.main import main
from probe.errors import Interrupted, UserError
from probe.files import FolderLock
from probe.model import ModelOptions
from probe.model.checkpoint import checkpoint_paths, checkpoint_steps, newest_checkpoint
from probe.train import TrainOptions, trainer
from probe.train import train as train_characters
from tests.attention.translator import apart
from tests.attention.translator.conftest import DATES, NETWORK, PLAN, train
from tests.crash.disks import FLAKY, FULL, FailingDisk
from tests.forked import SCRIPT, ran

SHORT = replace(PLAN, steps=6, validate_every=2, log_every=1)  # as many files are written, after fewer updates
TIMING = ("seconds", "characters_per_second")

pytestmark = pytest.mark.usefixtures("_compiled_once")


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """A copy of the undisturbed run."""
    return shutil.copytree(whole.folder, tmp_path / "copy")


@pytest.fixture
def book(tmp_path) -> Path:
    text = tmp_path / "book.txt"
    text.write_text("Come in, said the fox. The cat did not.\n" * 40)
    return text


def stop_at(monkeypatch, step: int) -> None:
    update = trainer.Trainer._update

    def updating(self, done):
        update(self, done)
        if self.position.step == step:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(trainer.Trainer, "_update", updating)


def untimed(records):
    return [{name: value for name, value in record.items() if name not in (*TIMING, "log_size")} for record in records]


def assert_same(one: TranslatorRun, other: TranslatorRun) -> None:
    ours, theirs = one.checkpoint("latest"), other.checkpoint("latest")
    assert ours.step == theirs.step
    for kind in ("weights", "optimizer"):
        left, right = getattr(ours, kind), getattr(theirs, kind)
        assert set(left) == set(right)
        for name, array in left.items():
            np.testing.assert_array_equal(array, right[name], err_msg=f"{kind}/{name}")
    assert untimed([ours.position, *one.log]) == untimed([theirs.position, *other.log])


def refused(words: str, *others, **named) -> None:
    with pytest.raises(UserError, match=words) as raised:
        train(*others, **named)
    assert "\n" not in str(raised.value)


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "lock" not in path.name}


def test_it_learns_and_its_log_says_so(tmp_path):
    plan = replace(PLAN, steps=160, batch=32, learning_rate=0.03, validate_every=40, log_every=10, hidden=0.1)
    run = train(tmp_path / "run", plan, network=replace(NETWORK, units=16, embedding=8))
    losses = [record["loss"] for record in run.log if "loss" in record]
    validated = [record for record in run.log if "validation_loss" in record]
    assert len(losses) == 16 and losses[-1] < 0.6 * losses[0]
    assert [record["step"] for record in validated] == [40, 80, 120, 160]
    assert validated[-1]["validation_loss"] < 0.7 * validated[0]["validation_loss"]
    assert validated[-1]["validation_accuracy"] > 0.55
    assert all(0 <= record["validation_exact"] <= 1 for record in validated)
    best = min(validated, key=lambda record: record["validation_loss"])
    assert run.checkpoint("best").step == best["step"]
    assert all("epoch" not in record for record in run.log)
    assert run.sittings[0]["kernel"] in ("fused", "cudnn") and run.sittings[0]["precision"] == "float32"


def test_stopped_again_and_again_it_ends_bit_for_bit_as_undisturbed(whole, tmp_path, monkeypatch):
    for step in (1, 8, 13, 23):  # after the first, at a checkpoint, between lines of the log, and before the end
        with monkeypatch.context() as patch:
            stop_at(patch, step)
            with pytest.raises(Interrupted, match=f"stopped at step {step}; everything is saved"):
                train(tmp_path / "cut")
    assert_same(whole, train(tmp_path / "cut"))


def test_killed_in_a_process_of_its_own_it_ends_bit_for_bit_as_undisturbed(whole, tmp_path):
    killed = ran([str(tmp_path / "killed"), "13"], SCRIPT, str(Path(apart.__file__)))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run = TranslatorRun.open(tmp_path / "killed")
    assert run.checkpoint("latest").step == 8 and run.log[-1]["step"] == 12
    with pytest.warns(UserWarning, match=r"was left by process .* \(training\), which holds it no longer; taken over"):
        assert_same(whole, train(tmp_path / "killed"))


def test_a_finished_training_is_not_touched_and_a_longer_plan_goes_on(folder, tmp_path):
    before = content(folder)
    train(folder)
    assert content(folder) == before
    longer = replace(PLAN, steps=33)
    run = train(folder, longer)
    assert run.checkpoint("latest").step == 33
    assert TranslatorRun.open(folder).training["steps"] == 33
    assert [record["step"] for record in run.log if "loss" in record] == list(range(3, 34, 3))


@pytest.mark.parametrize(("changed", "words"), [
    ({"plan": replace(PLAN, hidden=0.2, seed=6)}, r"--seed was 5, now 6; --hidden was 0\.5, now 0\.2"),
    ({"plan": replace(PLAN, batch=9)}, "--batch was 8, now 9"),
    ({"network": replace(NETWORK, attention=5)}, "--attention was 4, now 5"),
    ({"dates": replace(DATES, locales="en_US")}, "--locales was en_GB, now en_US"),
    ({"dates": replace(DATES, last_year=2020)}, "--last-year was 2019, now 2020"),
])
def test_other_options_are_refused(changed, words, folder):
    before = content(folder)
    refused(f"cannot go on with other options: {words}", folder, **changed)
    assert content(folder) == before


def test_a_plan_without_an_end_is_refused(tmp_path):
    refused("needs an end", tmp_path / "run", replace(PLAN, steps=None))
    assert not (tmp_path / "run").exists()


def test_what_another_babel_writes_otherwise_is_refused(folder, monkeypatch):
    def forget():
        piece.piece_of.cache_clear()
        forms_of.cache_clear()

    names = piece.get_month_names
    with monkeypatch.context() as patch:
        patch.setattr(piece, "get_month_names", lambda *given: {**names(*given), 5: "yaM"})  # as long, the same letters
        forget()
        refused(r"was begun with Babel [\d.]+, which writes these dates in another way", folder)
    forget()


def test_a_run_of_characters_is_refused_and_the_other_way(folder, book, tmp_path, capsys):
    characters = tmp_path / "characters"
    train_characters(book, characters, ModelOptions(units=4, layers=1), TrainOptions(steps=1, batch=2, length=10),
                     show=False)
    before = content(characters), content(folder)
    refused("date translator", characters)
    with pytest.raises(UserError, match="date translator"):
        train_characters(book, folder, ModelOptions(units=4, layers=1), TrainOptions(steps=1), show=False)
    assert main(["train", str(book), "--run", str(folder), "--steps", "1"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert (content(characters), content(folder)) == before


def test_a_folder_of_strangers_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    refused(r"thesis\.tex", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_run_without_its_checkpoints_or_its_description_does_not_start_over(folder):
    (folder / "run.json").rename(folder / "aside")
    refused(r"its run\.json is missing", folder)
    (folder / "aside").rename(folder / "run.json")
    shutil.rmtree(folder / "checkpoints")
    refused("its log tells of a training", folder)


def test_a_start_that_was_killed_is_begun_anew(whole, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    TranslatorRun.begin(folder, DATES, replace(NETWORK, units=7), {}, DateTexts(DATES))
    assert_same(whole, train(folder))


def test_a_damaged_checkpoint_is_passed_over(whole, folder):
    checkpoint_paths(folder, 24)[0].write_bytes(b"gone")
    with pytest.warns(UserWarning, match="going back to step 16"):
        run = train(folder)
    assert_same(whole, run)


def test_a_loss_that_is_no_longer_finite_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "learning_rate", lambda *_: 1e38)
    refused("no longer finite at step", tmp_path / "run", replace(PLAN, clip=0.0))
    run = TranslatorRun.open(tmp_path / "run")
    assert all(np.isfinite(array).all() for step in checkpoint_steps(run.folder)
               for array in run.checkpoint(step).weights.values())


def test_two_trainings_of_one_run_are_refused(folder):
    with FolderLock(folder, "training"):
        refused(f"process {os.getpid()}", folder)


@pytest.mark.parametrize("manner", [FULL, FLAKY])
@pytest.mark.parametrize("begun", [False, True])
def test_wherever_a_disk_fails_nothing_is_lost(manner, begun, tmp_path, monkeypatch):
    whole = train(tmp_path / "whole", SHORT)
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        with pytest.raises(Interrupted):
            train(tmp_path / "stopped", SHORT)
    folder, at, stride = tmp_path / "run", 1, {FULL: 11, FLAKY: 13}[manner]
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        if begun:
            shutil.copytree(tmp_path / "stopped", folder)
        with FailingDisk(tmp_path, manner, at) as disk:
            told = None
            try:
                train(folder, SHORT)
            except UserError as error:
                told = str(error)
        assert told is None or ("\n" not in told and str(tmp_path) in told), at
        assert manner is FLAKY or (told is None) == (not disk.refused), at
        if not disk.refused:
            break
        identity = TranslatorRun.open(folder).identity if (folder / "run.json").exists() else None
        newest = newest_checkpoint(folder, identity)
        assert not begun or newest.step >= 5, at
        with FailingDisk(tmp_path, manner):
            assert_same(whole, train(folder, SHORT))
        at += stride
    assert at > 15


def test_the_options_of_a_run_that_another_version_wrote(folder):
    description = json.loads((folder / "run.json").read_text())["content"]
    run = TranslatorRun.open(folder)
    replace(run, training={**description["training"], "momentum": 1}).save()
    refused(r"run\.json does not say how it was trained: .*momentum", folder)
    replace(run, training={**description["training"], "batch": 0}).save()
    refused(r"run\.json does not say how it was trained: --batch must be at least 1", folder)
