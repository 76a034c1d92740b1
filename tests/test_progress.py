"""The bars of long readings and of training, on terminals as other programs open them."""

import os
import subprocess
import sys

import pytest

CODE = """
import sys
from probe.progress import progress_bar
with progress_bar(4000, "extract", " rows", done=1000, show=sys.argv[1] == "shown") as bar:
    bar.update(1000)
"""


TRAINING = """
from probe.train.report import Report, Standing
with Report(show=True, done=0.25) as report:
    report.advance(Standing(50, 0.5, 2.0, 1234.0, 60.0))
    report.validated({"validation_loss": 1.5}, Standing(50, 0.5, 2.0, 1234.0, 60.0))
"""


def drawn(columns: int, *, show: str, code: str = CODE) -> str:
    """What a process sends to a terminal of so many columns."""
    fcntl, pty, struct, termios = map(pytest.importorskip, ("fcntl", "pty", "struct", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
    subprocess.run([sys.executable, "-c", code, show], stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.write(theirs, b"\nend")
    os.close(theirs)
    sent = b""
    while not sent.endswith(b"end"):
        sent += os.read(ours, 65536)
    os.close(ours)
    return sent.decode()


@pytest.mark.parametrize("columns", [0, 60, 120])
def test_it_is_drawn_on_a_terminal_of_any_width(columns):
    sent = drawn(columns, show="shown")
    assert "extract:  25%|" in sent and "1.00k/4.00k" in sent
    lines = sent.replace("\r", "\n").split("\n")
    assert max(map(len, lines)) <= (columns or 80)


@pytest.mark.parametrize("columns", [0, 60, 120])
def test_a_training_is_drawn_on_a_terminal_of_any_width(columns):
    sent = drawn(columns, show="shown", code=TRAINING)
    lines = sent.replace("\r", "\n").split("\n")
    assert any(" 50% " in line and "2.000 nats" in line for line in lines)
    assert max(map(len, lines)) <= (columns or 80)


def test_it_is_not_drawn_if_it_is_not_to_be_shown():
    assert "extract" not in drawn(80, show="hidden")


def test_it_is_not_drawn_in_a_file():
    assert subprocess.run([sys.executable, "-c", CODE, "shown"], capture_output=True, check=True).stderr == b""
