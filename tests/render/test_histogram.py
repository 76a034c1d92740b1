"""Histograms of two classes: each by itself, in every view."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch

from probe.errors import UserError
from probe.render import Histogram

HOSTILE = "<script>\u202e"


def made(inside, outside, pattern="inside quotes"):
    return Histogram(np.array(inside), np.array(outside), -0.5, 1.5, "unit 1:2", pattern)


def test_the_figure_has_the_share_of_each_bin_in_its_class():
    axes = made([1, 3, 0, 4], [0, 0, 90, 10]).figure().axes[0]
    lines = [patch for patch in axes.patches if isinstance(patch, StepPatch) and patch.get_label()]
    assert [line.get_label() for line in lines] == ["inside quotes, 8 characters", "not inside quotes, 100 characters"]
    np.testing.assert_allclose([line.get_data().values for line in lines], [[1 / 8, 3 / 8, 0, 0.5], [0, 0, 0.9, 0.1]])
    np.testing.assert_allclose(lines[0].get_data().edges, [-0.5, 0, 0.5, 1, 1.5])
    assert len({to_hex(line.get_edgecolor()) for line in lines}) == 2
    assert len({str(line.get_linestyle()) for line in lines}) == 2


def test_names_of_any_kind_and_length_stand_in_the_legend():
    figure = Histogram(np.array([1, 2]), np.array([2, 1]), -1, 1, "unit\n" * 99, "_x" * 300).figure()
    figure.draw_without_rendering()  # it warns where the names leave no room
    first, second = (text.get_text() for text in figure.legends[0].get_texts())
    assert first.startswith("_x") and second.startswith("not\n_x")


def test_a_terminal_gets_a_row_of_bars_a_class():
    lines = made([1, 3, 0, 4], [0, 0, 90, 10]).to_terminal(60).split("\n")
    assert lines[0] == "unit 1:2"
    bars = [" ▁▂▃▄▅▆▇█".index(bar) for bar in lines[1]]
    assert bars[2] == 0 and bars == [int(np.ceil(share / 0.9 * 8)) for share in (1 / 8, 3 / 8, 0, 0.5)]
    assert " ▁▂▃▄▅▆▇█".index(lines[3][2]) == 8
    assert lines[-1].split() == ["−0.50", "1.50"]


def test_a_class_that_is_empty_is_drawn_as_nothing():
    histogram = made([0, 0], [1, 1])
    assert "not inside quotes, 2 characters" in str(histogram) and histogram.figure()
    assert "inside quotes, 0 characters" in str(histogram)


def test_a_notebook_gets_an_image_and_words_for_it():
    page = made([1, 2], [3, 4], HOSTILE)._repr_html_()
    assert "<script" not in page and "\u202e" not in page
    assert 'src="data:image/svg+xml;base64,' in page and 'alt="Histogram of unit 1:2, split by &lt;script&gt;' in page


@pytest.mark.parametrize(("inside", "outside", "high"), [([1], [1, 2], 1), ([[1]], [[1]], 1), ([1], [1], -1),
                                                         ([1], [1], float("nan"))])
def test_what_is_no_histogram_is_refused(inside, outside, high):
    with pytest.raises(UserError, match="as many bins inside as outside and a range"):
        Histogram(np.array(inside), np.array(outside), 0, high, "unit 1:2", "p")
