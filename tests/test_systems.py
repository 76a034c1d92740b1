"""Systems that lack what Linux has, imitated: POSIX modules and signals, locks, files that are held, encodings."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from probe.cli import main as cli
from probe.cli.encoding import ERRORS
from probe.errors import UserError
from probe.files import abandoned, aside, atomic, folders, open_npz, remove_leftovers, replace_text, whole_files
from probe.files.folders import whole_folder
from probe.patterns import searching
from probe.patterns.spans import Spans
from tests.cli.tiny import SMALL, TEXT
from tests.forked import ran

# Our modules are imported anew where nothing is left of what Windows or macOS lack.
LACKING = """
import json, os, platformdirs, signal, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty"):
    sys.modules[name] = None
for name in ("fork", "getuid", "geteuid", "getgid", "sched_getaffinity", "sysconf", "sysconf_names", "getloadavg",
             "mkfifo", "chown", "fchmod", "uname", "killpg", "setsid"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGALRM", "SIGPIPE", "SIGUSR1", "SIGCHLD"):
    delattr(signal, name)
for name in [name for name in sys.modules if name.split(".")[0] == "probe"]:
    del sys.modules[name]

from probe.cli.main import main
sys.exit(any(main(line) for line in json.loads(sys.argv[1])))
"""


class Elsewhere:
    """``os`` as a system has it that opens no folders."""

    name = "nt"

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, *flags: Any) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "a folder")
        return os.open(path, *flags)


@pytest.fixture
def _elsewhere(monkeypatch):
    monkeypatch.setattr(aside, "fcntl", None)
    for module in (aside, atomic, folders, abandoned, cli):
        monkeypatch.setattr(module, "os", Elsewhere())


def test_commands_do_without_what_only_posix_has(tmp_path):
    text = tmp_path / "fox.txt"
    text.write_text(TEXT, encoding="utf-8")
    run, acts, page = (str(tmp_path / name) for name in ("run", "acts", "page.html"))
    lines = (["train", str(text), "--run", run, "--steps", "2", *SMALL], ["runs", "show", run],
             ["extract", run, "--out", acts, "--to", "400"], ["doctor", "--json"],
             ["show", acts, "--unit", "1:0", "--to", "60", "--html", page, "--regex", "fox=fox", "--mark", "fox"])
    done = ran([json.dumps(lines)], LACKING)
    assert done.returncode == 0, done.stderr
    assert "the" in Path(page).read_text("utf-8")
    assert {path.name for path in Path(run).iterdir()} - {".lock"} == {
        "checkpoints", "corpus", "log.jsonl", "run.json", "sittings.jsonl"}


@pytest.mark.usefixtures("_elsewhere")
def test_files_and_folders_are_replaced_without_locks_and_open_folders(tmp_path):
    for word in ("first", "second"):
        replace_text(tmp_path / "file", word)
        assert (tmp_path / "file").read_text() == word
        with whole_folder(tmp_path / "folder") as made:
            (made / word).write_text(word)
        assert [path.name for path in (tmp_path / "folder").iterdir()] == [word]
        with whole_files(tmp_path / "files", "seal") as made:
            (made / "seal").write_text(word)
            (made / "other").write_text(word)
        assert (tmp_path / "files" / "other").read_text() == word
    (tmp_path / "empty").mkdir()
    with whole_folder(tmp_path / "empty", new=True) as made:
        (made / "new").touch()
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["new"]
    left = tmp_path / ".file.abcdefgh.part"
    left.mkdir()
    os.utime(left, (0, 0))
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "folder", "files", "empty"}


@pytest.mark.usefixtures("_elsewhere")
def test_a_pipe_without_a_reader_is_nobody_s_mistake_by_whatever_name(monkeypatch, capsys):
    def lost(*_: object) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(cli, "_run", lost)
    assert cli.main(["patterns", "list"]) == 1
    assert capsys.readouterr().err == ""


def test_a_search_whose_process_has_ended_is_told_by_whatever_name(monkeypatch):
    def broken(_: bytes) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    ended = SimpleNamespace(stdin=SimpleNamespace(write=broken), stdout=io.BytesIO(), kill=lambda: None,
                            communicate=lambda: None)
    monkeypatch.setattr(searching, "_processes", {os.getpid(): ended})
    with pytest.raises(UserError, match="took longer than"):
        searching.matches("a", "aa", Spans.of([0, 2]))


def test_an_array_that_is_still_mapped_when_its_folder_goes_is_no_error(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", a=np.arange(9.0))
    unlink = os.unlink

    def held(path: Any, *given: Any, **named: Any) -> None:
        if str(path).endswith("0.npy"):
            raise PermissionError(errno.EACCES, "held")
        unlink(path, *given, **named)

    monkeypatch.setattr(os, "unlink", held)
    with open_npz(tmp_path / "a.npz") as arrays:
        assert arrays["a"].sum() == 36


def test_marks_stand_under_their_characters_whatever_the_encoding_lacks(tmp_path, monkeypatch):
    (tmp_path / "fox.txt").write_text("“Don’t,” said 不 e\u0301 fox\n", "utf-8")
    output = io.TextIOWrapper(io.BytesIO(), "ascii", ERRORS)
    monkeypatch.setattr(sys, "stdout", output)
    assert cli.main(["patterns", "preview", "word_start", str(tmp_path / "fox.txt")]) == 0
    rows = output.buffer.getvalue().decode("ascii").splitlines()
    assert rows == ["?Don?t,? said ?? e fox",
                    " ^       ^    ^  ^ ^"]


def test_signs_that_an_encoding_lacks_have_a_plain_form():
    output = io.TextIOWrapper(io.BytesIO(), "cp1252", ERRORS)
    output.write("−0.7 ≤ x × 2 … “fox” \u2713")
    output.flush()
    assert output.buffer.getvalue().decode("cp1252") == "-0.7 <= x × 2 … “fox” \\u2713"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", ERRORS)


@pytest.mark.parametrize("others", [{"PYTHONIOENCODING": "cp1252"}, {
    "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}], ids=["a pipe of Windows", "no locale"])
def test_texts_and_tables_do_not_hang_on_the_locale(others, tmp_path):
    (tmp_path / "fox.txt").write_text("“Come in,” said Zoë.\n" * 30, encoding="utf-8")
    (tmp_path / "labels.json").write_text('{"labels": [[0, 9]], "meaning": "Zoë’s"}', encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))} | others
    environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    command = ["patterns", "preview", "mine", "fox.txt", "--characters", "20", "--labels", "mine=labels.json"]
    done = subprocess.run([sys.executable, "-m", "probe", *command], cwd=tmp_path, env=environment,
                          capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Come in," in done.stdout and b"^^^^^^^^^" in done.stdout
