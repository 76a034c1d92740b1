"""What is shown of a training."""

import io

from probe.train.report import Report


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


TRAINED = {"step": 50, "loss": 2.0, "characters_per_second": 1234.0}
VALIDATED = {"step": 250, "validation_loss": 1.5, "validation_bits": 2.16}


def test_a_log_gets_plain_lines_and_no_bar(capsys):
    with Report(show=True, done=0.0) as report:
        report.advance(0.5)
        report.logged(TRAINED, 0.5)
        report.logged(VALIDATED, 0.5)
    printed = capsys.readouterr()
    assert printed.out == " 50%  step 250: validation 1.500 nats (2.164 bits a character)\n"
    assert printed.err == ""


def test_a_terminal_gets_a_bar_with_loss_speed_and_validation(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Report(show=True, done=0.25) as report:
        assert report._bar.n == report._bar.initial == 25  # what is behind already does not count as speed
        report.logged(TRAINED, 0.5)
        report.logged(VALIDATED, 0.5)
        report.advance(0.5)
        assert report._bar.n == 50
    shown = terminal.getvalue()
    for words in ("2.000 nats (2.885 bits", "1,234 characters/s", "validation 1.500 nats"):
        assert words in shown


def test_nothing_is_shown_when_nothing_is_asked_for(capsys):
    with Report(show=False, done=0.0) as report:
        report.logged(VALIDATED, 1.0)
        report.say("a line")
    assert capsys.readouterr() == ("", "")
