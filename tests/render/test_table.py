"""Plain tables."""

import numpy as np
import pytest

from probe.render import table


def test_aligns_words_left_and_numbers_right():
    rows = [["inside quotes", "1:3", -0.5], ["vowel", "1:120", np.float32(0.25)]]
    assert table(["pattern", "unit", "r"], rows).split("\n") == [
        "pattern        unit        r",
        "inside quotes  1:3    −0.500",
        "vowel          1:120   0.250",
    ]


def test_missing_numbers_are_dashes_and_whole_numbers_have_separators():
    lines = table(["n", "r"], [[12345, None], [np.int64(-7), float("nan")]]).split("\n")
    assert lines == ["     n  r", "12,345  –", "    −7  –"]


def test_what_is_rounded_to_zero_has_no_sign():
    shown = table(["r"], [[-0.0004], [-0.0006], [-0.0], [float("-inf")]])
    assert shown.split() == ["r", "0.000", "−0.001", "0.000", "−∞"]


def test_wide_characters_take_two_columns():
    lines = table(["a", "b"], [["한국", "x"], ["abc", "y"]]).split("\n")
    assert lines == ["a     b", "한국  x", "abc   y"]


def test_nothing_reaches_the_terminal_that_it_obeys():
    shown = table(["a\x1b[2J"], [["x\ny\tz\u202e"]])
    assert shown == "a␛[2J\nx↵y→z⟨U+202E⟩"


def test_no_rows_leave_the_headers():
    assert table(["a", "b"], []) == "a  b"


def test_rows_must_fit_the_headers():
    with pytest.raises(ValueError, match="zip"):
        table(["a", "b"], [["only one"]])


def test_headers_of_a_table_that_is_too_wide_break_at_spaces():
    rows = [["1:3", 0.5, 12]]
    headers = ["unit", "half-life, characters", "median of it"]
    assert table(headers, rows, 41) == table(headers, rows)
    assert table(headers, rows, 40).split("\n") == [
        "      half-life,  median",
        "unit  characters   of it",
        "1:3        0.500      12",
    ]
