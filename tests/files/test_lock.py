import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import filelock
import pytest

from probe.errors import UserError
from probe.files import FolderLock, is_held

HOLDER = """
import sys
from pathlib import Path
from probe.files import FolderLock
with FolderLock(Path(sys.argv[1]), "training"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path / "run")], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_folder_held_by_another_process_is_refused_by_name(tmp_path, holder):
    with pytest.raises(UserError, match=rf"run: in use by process {holder.pid} on .* \(training\); wait"), \
            FolderLock(tmp_path / "run", "scan"):
        pass
    assert json.loads((tmp_path / "run" / "lock.json").read_text())["pid"] == holder.pid


def test_whether_it_is_held_is_asked_without_taking_it(tmp_path, holder):
    assert is_held(tmp_path / "run") is True
    holder.communicate("")
    before = sorted((tmp_path / "run").iterdir())
    assert is_held(tmp_path / "run") is False
    assert sorted((tmp_path / "run").iterdir()) == before
    assert is_held(tmp_path) is False
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]


def test_whether_it_is_held_is_unknown_where_it_may_not_be_asked(tmp_path, monkeypatch):
    with FolderLock(tmp_path, "one"):
        pass
    monkeypatch.setattr(os, "open", refuse)
    assert is_held(tmp_path) is None


def test_whoever_only_asks_stands_in_nobody_s_way(tmp_path):
    with FolderLock(tmp_path, "one"):
        pass
    asking = filelock.FileLock(str(tmp_path / ".lock"), thread_local=False)
    asking.acquire()
    later = threading.Timer(0.02, asking.release)
    later.start()
    with FolderLock(tmp_path, "two"):
        later.join()


def test_it_is_free_when_the_other_ends(tmp_path, holder):
    holder.communicate("")
    assert holder.returncode == 0
    assert not (tmp_path / "run" / "lock.json").exists()
    with FolderLock(tmp_path / "run", "scan"):
        assert json.loads((tmp_path / "run" / "lock.json").read_text())["pid"] == os.getpid()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_it_is_free_when_the_other_is_killed(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "run" / "lock.json").exists()
    told = rf"run: was left by process {holder.pid} on .* \(training\), which holds it no longer; taken over"
    with pytest.warns(UserWarning, match=told), FolderLock(tmp_path / "run", "scan"):
        assert json.loads((tmp_path / "run" / "lock.json").read_text())["purpose"] == "scan"
    with FolderLock(tmp_path / "run", "scan"):  # what was given back is no news
        pass


def test_two_holders_in_one_process_exclude_each_other(tmp_path):
    with FolderLock(tmp_path, "one"):
        with pytest.raises(UserError, match=rf"process {os.getpid()} on .* \(one\)"), FolderLock(tmp_path, "two"):
            pass
        with pytest.raises(UserError, match="in use"), FolderLock(tmp_path, "three"):
            pass
    with FolderLock(tmp_path, "four"):
        pass


def test_a_holder_that_cannot_be_read_is_still_respected(tmp_path, holder):
    for content in ("", "[]", "{}", "null"):
        (tmp_path / "run" / "lock.json").write_text(content)
        with pytest.raises(UserError, match="in use by another process"), FolderLock(tmp_path / "run", "scan"):
            pass


def test_a_lock_that_cannot_be_signed_is_given_back(tmp_path, monkeypatch):
    def full(path, content):
        raise UserError("no space")

    monkeypatch.setattr("probe.files.lock.replace_text", full)
    for folder in (tmp_path, tmp_path / "new"):
        failing = FolderLock(folder, "one")
        with pytest.raises(UserError, match="no space"), failing:
            pass
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    monkeypatch.undo()
    with FolderLock(tmp_path, "two"):
        pass


def test_a_lock_is_given_back_where_its_signature_cannot_be_removed(tmp_path, monkeypatch):
    with FolderLock(tmp_path / "run", "one"):
        monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.undo()
    with pytest.warns(UserWarning, match=r"\(one\), which holds it no longer"), FolderLock(tmp_path / "run", "two"):
        pass


def test_a_folder_that_cannot_be_locked_is_not_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UserError, match="run: cannot lock this folder: Read-only file system"), \
            FolderLock(tmp_path / "run", "one"):
        pass
    assert not (tmp_path / "run").exists()


def test_a_warning_that_is_an_error_leaves_the_lock_free(tmp_path):
    (tmp_path / "lock.json").write_text("")
    with pytest.raises(UserWarning, match="was left by a process that left no name"), FolderLock(tmp_path, "one"):
        pass
    with FolderLock(tmp_path, "two"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no links")
def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    """Whoever hands on a run could else have a file of its reader's emptied or made."""
    precious, new, run = tmp_path / "precious", tmp_path / "new", tmp_path / "run"
    precious.write_text("precious")
    run.mkdir()
    for target in (precious, new):
        (run / ".lock").symlink_to(target)
        with pytest.raises(UserError, match="run: cannot lock this folder: "), FolderLock(run, "one"):
            pass
        assert is_held(run) is (None if target.exists() else False)
        (run / ".lock").unlink()
    assert precious.read_text() == "precious" and not new.exists()


def test_a_folder_in_the_place_of_the_lock_is_told(tmp_path):
    (tmp_path / ".lock").mkdir()
    with pytest.raises(UserError, match="cannot lock this folder: "), FolderLock(tmp_path, "one"):
        pass
    assert is_held(tmp_path) is None


def refuse(*_, **__):
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_the_lock_is_released_by_an_error_inside(tmp_path):
    with pytest.raises(ValueError, match="mine"), FolderLock(tmp_path, "one"):
        raise ValueError("mine")
    with FolderLock(tmp_path, "two"):
        pass


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file, and a folder is needed"), FolderLock(tmp_path / "file", "one"):
        pass
