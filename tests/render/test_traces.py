"""Activations as lines under their text: each value over its character, on the signal's own scale."""

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from probe.errors import UserError
from probe.render import ColouredText, scaling_named
from probe.render.alignment import PREDICTED
from probe.render.bounds import SHARE, UNBOUNDED
from probe.render.traces import APART, HEIGHT, LETTERS

TEXT = "one two\nthree 日本 four five six"


def traces(figure):
    """The lines of a figure in the order in which they were drawn."""
    return [patch for patch in figure.axes[0].patches if isinstance(patch, StepPatch)]


def test_values_stand_over_their_characters_from_the_lowest_bound_to_the_highest():
    values = np.linspace(-1, 1, len(TEXT))
    figure = ColouredText(TEXT, values).trace_figure(columns=20)
    lines = [step.get_data() for step in traces(figure)]
    # The newline breaks no line, and a wide character takes two cells.
    assert lines[0].edges.tolist() == [*range(14 + 1), 16, 18, 19] and lines[1].edges[0] == 0
    drawn = np.concatenate([(LETTERS + HEIGHT + row * (LETTERS + HEIGHT + APART) - line.values) / HEIGHT
                            for row, line in enumerate(lines)])
    np.testing.assert_allclose(drawn, (values + 1) / 2, atol=1e-9)
    labels = {text.get_text() for text in figure.axes[0].texts}
    assert {"−1", "0", "1"} <= labels


@pytest.mark.parametrize(("bounds", "values", "ends"), [
    (SHARE, np.linspace(0.2, 0.4, 31), {"0", "1"}), (UNBOUNDED, np.linspace(-24, 8, 31), {"−24", "0", "8"}),
    (UNBOUNDED, np.full(31, 3.0), {"2.5", "3.5"}),
])
def test_the_scale_is_that_of_the_signal_or_of_the_values(bounds, values, ends):
    figure = ColouredText("x" * 31, values, scaling_named("raw", bounds)).trace_figure()
    assert ends <= {text.get_text() for text in figure.axes[0].texts}
    low, *_, high = sorted(float(end.replace("−", "-")) for end in ends)
    heights = traces(figure)[0].get_data().values
    np.testing.assert_allclose((LETTERS + HEIGHT - heights) / HEIGHT, (values - low) / (high - low), atol=1e-9)


def test_units_are_told_apart_by_colour_dashes_and_name():
    texts = [ColouredText(TEXT, np.sin(np.arange(len(TEXT)) + shift), caption=f"unit 1:{shift}") for shift in range(4)]
    figure = texts[0].trace_figure(*texts[1:])
    lines = traces(figure)
    assert len({line.get_edgecolor() for line in lines}) == len({str(line.get_linestyle()) for line in lines}) == 4
    assert {f"unit 1:{shift}" for shift in range(4)} <= {text.get_text() for text in figure.axes[0].texts}
    with pytest.raises(UserError, match="1 to 4 units"):
        texts[0].trace_figure(*texts)


def test_they_must_lie_on_the_same_characters():
    one = ColouredText("abc", np.zeros(3))
    for other in (ColouredText("abd", np.zeros(3)), ColouredText("abc", np.zeros(3), alignment=PREDICTED)):
        with pytest.raises(UserError, match="same characters"):
            one.trace_figure(other)


def test_no_text_has_a_figure_too():
    assert ColouredText("", np.zeros(0)).trace_figure().axes
