"""Folders are replaced wholly or not at all, whenever the writer is killed."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.files import (
    check_writable,
    remove_files,
    remove_folder,
    remove_leftovers,
    replace_file,
    replace_text,
    restore_folder,
    whole_files,
    whole_folder,
)

try:
    import fcntl
except ImportError:
    fcntl = None

unix = pytest.mark.skipif(sys.platform == "win32", reason="signals, locks and links of Unix")


def leftovers(folder, *expected):
    return {entry.name for entry in folder.iterdir()} - set(expected)


def write(path, content):
    with whole_folder(path) as aside:
        (aside / "content").write_text(content)


def test_a_folder_is_replaced_whole(tmp_path):
    path = tmp_path / "result"
    with whole_folder(path) as aside:
        (aside / "one").write_text("1")
        assert not path.exists()
    with whole_folder(path) as aside:
        (aside / "two").write_text("2")
        assert [entry.name for entry in path.iterdir()] == ["one"]
    assert [entry.name for entry in path.iterdir()] == ["two"]
    assert not leftovers(tmp_path, "result")


def write_half_of_folder(path):
    with whole_folder(path) as aside:
        (aside / "two").write_text("2")
        raise ValueError("mine")


def test_a_failing_writer_leaves_the_old_folder(tmp_path):
    path = tmp_path / "result"
    with whole_folder(path) as aside:
        (aside / "one").write_text("1")
    with pytest.raises(ValueError, match="mine"):
        write_half_of_folder(path)
    assert [entry.name for entry in path.iterdir()] == ["one"]
    assert not leftovers(tmp_path, "result")


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "result"
    with whole_folder(path) as aside:
        (aside / "one").write_text("1")
    replace = os.replace

    def failing(source, target):
        if str(source).endswith(".part"):
            raise OSError(errno.EIO, "Input/output error")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(UserError, match="result: cannot write: Input/output error"), whole_folder(path) as aside:
        (aside / "two").write_text("2")
    assert [entry.name for entry in path.iterdir()] == ["one"]
    assert not leftovers(tmp_path, "result")


@pytest.mark.parametrize("there", ["nothing", "an empty folder"])
def test_a_new_folder_appears_where_nothing_is(there, tmp_path):
    path = tmp_path / "result"
    if there != "nothing":
        path.mkdir()
    with whole_folder(path, new=True) as aside:
        (aside / "one").write_text("1")
    assert [entry.name for entry in path.iterdir()] == ["one"]
    assert not leftovers(tmp_path, "result")


def write_new(path, content, meanwhile):
    with whole_folder(path, new=True) as aside:
        (aside / "content").write_text(content)
        meanwhile()


def test_a_new_folder_never_takes_the_place_of_one_that_another_made_meanwhile(tmp_path):
    path = tmp_path / "result"
    with pytest.raises(UserError, match="result: is not empty, and a new folder is needed here"):
        write_new(path, "mine", lambda: write_new(path, "theirs", lambda: None))
    assert (path / "content").read_text() == "theirs"
    assert not leftovers(tmp_path, "result")


# Replaces a folder, and is killed just before or after the renaming whose number it is given.
KILLED = """
import os, signal, sys
from pathlib import Path
from probe.files import whole_folder
done, replace = 0, os.replace
moment, number, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
def killing(source, target):
    global done
    done += 1
    if moment == "before" and done == number:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)
    if moment == "after" and done == number:
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = killing
with whole_folder(path) as aside:
    (aside / "content").write_text("new")
    (aside / "more").write_text("new")
