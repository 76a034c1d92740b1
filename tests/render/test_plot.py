"""Plots made of characters."""

import numpy as np
import pytest

from probe.render.plot import Plot


def area(plot: Plot) -> list[str]:
    """The rows between the axes."""
    return [line[6:] for line in plot.text("steps").splitlines()[:-2]]


def test_a_diagonal_in_ascii_goes_from_corner_to_corner():
    plot = Plot((0, 10), (0, 1), 4 + 2 + 5, 5, unicode=False)
    plot.line(np.array([0, 10]), np.array([0, 1]))
    assert area(plot) == ["    .", "   .", "  .", " .", "."]


def test_a_diagonal_in_braille_lights_the_dots_of_its_corners():
    plot = Plot((0, 1), (0, 1), 4 + 2 + 2, 1)
    plot.line(np.array([0, 1]), np.array([1, 0]))
    rows = area(plot)
    assert rows == [chr(0x2800 + 0x01 + 0x10 * 1) + chr(0x2800 + 0x04 + 0x80)]  # dots (0,0) (1,1) (2,2) (3,3)


def test_a_jump_is_drawn_without_gaps_and_points_between_stay_in_their_place():
    plot = Plot((0, 4), (0, 1), 4 + 2 + 5, 5, unicode=False)
    plot.line(np.array([0, 2, 3, 4]), np.array([0, 0, 1, 1]))
    rows = area(plot)
    assert all("." in row for row in rows)
    assert rows[0].rstrip() == "   .."
    assert rows[-1].startswith("...")


@pytest.mark.parametrize(("unicode", "sign"), [(True, "●"), (False, "o")])
def test_marks_lie_over_lines(unicode, sign):
    plot = Plot((0, 4), (0, 1), 4 + 2 + 5, 3, unicode=unicode)
    plot.line(np.array([0, 4]), np.array([1, 1]))
    plot.marks(np.array([0, 4]), np.array([1, 0]))
    rows = area(plot)
    assert rows[0][0] == sign and rows[-1] == "    " + sign


def test_axes_are_labelled_where_their_values_are():
    lines = Plot((0, 1200), (1.5, 3.5), 40, 9).text("steps").splitlines()
    assert lines[0].startswith("3.50 ┤") and lines[4].startswith("2.50 ┤") and lines[8].startswith("1.50 ┤")
    assert lines[1].startswith("     │")
    assert lines[-1].split() == ["0", "1,200", "steps"]
    assert max(map(len, lines)) == 40


def test_values_beyond_the_axes_stay_inside_the_drawing():
    plot = Plot((0, 1), (0, 1), 20, 4)
    plot.line(np.array([-5.0, 9.0]), np.array([-7.0, 8.0]))
    plot.marks(np.array([2.0]), np.array([3.0]))
    assert len(area(plot)) == 4
