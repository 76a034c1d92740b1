"""Completion scripts, asked as a shell asks them."""

import shutil
import subprocess

import pytest

from probe.cli.main import COMMANDS, main

ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
$(complete -p probe | sed 's/.*-F \\([^ ]*\\).*/\\1/') probe "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """The words that bash offers for a line whose last word is unfinished."""
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    folder = tmp_path_factory.mktemp("completion")
    (folder / "alice.txt").write_text("x")
    (folder / "runs").mkdir()
    with (folder / "script").open("w") as script, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", script)
        assert main(["completion", "bash"]) == 0

    def words(*line: str) -> set[str]:
        done = subprocess.run(["bash", "-c", ASK, "bash", "./script", "probe", *line], cwd=folder, check=True,
                              stdout=subprocess.PIPE, text=True)
        return set(done.stdout.split())

    return words


def test_bash_completes_commands_options_values_and_files(complete):
    assert complete("") >= set(COMMANDS)
    assert complete("ga") == {"gates", "gallery"}
    assert complete("dates", "tra") == {"train", "translate"}
    assert complete("dates", "train", "--prese") == {"--preset"}
    assert complete("dates", "train", "--preset", "e") == {"english"}
    assert complete("train", "--kernel", "f") == {"fused"}
    assert complete("corpus", "get", "ali") == {"alice"}
    assert complete("patterns", "preview", "word_st") == {"word_start"}
    assert complete("scan", "--patterns", "inside_q") == {"inside_quotes"}
    assert complete("gallery", "r") == {"runs"}
    assert complete("train", "ali") == {"alice.txt"}


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_are_told_every_command(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(name in script for name in COMMANDS)
    if found := shutil.which(shell):
        subprocess.run([found, "-n"], input=script, text=True, check=True)


def test_another_shell_is_refused(capsys):
    assert main(["completion", "fish"]) == 1
    assert capsys.readouterr().err == "probe: SHELL must be one of bash, zsh, tcsh; received 'fish'\n"