"""


def killed_writer(path, moment, number):
    finished = subprocess.run([sys.executable, "-c", KILLED, moment, str(number), str(path)], check=False)
    assert finished.returncode == -signal.SIGKILL


MOMENTS = [("before", 1), ("after", 1), ("before", 2), ("after", 2), ("before", 3), ("after", 3)]


@unix
@pytest.mark.parametrize(("moment", "number"), MOMENTS)
def test_whenever_a_writer_is_killed_a_reader_finds_a_whole_folder(tmp_path, moment, number):
    path = tmp_path / "result"
    write(path, "old")
    killed_writer(path, moment, number)
    renamed = number - (moment == "before")
    assert path.exists() is (renamed != 1)
    restore_folder(path)
    after = {"content": "new", "more": "new"} if renamed >= 2 else {"content": "old"}
    assert contents(path) == after
    remove_leftovers(tmp_path)
    assert contents(path) == after
    assert not leftovers(tmp_path, "result")


@unix
@pytest.mark.parametrize(("moment", "number"), MOMENTS)
def test_whenever_a_writer_is_killed_tidying_alone_restores_the_folder(tmp_path, moment, number):
    path = tmp_path / "result"
    write(path, "old")
    killed_writer(path, moment, number)
    remove_leftovers(tmp_path)
    assert (path / "content").read_text() in {"old", "new"}
    assert not leftovers(tmp_path, "result")


@unix
def test_a_failing_writer_after_a_killed_one_leaves_the_old_folder(tmp_path):
    path = tmp_path / "result"
    write(path, "old")
    killed_writer(path, "after", 1)
    with pytest.raises(ValueError, match="mine"):
        write_half_of_folder(path)
    assert (path / "content").read_text() == "old"


@unix
def test_of_two_folders_left_the_newer_is_put_back_and_the_older_goes(tmp_path):
    path = tmp_path / "result"
    write(path, "oldest")
    killed_writer(path, "before", 3)  # leaves "oldest" aside, and "new" in place
    os.utime(next(tmp_path.glob(".*.former")), ns=(1, 1))
    killed_writer(path, "after", 1)
    restore_folder(path)
    assert (path / "content").read_text() == "new"
    remove_leftovers(tmp_path)
    assert not leftovers(tmp_path, "result")


def test_a_folder_that_was_never_there_is_not_invented(tmp_path):
    (tmp_path / ".result.abcdefgh.part").mkdir()
    (tmp_path / ".other.abcdefgh.former").mkdir()
    restore_folder(tmp_path / "result")
    restore_folder(tmp_path / "missing" / "result")
    assert {entry.name for entry in tmp_path.iterdir()} == {".result.abcdefgh.part", ".other.abcdefgh.former"}


@unix
def test_a_reader_that_puts_the_old_folder_back_does_not_stop_the_writer(tmp_path, monkeypatch):
    path = tmp_path / "result"
    write(path, "old")
    replace = os.replace

    def with_a_reader(source, target):
        replace(source, target)
        if str(target).endswith(".former") and (path.parent / "first").exists():
            (path.parent / "first").unlink()
            restore_folder(path)

    (tmp_path / "first").touch()
    monkeypatch.setattr(os, "replace", with_a_reader)
    write(path, "new")
    assert (path / "content").read_text() == "new"
    assert not leftovers(tmp_path, "result")


@unix
def test_a_link_to_a_folder_stays_a_link(tmp_path):
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "content").read_text() == "new"
    assert not leftovers(tmp_path, "real", "link")


@unix
def test_what_a_living_writer_has_aside_stays(tmp_path):
    with whole_folder(tmp_path / "result") as aside, replace_file(tmp_path / "a.txt") as file:
        (aside / "content").write_text("new")
        file.write(b"new")
        file.flush()
        remove_leftovers(tmp_path)
    assert (tmp_path / "result" / "content").read_text() == "new"
    assert (tmp_path / "a.txt").read_text() == "new"


@unix
def test_what_a_killed_writer_had_aside_goes(tmp_path):
    code = """
import os, signal, sys
from pathlib import Path
from probe.files import replace_file, whole_files, whole_folder
here = Path(sys.argv[1])
with whole_folder(here / "result"), whole_files(here, "seal") as aside, replace_file(here / "a.txt") as file:
    (aside / "one").write_text("1")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -signal.SIGKILL
    assert len(leftovers(tmp_path)) == 3
    remove_leftovers(tmp_path)
    assert not leftovers(tmp_path)


