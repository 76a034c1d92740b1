"""Trainings in a process of their own, whose TensorFlow can start with as many devices as they ask for.

``python -m tests.train.apart TRAININGS`` with a JSON list of trainings, one after the other.
"""

import json
import os
import signal
import subprocess
import sys
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Apart:
    """A training, and after how many of its updates, if any, the process sends itself a signal."""

    text: str
    folder: str
    network: dict[str, Any]
    plan: dict[str, Any]
    updates: int = 0
    signal: int = signal.SIGTERM


def train_apart(*trainings: Apart) -> subprocess.CompletedProcess[str]:
    """Do these trainings in one process that shows nothing of its progress, and return how it ended."""
    command = [sys.executable, "-W", "error::UserWarning", "-m", "tests.train.apart",
               json.dumps([asdict(each) for each in trainings])]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def _train(asked: Apart) -> None:
    from probe.errors import Interrupted
    from probe.model import ModelOptions
    from probe.train import TrainOptions, train, trainer

    update, made = trainer.Trainer._update, []

    def updating(training: Any, done: float) -> None:
        update(training, done)
        _assert_mirrored(training)
        made.append(1)
        if len(made) == asked.updates:
            os.kill(os.getpid(), asked.signal)

    trainer.Trainer._update = updating  # type: ignore[method-assign,assignment]
    try:
        train(asked.text, asked.folder, ModelOptions(**asked.network), TrainOptions(**asked.plan), show=False)
        assert not asked.updates
    except Interrupted:
        assert len(made) == asked.updates
    finally:
        trainer.Trainer._update = update  # type: ignore[method-assign]


def _assert_mirrored(training: Any) -> None:
    """Every device holds every variable, and the same numbers."""
    devices = training.options.devices
    for variable in [*training.task.model.weights, *training.task.optimizer.variables]:
        copies = variable.value.values if devices > 1 else [variable.value]
        assert len({copy.device for copy in copies}) == devices
        assert len({copy.numpy().tobytes() for copy in copies}) == 1


def _main() -> None:
    import pytest

    from probe.train import characters
    from tests.train.compiled_once import compile_once_in

    warnings.filterwarnings("ignore", message=r".*; taken over$")  # after a kill
    # What is made for devices is made for a strategy, which is kept too.
    compile_once_in(pytest.MonkeyPatch(), characters,
                    ("strategy_of", "CharLSTM", "make_optimizer", "make_step", "LossReader"))
    for each in json.loads(sys.argv[1]):
        _train(Apart(**each))


if __name__ == "__main__":
    _main()
