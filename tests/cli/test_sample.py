"""``probe sample`` as a person types it, at a terminal and in a pipe."""

import io
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from probe.cli.main import main
from probe.model import ModelOptions, Run, SampleOptions, Sampler
from probe.train import TrainOptions, train
from tests.cli.tiny import TEXT
from tests.forked import Forked


@pytest.fixture(scope="module")
def folder(text, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("sample")
    options = TrainOptions(steps=40, batch=4, length=20, validate_every=20)
    train(text, place / "run", ModelOptions(units=8), options, show=False)
    return place / "run"


@pytest.fixture(scope="module")
def windows(text, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("windows")
    options = TrainOptions(steps=5, batch=4, length=12, validate_every=5, objective="last")
    train(text, place / "run", ModelOptions(units=8, input="scalar"), options, show=False)
    return place / "run"


def expected(folder: Path, prompt: str, **options) -> str:
    sampled = Sampler.of(Run.open(folder)).sample(prompt, SampleOptions(**options))
    return "".join(each.character for each in sampled)


def on_a_terminal(*arguments: str, end: signal.Signals) -> tuple[str, int]:
    """What a terminal of 256 colours is sent, and the exit status; the signal comes after some characters."""
    parent, child = pty.openpty()
    environment = {"TERM": "xterm-256color", "COLORTERM": "", "NO_COLOR": ""}
    process = Forked(arguments, stdout=child, environment=environment)
    os.close(child)
    sent, sending = b"", True
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        sent += part
        if sending and len(sent) > 2000:
            process.send_signal(end)
            sending = False
    os.close(parent)
    _, errors = process.communicate(timeout=60)
    assert errors == ("probe: unit 1:2, hidden; colour: the activation as it is: −1 has the first "
                                      "colour, 0 the middle, 1 the last; blue, the first colour, is low and red, the "
                                      "last, is high; laid on the character just read\n")
    return sent.decode("utf-8").replace("\r\n", "\n"), process.returncode


def test_a_pipe_gets_the_prompt_and_what_is_written_and_nothing_else(folder, capsys):
    options = {"length": 80, "temperature": 0.7, "top_k": 9, "seed": 4}
    flags = ["--length", "80", "--temperature", "0.7", "--top-k", "9", "--seed", "4"]
    assert main(["sample", str(folder), "--prompt", "The ", *flags]) == 0
    assert capsys.readouterr() == ("The " + expected(folder, "The ", **options), "")
    assert main(["sample", str(folder), *flags, "--show", "1:2"]) == 0
    assert capsys.readouterr().out == expected(folder, "\n", **options)
    assert main(["sample", str(folder), "--length", "30", "--greedy", "--checkpoint", "latest"]) == 0
    assert capsys.readouterr().out == expected(folder, "\n", length=30, greedy=True)


def test_the_prompt_may_come_from_the_standard_input(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("The fox"))
    assert main(["sample", str(folder), "--prompt", "-", "--length", "20"]) == 0
    assert capsys.readouterr().out == "The fox" + expected(folder, "The fox", length=20)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9 is"), "utf-8"))
    assert main(["sample", str(folder), "--prompt", "-"]) == 1
    assert capsys.readouterr().err == "probe: --prompt -: the standard input is not utf-8 at byte 3\n"


def test_a_run_of_windows_begins_with_a_window_of_its_text(windows, capsys):
    assert main(["sample", str(windows), "--length", "20"]) == 0
    assert capsys.readouterr().out == expected(windows, TEXT[:12], length=20)
    assert expected(windows, "xx" + TEXT[:12], length=20) == expected(windows, TEXT[:12], length=20)


def test_a_terminal_gets_the_same_text_in_colours_until_ctrl_c(folder):
    sent, status = on_a_terminal("sample", str(folder), "--prompt", "The ", "--length", "0", "--show", "1:2",
                                 end=signal.SIGINT)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", sent)
    assert status == 0
    assert plain.startswith("The " + expected(folder, "The ", length=len(plain) // 2))
    assert sent.startswith("The \x1b[48;5;")
    assert sent.count("\x1b[48;5;") > 5
    assert sent.endswith(("\x1b[0m\n", "\n\n"))


def test_a_reader_that_has_enough_is_nobody_s_mistake(folder):
    with Forked(["sample", str(folder), "--length", "0"], stdout=subprocess.PIPE) as process:
        head = subprocess.run(["head", "-c", "50"], stdin=process.stdout, capture_output=True, check=True)
        process.stdout.close()
        _, errors = process.communicate(timeout=60)
    assert head.stdout == expected(folder, "\n", length=60).encode()[:50]
    assert errors == ""
