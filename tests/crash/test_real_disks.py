"""Trainings on disks that the system itself makes fail: full, read-only, limited, closed to who asks."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from probe.model.checkpoint import checkpoint_paths, checkpoint_steps
from probe.model.run import Run
from tests.crash.kills import assert_same_training
from tests.crash.quick import arguments, assert_tidy, train

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mounts, limits and modes of Unix")
if sys.platform != "win32":
    from tests.crash.real_disks import (
        folder_of_everybody,
        limited,
        mounted_apart,
        without_privileges,
    )

PAGE = os.sysconf("SC_PAGESIZE") if sys.platform != "win32" else 4096


def pages(path: Path) -> int:
    """What a file takes of a memory disk."""
    return -(-path.stat().st_size // PAGE)


def healed(folder: Path, place: Path) -> None:
    """Assert that the same command, on a disk that works, ends as an undisturbed training."""
    outcome = train(place / "text.txt", folder)
    assert (outcome.status, outcome.errors) == (0, "")
    assert_same_training(place / "whole", folder)
    assert_tidy(folder, place / "whole")


def test_a_disk_that_fills_up_in_the_middle_of_a_training(place, tmp_path):
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    arrays, manifest = (pages(path) for path in checkpoint_paths(place / "whole", 4))
    others = [path for path in (place / "whole").rglob("*") if path.is_file() and path.parent.name != "checkpoints"]
    room = sum(map(pages, others)) + 1 + 2 * (arrays + manifest)  # lock.json and two checkpoints, and no third
    done = mounted_apart(f"size={room * PAGE}", disk, arguments(place / "text.txt", disk / "run"), kept)
    assert done.returncode == 1
    assert done.stderr.startswith(f"probe: {disk / 'run' / 'checkpoints'}/step-000000004.")
    assert done.stderr.endswith(": cannot write: No space left on device\n") and done.stderr.count("\n") == 1
    assert checkpoint_steps(kept / "run") == [0, 2]
    assert Run.open(kept / "run").checkpoint("latest").step == 2
    assert list(kept.rglob("*.part")) == []
    healed(kept / "run", place)


def test_a_disk_that_is_full_from_the_start(place, tmp_path):
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    done = mounted_apart("size=4k", disk, arguments(place / "text.txt", disk / "run"), kept)
    assert done.returncode == 1
    assert done.stderr.startswith(f"probe: {disk / 'run'}")
    assert done.stderr.endswith("No space left on device\n") and done.stderr.count("\n") == 1
    assert list(kept.iterdir()) == []


def test_a_disk_that_is_read_only_from_the_start(place, tmp_path):
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    done = mounted_apart("ro", disk, arguments(place / "text.txt", disk / "run"), kept)
    assert done.returncode == 1
    assert done.stderr == f"probe: {disk / 'run'}: cannot create this folder: Read-only file system\n"


@pytest.mark.parametrize(("begun", "share", "name"), [(False, 0.5, "corpus"), (True, 0.9, "checkpoints")])
def test_a_limit_on_the_size_of_files(begun, share, name, place, tmp_path):
    folder = tmp_path / "run"
    largest = checkpoint_paths(place / "whole", 4)[0] if begun else place / "whole" / "corpus" / "codes.npy"
    if begun:
        shutil.copytree(place / "stopped", folder)
    done = limited(int(share * largest.stat().st_size), arguments(place / "text.txt", folder))
    assert done.returncode == 1
    assert done.stderr.startswith(f"probe: {folder / name}/{largest.name}: cannot write: File too large")
    assert done.stderr.count("\n") == 1
    assert checkpoint_steps(folder) == ([2, 3] if begun else [])
    assert begun or not folder.exists()
    healed(folder, place)


def closed(place: Path, folder: Path, path: Path) -> tuple[int, str]:
    """Train where ``path`` may not be written, nor read if it is a file; return the exit status and the errors."""
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o777)
    path.chmod(0o555 if path.is_dir() else 0)
    (folder.parent / "text.txt").write_bytes((place / "text.txt").read_bytes())
    with without_privileges():
        outcome = train(folder.parent / "text.txt", folder)
    if path.exists():
        path.chmod(0o777)
    return outcome.status, outcome.errors


@pytest.mark.parametrize(("close", "told"), [
    (".", "lock.json: cannot write: Permission denied"), (".lock", ": cannot lock this folder: Permission denied"),
    ("run.json", "run.json: cannot read: Permission denied"),
    ("log.jsonl", "log.jsonl: cannot read: Permission denied"),
    ("checkpoints", "step-000000004.safetensors: cannot write: Permission denied"),
])
def test_what_may_not_be_written_or_read(close, told, place):
    with folder_of_everybody() as everybody:
        folder = everybody / "run"
        shutil.copytree(place / "stopped", folder)
        status, errors = closed(place, folder, folder / close)
        assert status == 1
        assert errors.startswith(f"probe: {folder}") and errors.endswith(f"{told}\n") and errors.count("\n") == 1
        assert Run.open(folder).checkpoint("latest").step == 3
        healed(folder, place)


@pytest.mark.parametrize("file", [0, 1])
def test_a_newest_checkpoint_that_may_not_be_read_is_named_and_the_one_before_used(file, place):
    with folder_of_everybody() as everybody:
        folder = everybody / "run"
        shutil.copytree(place / "stopped", folder)
        path = checkpoint_paths(folder, 3)[file]
        status, errors = closed(place, folder, path)
        assert status == 0
        assert errors == f"probe: warning: {path}: cannot read: Permission denied; going back to step 2\n"
        healed(folder, place)


def test_a_folder_in_which_nothing_may_be_made(place):
    with folder_of_everybody() as everybody:
        (everybody / "text.txt").write_bytes((place / "text.txt").read_bytes())
        everybody.chmod(0o555)
        with without_privileges():
            outcome = train(everybody / "text.txt", everybody / "run")
        assert outcome.status == 1
        assert outcome.errors == f"probe: {everybody / 'run'}: cannot create this folder: Permission denied\n"
