"""Killing a real training at any moment, and holding what it becomes against one that was never disturbed."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from probe.model import Run

TIMING = ("seconds", "characters_per_second")


class Started(Protocol):
    """A process, as ``subprocess.Popen`` is one."""

    returncode: int | None

    def poll(self) -> int | None: ...

    def kill(self) -> None: ...

    def communicate(self) -> tuple[str | None, str | None]: ...


@dataclass(frozen=True)
class Victim:
    """A short training as a command line, with dropout, carried states, frequent checkpoints and log lines.

    Attributes:
        text: what it trains on.
        plan: the budget, for example ``("--steps", "60")``.
        changes: of its folder, after which it is killed at the latest if they are so many.
    """

    text: Path
    plan: tuple[str, ...]
    changes: int = 13

    def command(self, folder: Path) -> list[str]:
        """What ``probe`` is asked, to start it and to go on with it."""
        return ["train", str(self.text), "--run", str(folder), *self.plan,
                "--units", "6", "--layers", "2", "--dropout", "0.3", "--batch", "16", "--length", "10",
                "--validate-every", "4", "--log-every", "3", "--warm-up", "2"]

    def start(self, folder: Path) -> Started:
        """Start it in a process of its own."""
        return subprocess.Popen([sys.executable, "-m", "probe", *self.command(folder)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def run(self, folder: Path) -> None:
        """Train undisturbed to the end."""
        process = self.start(folder)
        _, errors = process.communicate()
        if process.returncode != 0:
            raise AssertionError(f"the training ended with status {process.returncode}: {errors}")

    def kill(self, folder: Path, chance: random.Random) -> bool:
        """Start it, kill it at a moment drawn by ``chance``; return False if it had ended before.

        The moment is a random time after the log, a checkpoint or the corpus changes for the k-th time, so that kills
        fall on starts, updates, validations and the writing of every kind of file. Small k are as likely as large ones.
        """
        process = self.start(folder)
        changes, last = int((self.changes + 1) ** chance.random()) - chance.randrange(2), None
        try:
            while changes > 0 and process.poll() is None:
                now = _files(folder)
                changes -= now != last
                last = now
                time.sleep(0.001)
            time.sleep(chance.choice([0, 0.001, 0.005, 0.02, 0.1]))
        finally:
            ended = process.poll() is not None
            process.kill()
            _, errors = process.communicate()
        if process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"the training ended with status {process.returncode}: {errors}")
        return not ended


def _files(folder: Path) -> list[tuple[str, int]]:
    """Names and times of what is in a folder that is being written: what vanishes meanwhile is passed over."""
    found = []
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                found.append((name, (Path(parent) / name).stat().st_mtime_ns))
    return sorted(found)


def assert_same_training(one: Path, other: Path) -> None:
    """Assert that two runs have the same weights, optimizer, carried states, position and log, bit for bit, but for
    their timing fields."""
    ours, theirs = (Run.open(folder).checkpoint("latest") for folder in (one, other))
    assert ours.step == theirs.step
    for name in ("weights", "optimizer"):
        left, right = getattr(ours, name), getattr(theirs, name)
        assert set(left) == set(right)
        for key, array in left.items():
            np.testing.assert_array_equal(array, right[key], err_msg=f"{name}/{key}")
    np.testing.assert_array_equal(ours.states, theirs.states)
    assert _untimed([dict(ours.position)], (*TIMING, "log_size")) == _untimed([dict(theirs.position)],
                                                                             (*TIMING, "log_size"))
    logs = [[json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()] for folder in (one, other)]
    assert _untimed(logs[0], TIMING) == _untimed(logs[1], TIMING)


def _untimed(records: list[dict], names: tuple[str, ...]) -> list[dict]:
    return [{name: value for name, value in record.items() if name not in names} for record in records]
