"""The scatter plot of gates: every unit where its fractions are, in every view."""

import io
import re

import numpy as np
import pytest

from probe.render.gate_plot import SIDE, GatePanel, GatePlot, GateTable

HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def plot() -> GatePlot:
    return GatePlot((
        GatePanel("1", "input_gate", (3, 8), np.array([0.25, 1.0]), np.array([0.5, 0.0])),
        GatePanel("1", "forget_gate", (3, 8), np.array([0.0, 0.9]), np.array([1.0, 0.1])),
        GatePanel(HOSTILE, "forget_gate", (0,), np.array([0.5]), np.array([0.5])),
    ), "1,000 characters", (GateTable("longest memory", ("unit", "half-life"), [("1:8", np.inf), (HOSTILE, 1234.5)]),))


def points(page: str) -> list[tuple[float, float, str]]:
    found = re.findall(r'<circle cx="([^"]*)" cy="([^"]*)" r="3"><title>([^<]*)</title>', page)
    return [(float(x), float(y), title) for x, y, title in found]


def test_page_and_notebook_have_each_unit_in_its_place_with_its_name(plot, tmp_path):
    page = plot.to_html(tmp_path / "gates.html").read_text("utf-8")
    assert points(page) == points(plot._repr_html_())
    (x, y, title), (open_x, open_y, _), (closed_x, closed_y, _), *_ = points(page)
    assert (x, y) == (0.25 * SIDE, 0.5 * SIDE) and title == "1:3: right 0.250, left 0.500"
    assert (open_x, open_y) == (SIDE, SIDE)
    assert (closed_x, closed_y) == (0, 0)
    assert page.count("<figcaption>") == 3
    assert "<td>∞</td>" in page and "<td>1,234.500</td>" in page


def test_hostile_names_stay_names(plot, tmp_path):
    page = plot.to_html(tmp_path / "gates.html").read_text("utf-8")
    assert "<script" not in page and "\u202e" not in page
    assert "&lt;script&gt;" in page
    assert "script-src &#39;none&#39;" in page


def test_the_figure_has_a_row_a_layer_with_the_line_on_which_a_gate_is_always_saturated(plot):
    shown = [axes for axes in plot.figure().axes if axes.axison]
    assert [axes.get_title() for axes in shown[:2]] == ["layer 1, input gate", "layer 1, forget gate"]
    np.testing.assert_allclose(shown[1].collections[0].get_offsets(), [[0, 1], [0.9, 0.1]])
    np.testing.assert_array_equal(shown[0].lines[0].get_xydata().sum(axis=1), [1, 1])
    assert "right" in shown[0].get_xlabel() and "left" in shown[0].get_ylabel()


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_figure_is_drawn(plot, kind):
    plot.figure().savefig(buffer := io.BytesIO(), format=kind)
    assert len(buffer.getvalue()) > 1000


def test_a_terminal_gets_the_tables(plot):
    assert str(plot).split("\n")[0] == "longest memory (1,000 characters)"
    assert "∞" in str(plot)
    assert "\u202e" not in str(plot)


def test_the_tables_obey_the_width_and_say_what_they_mean(plot, tmp_path, monkeypatch):
    table = GateTable("gates that stay closed", ("unit", "half-life, characters", "half-life between resets"),
                      [("1:8", 1.0, 2.0)], "units that look at the last characters alone, as few do")
    narrow = GatePlot(plot.panels, "1,000 characters", (table,))
    assert all(len(line) <= 34 for line in narrow.to_terminal(34).split("\n"))
    assert "units that look at the last" in narrow.to_terminal(34)
    monkeypatch.setenv("COLUMNS", "34")
    assert str(narrow) == narrow.to_terminal(34) != narrow.to_terminal(100)
    assert "<p>units that look at the last characters alone, as few do.</p>" in narrow._repr_html_()
