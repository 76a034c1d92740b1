"""What is shown of a training."""

import io

import pytest

from probe.train.options import TrainOptions
from probe.train.report import Report, Standing, best_words, plan_words

HALF = Standing(step=50, done=0.5, loss=2.0, speed=1234.0, left=3723.0)
VALIDATED = {"step": 250, "validation_loss": 1.5, "validation_bits": 2.16}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass only when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_plain_lines_with_loss_speed_and_time_left_and_no_bar(capsys):
    with Report(show=True, done=0.0, clock=(clock := Clock())) as report:
        report.advance(HALF)
        clock.now = 11.0
        report.advance(HALF)
        report.advance(HALF)
        report.validated(VALIDATED, HALF)
    printed = capsys.readouterr()
    assert printed.out == (
        " 50%  step 50: 2.000 nats (2.885 bits a character), 1,234 characters/s, 1:02:03 left\n"
        " 50%  step 50: validation 1.500 nats (2.164 bits a character), 1,234 characters/s, 1:02:03 left\n")
    assert printed.err == ""


def test_plain_lines_come_rarer_as_a_training_grows_long(capsys):
    with Report(show=True, done=0.0, clock=(clock := Clock())) as report:
        for second in range(3600):
            clock.now = float(second)
            report.advance(HALF)
    lines = capsys.readouterr().out.splitlines()
    assert 60 < len(lines) < 100  # one in 10 seconds alone would be 360


def test_nothing_known_yet_is_no_line(capsys):
    with Report(show=True, done=0.0, clock=(clock := Clock())) as report:
        clock.now = 100.0
        report.advance(Standing(0, 0.0))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("columns", "expected", "missing"), [
    ("150", ["2.000 nats (2.885 bits a character), 1,234 characters/s, 1:02:03 left",
             "validation 1.500 nats (2.164 bits a character)"], []),
    ("81", ["2.000 nats (2.885 bits), 1,234 chars/s, 1:02:03 left; val. 2.164 bits"], ["1.500"]),
    ("64", ["2.000 nats (2.885 bits), 1,234 chars/s, 1:02:03 left"], ["val"]),
])
def test_a_terminal_gets_a_bar_with_what_its_width_holds(columns, expected, missing, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", columns)
    with Report(show=True, done=0.25) as report:
        assert report._bar.n == report._bar.initial == 25  # what is behind already does not count as speed
        report.advance(HALF)
        assert report._bar.n == 50
        report.validated(VALIDATED, HALF)
        last = terminal.getvalue().split("\r")[-1]
    for words in expected:
        assert words in last
    for words in missing:
        assert words not in last


def test_a_loss_is_shown_from_the_first_update_on(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Report(show=True, done=0.0) as report:
        report._bar.last_print_t = 0.0  # as if the last drawing were long ago
        report.advance(Standing(1, 0.001, 4.0))
    assert "4.000 nats" in terminal.getvalue()


@pytest.mark.parametrize("piped", [True, False])
def test_beside_a_bar_lines_go_to_an_output_that_is_no_terminal(piped, monkeypatch):
    """As in 'probe train … | tee log'."""
    output, terminal = io.StringIO() if piped else Terminal(), Terminal()
    monkeypatch.setattr("sys.stdout", output)
    monkeypatch.setattr("sys.stderr", terminal)
    with Report(show=True, done=0.0) as report:
        report.validated(VALIDATED, HALF)
    assert ("validation 1.500 nats" in output.getvalue()) == piped
    assert "val. 2.164 bits" in terminal.getvalue()


def test_nothing_is_shown_when_nothing_is_asked_for(capsys):
    with Report(show=False, done=0.0) as report:
        report.validated(VALIDATED, HALF)
        report.say("a line")
    assert capsys.readouterr() == ("", "")


def test_the_bar_is_cleared_before_the_last_line(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("sys.stderr", terminal)
    with Report(show=True, done=0.0) as report:
        report.advance(HALF)
        report.close()
        report.say("the last line")
    *before, last, nothing = terminal.getvalue().split("\r")[-1].split("\n")
    assert (before, last, nothing) == ([], "the last line", "")
    assert terminal.getvalue().split("\r")[-2].strip() == ""


def test_an_output_that_closes_is_told_once_and_then_left_alone(monkeypatch):
    class Closed(io.StringIO):
        def write(self, words: str) -> int:
            written.append(words)
            raise BrokenPipeError(32, "Broken pipe")

    written: list[str] = []
    monkeypatch.setattr("sys.stdout", Closed())
    with Report(show=True, done=0.0) as report:
        assert report.lost is None
        for _ in range(2):
            report.validated(VALIDATED, HALF)
            report.say("a line")
    assert isinstance(report.lost, BrokenPipeError)
    assert len(written) == 1


@pytest.mark.parametrize(("options", "words"), [
    (TrainOptions(epochs=1), "1 epoch"), (TrainOptions(minutes=0.75, patience=3), "0.75 minutes; patience 3"),
    (TrainOptions(epochs=30, steps=2_000_000), "30 epochs or 2,000,000 steps"),
])
def test_a_plan_in_words(options, words):
    assert plan_words(options) == words


@pytest.mark.parametrize(("step", "loss", "told", "advice"), [
    (2000, 1.49, "1.490 nats (2.150 bits a character)", ""),
    (2001, 1.49, "1.490 nats (2.150 bits a character)", "a longer text"),
    (2001, 0.009, "0.009 nats (0.013 bits a character)", ""),  # nothing is left to learn
])
def test_a_best_validation_of_long_ago_is_told_with_what_helps(step, loss, told, advice):
    words = best_words(step, {"step": 1500, "loss": loss}, "a longer text")
    told = f"best validation {told} at step 1,500"
    assert words == told + (f"; it has learnt the training text by heart since: {advice} helps" if advice else "")
