import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from probe.errors import UserError
from probe.files import make_folder, replace_bytes, replace_file, replace_text, whole_files, whole_folder

unix = pytest.mark.skipif(sys.platform == "win32", reason="modes and symlinks of Unix")


def leftovers(folder, *expected):
    return {entry.name for entry in folder.iterdir()} - set(expected)


def test_a_file_is_replaced_and_nothing_left_aside(tmp_path):
    path = tmp_path / "new" / "a.txt"
    replace_bytes(path, b"one")
    replace_text(path, "zwei ü")
    assert path.read_text("utf-8") == "zwei ü"
    assert not leftovers(path.parent, "a.txt")


def write_half(path, failure):
    with replace_file(path) as file:
        file.write(b"half")
        raise failure


@unix
@pytest.mark.parametrize("place", ["pipe", "device", "link"])
def test_a_pipe_or_device_is_never_replaced(place, tmp_path):
    path = Path(os.devnull) if place == "device" else tmp_path / place
    if place == "pipe":
        os.mkfifo(path)
    elif place == "link":
        path.symlink_to(os.devnull)
    before = os.lstat(path).st_ino
    with pytest.raises(UserError, match="is a pipe or device; a file is needed here"):
        replace_bytes(path, b"one")
    with pytest.raises(UserError, match="is a pipe or device"), whole_files(path.parent, path.name):
        pass
    assert os.lstat(path).st_ino == before


@pytest.mark.parametrize("failure", [ValueError("mine"), KeyboardInterrupt(), UserError("mine")])
def test_a_failing_writer_leaves_the_old_file(tmp_path, failure):
    path = tmp_path / "a.txt"
    replace_bytes(path, b"old")
    with pytest.raises(type(failure)):
        write_half(path, failure)
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path, "a.txt")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_is_one_line(tmp_path, monkeypatch, step):
    path = tmp_path / "a.txt"
    replace_bytes(path, b"old")

    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(UserError, match=r"a\.txt: cannot write: No space left on device"):
        replace_bytes(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path, "a.txt")


def is_folder(handle):
    return stat.S_ISDIR(os.fstat(handle).st_mode)


def test_the_content_is_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append(is_folder(handle)), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append("replace"), replace(*paths)))
    replace_bytes(tmp_path / "a.txt", b"new")
    assert order[:2] == [False, "replace"]
    assert sys.platform == "win32" or order[2:] == [True]


@unix
def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path):
    former = os.umask(0o027)
    try:
        replace_bytes(tmp_path / "a.txt", b"x")
        with whole_folder(tmp_path / "folder"):
            pass
    finally:
        os.umask(former)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o750


def test_what_is_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="is a file, and a folder is needed"):
        make_folder(tmp_path / "file")
    with pytest.raises(UserError, match="cannot create this folder"):
        make_folder(tmp_path / "file" / "below")
    with pytest.raises(UserError, match="folder: cannot write"):
        replace_bytes(tmp_path / "folder", b"x")
    with pytest.raises(UserError, match="is a file, and a folder is to be written"), whole_folder(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_text() == "x"
    assert not leftovers(tmp_path, "file", "folder")


@unix
def test_what_a_killed_writer_of_a_file_left_goes_and_what_a_living_one_has_stays(tmp_path):
    path = tmp_path / "a.txt"
    strangers = {".a.txt.part", ".b.txt.abcdefgh.part", "a.txt.abcdefgh.part"}
    for name in (".a.txt.abcdefgh.part", *strangers):
        (tmp_path / name).write_text("half")
    with replace_file(path) as living:
        living.write(b"first")
        replace_bytes(path, b"second")
        assert len(leftovers(tmp_path, "a.txt", *strangers)) == 1
    assert path.read_bytes() == b"first"
    assert leftovers(tmp_path, "a.txt") == strangers


@unix
@pytest.mark.parametrize("step", ["chmod", "replace"])
def test_a_file_is_its_writer_s_until_it_has_its_name(tmp_path, monkeypatch, step):
    former, done = getattr(os, step), []

    def meeting(aside, *others):
        if not done:
            done.append(aside)
            replace_bytes(tmp_path / "a.txt", b"another's")
            done.append((tmp_path / "a.txt").read_bytes())
        former(aside, *others)

    monkeypatch.setattr(os, step, meeting)
    replace_bytes(tmp_path / "a.txt", b"mine")
    assert done[1] == b"another's"
    assert (tmp_path / "a.txt").read_bytes() == b"mine"
    assert not leftovers(tmp_path, "a.txt")


def test_what_nobody_else_could_read_stays_so(tmp_path):
    path = tmp_path / "page.html"
    for mode in (0o600, 0o640, 0o444):
        path.write_text("old")
        path.chmod(mode)
        replace_text(path, "new")
        assert path.read_text() == "new" and path.stat().st_mode & 0o777 == mode
    path.unlink()
    path.symlink_to(tmp_path / "target")
    (tmp_path / "target").write_text("kept")
    (tmp_path / "target").chmod(0o600)
    replace_text(path, "new")
    assert not path.is_symlink() and (tmp_path / "target").read_text() == "kept"


def test_half_a_surrogate_pair_is_told_and_nothing_is_written(tmp_path):
    path = tmp_path / "page.html"
    with pytest.raises(UserError, match=r"page.html: cannot write: .* half a surrogate pair, U\+DC05"):
        replace_text(path, "a\udc05b")
    assert list(tmp_path.iterdir()) == []