@unix
def test_a_writer_tidies_up_after_those_that_were_killed(tmp_path):
    write(tmp_path / "result", "old")
    for name in (".result.abcdefgh.part", ".result.abcdefgi.part", ".other.abcdefgh.part", ".result.part",
                 ".result.abcdefgh.former", ".result.abcdefgi.former", ".result.abcdefgj.former"):
        (tmp_path / name).mkdir()
    living = os.open(tmp_path / ".result.abcdefgi.part", os.O_RDONLY)
    fcntl.flock(living, fcntl.LOCK_EX)
    try:
        write(tmp_path / "result", "new")
    finally:
        os.close(living)
    assert (tmp_path / "result" / "content").read_text() == "new"
    assert leftovers(tmp_path, "result") == {".result.abcdefgi.part", ".result.abcdefgi.former", ".other.abcdefgh.part",
                                             ".result.part"}


@unix
@pytest.mark.parametrize("write_one", [write, lambda path, content: replace_text(path, content)])
def test_a_place_beside_is_taken_by_its_maker_alone(tmp_path, monkeypatch, write_one):
    """Another writer removes what was just made and not yet locked: it looks as what a killed one leaves."""
    made = []

    def removing(maker):
        def make(*given, **named):
            result = maker(*given, **named)
            made.append(result)
            if len(made) == 1:
                path = Path(result if isinstance(result, str) else result[1])
                path.rmdir() if path.is_dir() else path.unlink()
            return result
        return make

    for name in ("mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, removing(getattr(tempfile, name)))
    write_one(tmp_path / "result", "new")
    assert len(made) == 2
    assert not leftovers(tmp_path, "result")


@pytest.mark.parametrize("write_one", [write, lambda path, _: write_files(path.parent, seal="1")])
def test_folders_that_were_made_for_a_result_go_with_it(tmp_path, monkeypatch, write_one):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match="No space left"):
        write_one(tmp_path / "new" / "folder" / "result", "new")
    assert not leftovers(tmp_path)


def test_a_place_that_can_be_written_is_not_complained_of(tmp_path, monkeypatch):
    check_writable(tmp_path / "a" / "result")
    monkeypatch.setattr(os, "access", lambda *_: False)  # as on a disk that is mounted to be read
    with pytest.raises(UserError, match="not writable"):
        check_writable(tmp_path / "a" / "result")


def test_tidying_touches_nothing_that_a_person_named(tmp_path):
    names = {"a.part", ".part", ".a.part", ".hidden.former", ".lock", "lock.json", ".a.ABCDEFGH.part",
             ".a.abcdefghi.part"}
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / ".a.abcdefgh.part").touch()
    (tmp_path / ".a.abcdefgh.part").touch()
    remove_leftovers(tmp_path)
    assert not leftovers(tmp_path, "below", *names) and len(list(tmp_path.iterdir())) == len(names) + 1
    assert (tmp_path / "below" / ".a.abcdefgh.part").exists()
    remove_leftovers(tmp_path / "missing")


