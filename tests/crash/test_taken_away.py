"""A run that is removed, renamed or replaced while it is trained: told in a line, and nothing more is written there."""

import contextlib
import shutil
from pathlib import Path

import pytest

from probe.train import start, trainer
from tests.crash.quick import Outcome, train


def take_away(folder: Path, change: str) -> None:
    """Remove or rename a run, or put another that has begun in its place."""
    with contextlib.suppress(FileNotFoundError):
        folder.rename(folder.with_name("moved")) if change == "renamed" else shutil.rmtree(folder)
        if change == "replaced":
            folder.mkdir()
            for name in ("log.jsonl", "sittings.jsonl", ".lock", "lock.json"):
                (folder / name).write_text("another's", encoding="utf-8")


def assert_left_alone(folder: Path, change: str, outcome: Outcome) -> None:
    """Assert that a training told in a line that its folder was taken away, and wrote nothing there."""
    assert outcome.status == 1
    assert outcome.errors.startswith(f"probe: {folder}")
    assert "removed" in outcome.errors and "renamed" in outcome.errors and outcome.errors.count("\n") == 1
    if change != "replaced":
        assert not folder.exists()
        return
    assert {path.name for path in folder.iterdir()} == {"log.jsonl", "sittings.jsonl", ".lock", "lock.json"}
    assert all(path.read_text(encoding="utf-8") == "another's" for path in folder.iterdir())


@pytest.mark.parametrize(("owner", "name"), [
    (start, "extending_names"), (trainer, "newest_checkpoint"), (trainer, "sitting_record"),
    (trainer.Trainer, "_introduction"),
], ids=["configuration", "going back", "sitting", "events"])
@pytest.mark.parametrize("change", ["removed", "renamed", "replaced"])
def test_a_run_that_is_taken_away_before_it_goes_on_is_left_alone(change, owner, name, place, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    shutil.copytree(place / "stopped", folder)
    former = getattr(owner, name)

    def called(*given):
        result = former(*given)
        take_away(folder, change)
        return result

    monkeypatch.setattr(owner, name, called)
    assert_left_alone(folder, change, train(place / "text.txt", folder, "--tensorboard"))


@pytest.mark.parametrize("moment", ["update", "checkpoint"])
@pytest.mark.parametrize("change", ["removed", "renamed", "replaced"])
def test_a_run_that_is_taken_away_is_not_brought_back_in_parts(change, moment, place, tmp_path, monkeypatch):
    folder = tmp_path / "run"

    owner, name = {"update": (trainer.Trainer, "_update"), "checkpoint": (trainer, "journal_size")}[moment]
    former = getattr(owner, name)

    def called(*given):
        if (folder / "log.jsonl").exists():
            take_away(folder, change)
        return former(*given)

    monkeypatch.setattr(owner, name, called)
    assert_left_alone(folder, change, train(place / "text.txt", folder))
