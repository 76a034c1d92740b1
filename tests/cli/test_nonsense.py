"""Values that mean nothing, for every option of every command: one line, status 1, nothing touched, no engine."""

from tests.cli.nonsense import BASELINES, asked_apart, parsers, prepare

# One line in so many is asked; benchmarks/arguments.py asks every one.
STRIDE = 23


def test_every_command_has_a_line_to_start_from():
    assert set(parsers()) == set(BASELINES)


def test_nonsense_is_told_in_a_line_before_the_engine_is_loaded(tmp_path):
    prepare(tmp_path)
    ended = asked_apart(tmp_path, STRIDE)
    assert ended["faults"] == []
    assert ended["asked"] > 340
