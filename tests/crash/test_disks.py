"""A disk may fail at any of the operations of a training: it says so in a line, and goes on when the disk is healed.

Here at the first, the last and some between; ``python benchmarks/disks.py --only train`` tries all of a new training, a
``SHARE`` of 1 those of one that goes on too.
"""

import os
import random
import shutil
import warnings
from pathlib import Path

import pytest

from probe.files.aside import meant_for
from probe.model.checkpoint import checkpoint_steps, newest_checkpoint
from probe.model.run import Run
from tests.crash.disks import UNREADABLE, FailingDisk, Manner
from tests.crash.kills import assert_same_training
from tests.crash.quick import Outcome, assert_tidy, train
from tests.crash.sweep import MANNERS

# Of the operations that there are.
SHARE = 0.2


@pytest.mark.parametrize(("name", "begun"), [
    ("full", False), ("full", True), ("read-only", False), ("read-only", True), ("flaky", True), ("unreadable", False),
    ("unreadable", True),
])
def test_wherever_a_disk_fails_nothing_is_lost(name, begun, place, tmp_path):
    manner, folder = MANNERS[name], tmp_path / "run"

    def asked_of(disk: FailingDisk) -> Outcome:
        if begun:
            shutil.copytree(place / "stopped", folder)
        with disk:
            return train(place / "text.txt", folder)

    good = FailingDisk(tmp_path, manner)
    assert asked_of(good).status == 0
    shutil.rmtree(folder)
    assert good.asked > 20
    between = random.Random(f"{name} {begun}").sample(range(2, good.asked), round(SHARE * (good.asked - 2)))
    for at in (1, *sorted(between), good.asked):
        disk = FailingDisk(tmp_path, manner, at)
        outcome = asked_of(disk)
        assert disk.refused, at
        where = f"at operation {at}, {disk.refused[0]}: {outcome}"
        if outcome.status == 0:
            assert_absorbed(outcome, manner, place, folder, where)
        else:
            assert_told(outcome, disk, where)
        assert_newest_is_whole(disk, begun, folder, where)
        with FailingDisk(tmp_path, manner):
            healed = train(place / "text.txt", folder)
        assert healed.status == 0, where
        assert all(line.endswith("; taken over") for line in healed.errors.splitlines()), where
        assert_same_training(place / "whole", folder)
        assert_tidy(folder, place / "whole")
        shutil.rmtree(folder)


def assert_told(outcome: Outcome, disk: FailingDisk, where: str) -> None:
    """Assert one line that names the file that failed first, or its folder, and the reason."""
    assert outcome.status == 1, where
    *warned, line = outcome.errors.splitlines()
    assert_warned(warned, disk.manner, where)
    file = told_of(disk)
    assert line.startswith((f"probe: {file}", f"probe: {file.parent}")), where
    assert ".part" not in line and ("lock.json" in line) <= (file.name in ("lock.json", "run")), where
    assert os.strerror(disk.manner.number) in line, where


def told_of(disk: FailingDisk) -> Path:
    """What the first refused operation was to bring about; tidying up may fail in silence, and is done later."""
    paths = [Path(path) for operation, path in disk.refused if operation not in ("remove", "rmdir")
             or not (meant_for(Path(path)) or path.startswith("."))]
    file, _ = meant_for(paths[0]) or (paths[0], "")
    return file.parent.parent / file.name if meant_for(file.parent) else file


def assert_absorbed(outcome: Outcome, manner: Manner, place: Path, folder: Path, where: str) -> None:
    """Assert that who says it is done has done all of it."""
    assert_warned(outcome.errors.splitlines(), manner, where)
    assert_same_training(place / "whole", folder)


def assert_warned(lines: list[str], manner: Manner, where: str) -> None:
    """Assert that nothing but warnings is printed, and those only of what could not be read."""
    assert all(line.startswith("probe: warning: ") for line in lines), where
    assert not lines or manner is UNREADABLE, where


def assert_newest_is_whole(disk: FailingDisk, begun: bool, folder: Path, where: str) -> None:
    """Assert that the last checkpoint that was finished is there to go on from."""
    finished = [int(name[5:-5]) for name in disk.renamed if name.startswith("step-") and name.endswith(".json")]
    expected = max([3] * begun + finished, default=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        identity = Run.open(folder).identity if (folder / "run.json").exists() else None
        newest = newest_checkpoint(folder, identity)
    assert (newest.step if newest else None) == expected, where
    assert expected is None or len(checkpoint_steps(folder)) >= min(2, len(finished) + 2 * begun), where
