"""Which scalings a page offers for the signals it shows, and how far each reaches."""

from dataclasses import replace

import numpy as np
import pytest

from probe.gallery.options import BY_SIGNAL
from probe.gallery.views import Views
from probe.render import PALETTES, SCALINGS
from probe.render.bounds import AROUND_ZERO, SHARE, UNBOUNDED

HIDDEN, CELL, GATE = ("1", "hidden"), ("1", "cell"), ("2", "forget_gate")


def test_a_page_of_hidden_activations_opens_with_them_as_they_are():
    views = Views({HIDDEN: AROUND_ZERO, ("2", "hidden"): AROUND_ZERO})
    assert views.names == tuple(SCALINGS)
    assert views.opening(BY_SIGNAL) == "raw" and views.opening("tanh") == "tanh"
    assert views.reach("sigmoid")["article"] == (5, 14)
    assert views.reach("raw")["article"] == (0, 19)
    assert "reach only 0.27 to 0.73" in views.meaning("sigmoid")


def test_signals_that_differ_are_each_shown_as_suits_them():
    views = Views({HIDDEN: AROUND_ZERO, CELL: UNBOUNDED, GATE: SHARE})
    assert views.names[0] == views.opening(BY_SIGNAL) == BY_SIGNAL
    assert [views.scaling(BY_SIGNAL, source).name for source in (HIDDEN, CELL, GATE)] == ["raw", "stretched", "raw"]
    assert views.meaning(BY_SIGNAL) == "raw for hidden, stretched for cell, raw for forget gate"
    assert all(f"reach only {reached}" in views.meaning("sigmoid") for reached in ("0.27 to 0.73", "0.50 to 0.73"))
    np.testing.assert_array_equal(views.scaling("raw", GATE)(np.array([0, 0.5, 1])), [0, 0.5, 1])
    assert views.reach("sigmoid") == {name: (0, palette.steps - 1) for name, palette in PALETTES.items()}


@pytest.mark.parametrize(("low", "high", "bounds"), [(-0.9, 0.9, AROUND_ZERO), (0.0, 4.0, UNBOUNDED)])
def test_values_beyond_the_bounds_of_a_name_undo_them(findings, low, high, bounds):
    passage = replace(findings.passages[0], scales={HIDDEN: (low, high)})
    views = Views.of(replace(findings, passages=(passage,)))
    assert views.bounds == {HIDDEN: bounds}
    assert views.opening(BY_SIGNAL) == ("raw" if bounds == AROUND_ZERO else "stretched")
