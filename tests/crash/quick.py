"""Hundreds of trainings in one process: the command line as it is, with a network that is compiled only once."""

import io
import os
import signal
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from probe.cli.main import main
from probe.model.checkpoint import FOLDER as CHECKPOINTS
from probe.model.checkpoint import checkpoint_paths, checkpoint_steps
from probe.train import characters, trainer
from tests.train.compiled_once import compile_once_in


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit status and what it printed on either output."""

    status: int
    printed: str
    errors: str


def probe(*words: str) -> Outcome:
    """Run a ``probe`` command in this process; warnings are printed, as they are for a person."""
    printed, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(errors), warnings.catch_warnings():
        warnings.simplefilter("always")
        status = main(words)
    return Outcome(status, printed.getvalue(), errors.getvalue())


def arguments(text: Path, folder: Path, *others: str) -> list[str]:
    """What ``probe`` is asked: a tiny network with dropout and carried states, frequent checkpoints and log lines."""
    return ["train", str(text), "--run", str(folder), "--steps", "4", "--units", "5", "--layers", "1", "--dropout",
            "0.3", "--batch", "2", "--length", "10", "--validate-every", "2", "--log-every", "1", "--warm-up", "2",
            "--validate-characters", "1000", *others]


def train(text: Path, folder: Path, *others: str) -> Outcome:
    """Train so in this process."""
    return probe(*arguments(text, folder, *others))


def terminate_at(patch: pytest.MonkeyPatch, step: int, number: int = signal.SIGTERM) -> None:
    """Make this process receive a signal during the given update."""
    update = trainer.Trainer._update

    def updating(training: Any, done: float) -> None:
        update(training, done)
        if training.position.step == step:
            os.kill(os.getpid(), number)

    patch.setattr(trainer.Trainer, "_update", updating)


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let every training of the same network take the objects of the first."""
    compile_once_in(patch, characters, ("CharLSTM", "make_optimizer", "make_step", "LossReader"))


def assert_tidy(folder: Path, whole: Path) -> None:
    """Assert that a finished run holds what one holds that was never disturbed, and whole checkpoints, but few."""
    steps = checkpoint_steps(folder)
    assert len(steps) <= 4
    paths = {path.relative_to(folder) for step in steps for path in checkpoint_paths(folder, step)}
    assert _files(folder) == paths | {path for path in _files(whole) if path.parent.name != CHECKPOINTS}


def _files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
