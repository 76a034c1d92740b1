"""Curves that are known beforehand: lines, parabolas, cubics and steps; and scipy itself."""

import numpy as np
import pytest
from scipy.interpolate import interp1d

from probe.errors import UserError
from probe.explain.methods.stretching import KINDS, stretched


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_scipys_on_equal_grids(kind: str) -> None:
    heatmap = np.array([[0.0, 2.0, -1.0, 5.0, 4.0], [1.0, 1.0, 0.0, 0.0, 7.0]])
    grid, tokens = [0, 0.25, 0.5, 0.75, 1], [0, 1 / 7, 2 / 7, 3 / 7, 4 / 7, 5 / 7, 6 / 7, 1]
    for row, found in zip(heatmap, stretched(heatmap, 8, kind), strict=True):
        assert found == pytest.approx(interp1d(grid, row, kind=kind)(tokens), abs=1e-12)


@pytest.mark.parametrize(("kind", "found"), [
    ("linear", [3, 4, 5, 6, 4, 2, 0]), ("slinear", [3, 4, 5, 6, 4, 2, 0]), ("nearest", [3, 3, 6, 6, 6, 0, 0]),
    ("previous", [3, 3, 3, 6, 6, 6, 0]), ("zero", [3, 3, 3, 6, 6, 6, 0]), ("next", [3, 6, 6, 6, 0, 0, 0]),
])
def test_three_positions_on_seven_tokens_by_hand(kind: str, found: list[float]) -> None:
    assert stretched(np.array([[3.0, 6.0, 0.0]]), 7, kind)[0] == pytest.approx(found)


@pytest.mark.parametrize(("kind", "powers"), [("quadratic", [2.0, -3.0, 1.0]), ("cubic", [1.0, 0.0, -4.0, 2.0])])
def test_a_polynomial_is_met_between_the_positions(kind: str, powers: list[float]) -> None:
    heatmap = np.polyval(powers, np.linspace(0, 1, len(powers)))
    assert stretched(heatmap[None], 9, kind)[0] == pytest.approx(np.polyval(powers, np.linspace(0, 1, 9)))


def test_a_single_position_is_everywhere_and_as_many_as_tokens_stay() -> None:
    assert stretched(np.array([[4.0]]), 3, "cubic").tolist() == [[4, 4, 4]]
    assert stretched(np.array([[4.0, -1.0, 2.0]]), 3, "linear").tolist() == [[4, -1, 2]]


def test_too_few_positions_for_a_curve_are_refused_in_a_line() -> None:
    with pytest.raises(UserError, match=r"^interpolation cubic needs a layer of at least 4 positions; this one has 3, "
                                        r"for which these work: linear, nearest, zero, slinear, quadratic, previous, "
                                        r"next$"):
        stretched(np.zeros((1, 3)), 9, "cubic")