@unix
def test_tidying_removes_a_link_and_not_what_it_points_to(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    (tmp_path / ".a.abcdefgh.part").symlink_to(tmp_path / "mine")
    remove_leftovers(tmp_path)
    assert not leftovers(tmp_path, "mine")
    assert (tmp_path / "mine" / "file").exists()


def test_removing(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / "folder" / "below").mkdir(parents=True)
    remove_files(tmp_path / "missing", tmp_path / "a")
    remove_folder(tmp_path / "missing")
    with pytest.raises(UserError, match="folder: cannot remove: "):
        remove_files(tmp_path / "folder")
    remove_folder(tmp_path / "folder")
    assert not leftovers(tmp_path)
    (tmp_path / "a").touch()
    with pytest.raises(UserError, match="a: cannot remove: "):
        remove_folder(tmp_path / "a")


def write_files(folder, failure=None, **files):
    with whole_files(folder, "seal") as aside:
        for name, content in files.items():
            (aside / name).write_text(content)
        if failure:
            raise failure


def contents(folder):
    return {entry.name: entry.read_text() for entry in folder.iterdir()}


@given(st.lists(st.dictionaries(st.sampled_from(["a", "seal", "z"]), st.text("ab", max_size=2)), max_size=4))
def test_files_take_their_places_together(tmp_path_factory, versions):
    folder = tmp_path_factory.mktemp("files")
    (folder / "mine").write_text("mine")
    expected = {"mine": "mine"}
    for files in versions:
        write_files(folder, **files)
        expected = {name: content for name, content in expected.items() if name != "seal"} | files
        assert contents(folder) == expected


@pytest.mark.parametrize("failure", [UserError("mine"), KeyboardInterrupt("mine"), OSError(errno.ENOSPC, "mine")])
def test_after_a_failure_the_files_are_as_they_were(tmp_path, failure):
    kind = UserError if isinstance(failure, OSError) else type(failure)
    with pytest.raises(kind, match="mine"):
        write_files(tmp_path / "new" / "folder", failure, a="1")
    assert not leftovers(tmp_path)
    write_files(tmp_path / "folder", a="1", seal="2")
    with pytest.raises(kind, match="mine"):
        write_files(tmp_path / "folder", failure, a="3", seal="4")
    assert contents(tmp_path / "folder") == {"a": "1", "seal": "2"}


def test_the_seal_goes_first_and_comes_last(tmp_path, monkeypatch):
    write_files(tmp_path, a="1", seal="2", z="3")
    seen, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *paths: (seen.append((tmp_path / "seal").exists()), replace(*paths)))
    write_files(tmp_path, a="4", seal="5", z="6")
    assert seen == [True, *[False] * 5]
    assert contents(tmp_path) == {"a": "4", "seal": "5", "z": "6"}


def test_a_seal_that_comes_alone_is_replaced_in_one_step(tmp_path, monkeypatch):
    write_files(tmp_path, a="1", seal="2")
    seen, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *paths: (seen.append((tmp_path / "seal").exists()), replace(*paths)))
    write_files(tmp_path, seal="3")
    assert seen == [True]
    assert contents(tmp_path) == {"a": "1", "seal": "3"}


@pytest.mark.parametrize("failing", range(1, 7))
def test_files_that_cannot_all_be_put_in_place_leave_the_old_ones(tmp_path, monkeypatch, failing):
    write_files(tmp_path, a="1", seal="2", z="3")
    done, replace = [], os.replace

    def flaky(*paths):
        done.append(paths)
        if len(done) == failing:
            raise OSError(errno.EIO, "Input/output error")
        replace(*paths)

    monkeypatch.setattr(os, "replace", flaky)
    with pytest.raises(UserError, match="cannot write: Input/output error"):
        write_files(tmp_path, a="4", b="5", seal="6", z="7")
    assert contents(tmp_path) == {"a": "1", "seal": "2", "z": "3"}


@pytest.mark.parametrize("write_several", [lambda path: whole_files(path, "seal"), whole_folder])
def test_an_error_names_what_was_to_appear_and_not_what_is_gone_by_then(tmp_path, write_several):
    with pytest.raises(UserError) as told, write_several(tmp_path / "result") as aside:
        raise UserError(f"{aside / 'a'}: cannot write: No space left on device")
    assert str(told.value) == f"{tmp_path / 'result' / 'a'}: cannot write: No space left on device"


@pytest.mark.parametrize("name", ["numbers.npy", "text.txt"])
def test_a_folder_is_never_replaced_by_a_file(name, tmp_path):
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis").write_text("mine")

    def write():
        with whole_files(tmp_path, "text.txt") as aside:
            (aside / "numbers.npy").write_text("1")
            (aside / "text.txt").write_text("2")

    with pytest.raises(UserError, match=f"{name}: is a folder, and a file is to be written here"):
        write()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "thesis").read_text() == "mine"
