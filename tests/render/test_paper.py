"""Figures for a paper: the same bytes each time, letters that stay letters, sizes of a page, nothing cut off."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from probe.errors import UserError
from probe.render import ColouredText, GatePlot, HeatMap, Histogram, LossCurve, save_figure
from probe.render.gate_plot import GatePanel
from probe.render.paper import COLUMN, ENDINGS, PAGE, figure_bytes

TEXT = "The 日本 cat\u00a0sat,\t“e\u0301t,” $x_1$ & <b>\n\nשלום \U0001f642 end  \n" * 6
LONG = "a_pattern_of_a_very_long_name_indeed_$x$"


def text_figures():
    values = np.sin(np.arange(len(TEXT)))
    text = ColouredText(TEXT, values, caption="unit 1:2, hidden", marks=values > 0.5, marked="high")
    other = ColouredText(TEXT, values[::-1], caption="unit 1:3 " * 20)
    return {"text": text.figure(), "column": text.figure(42, notes=False),
            "traces": text.trace_figure(other, columns=60)}


def other_figures():
    random = np.random.default_rng(3)
    gates = [GatePanel(layer, gate, range(20), random.random(20), 1 - random.random(20))
             for layer in ("1", "2") for gate in ("input_gate", "forget_gate", "output_gate")]
    log = [{"step": 10_000 * step, "loss": 3 / step, "validation_loss": 3.1 / step} for step in range(1, 9)]
    return {
        "histogram": Histogram(np.arange(9), np.arange(9)[::-1], -1, 1, "unit 1:2", LONG).figure(),
        "heat map": HeatMap(random.uniform(-1, 1, (70, 30)), [f"2:{u} output gate" for u in range(70)],
                            [f"{LONG} {p}" for p in range(30)]).figure(),
        "gates": GatePlot(tuple(gates), "text").figure(), "loss": LossCurve.of(log).figure("a_run_$x$"),
    }


@pytest.fixture(scope="module")
def drawn():
    return text_figures() | other_figures()


def sums():
    histogram = Histogram(np.arange(9), np.arange(9)[::-1], -1, 1, "unit 1:2", "quotes").figure()
    text = ColouredText("é — a\n", np.arange(6), marks=np.ones(6, bool)).figure(10)
    return [hashlib.sha256(figure_bytes(figure, ending)).hexdigest()
            for figure in (histogram, text) for ending in ENDINGS]


def test_the_same_figure_has_the_same_bytes_in_another_process_at_another_time():
    code = "from tests.render.test_paper import sums; print(sums())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={**os.environ, "PYTHONHASHSEED": "1234"})
    assert other.stdout.strip() == str(sums())


@pytest.mark.parametrize("name", ["text", "column", "traces", "histogram", "heat map", "gates", "loss"])
def test_nothing_is_cut_off_and_it_fits_on_a_page(drawn, name):
    figure = drawn[name]
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= width + 0.01 and box.y1 <= height + 0.01
    assert width <= (COLUMN if name in ("column", "histogram", "loss") else PAGE) + 1e-9


def test_letters_stay_letters_and_names_are_no_formulas(drawn):
    svg = figure_bytes(drawn["text"], ".svg").decode("utf-8")
    assert ">日<" not in svg and ">□<" in svg  # which the fonts lack
    assert all(f">{letter}</text>" in svg for letter in ("“", "$", "&amp;", "&lt;", "·", "↵"))
    assert "<script" not in svg and "onclick" not in svg
    assert f">{LONG.replace('_', ' ')} 3</text>" in figure_bytes(drawn["heat map"], ".svg").decode("utf-8")
    pdf = figure_bytes(drawn["histogram"], ".pdf")
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf and b"/CreationDate" not in pdf


@pytest.mark.parametrize(("ending", "magic"), [(".png", b"\x89PNG"), (".SVG", b"<?xml"), (".pdf", b"%PDF")])
def test_it_is_written_as_its_name_says(drawn, tmp_path, ending, magic):
    assert save_figure(drawn["histogram"], tmp_path / f"a{ending}").read_bytes().startswith(magic)


def test_another_ending_is_refused(drawn, tmp_path):
    with pytest.raises(UserError, match=r"must end in \.png, \.svg, \.pdf; received 'a\.gif'"):
        save_figure(drawn["histogram"], tmp_path / "a.gif")


def test_other_figures_of_a_person_keep_their_style(drawn):
    import matplotlib

    assert matplotlib.rcParams["svg.fonttype"] == "path" and matplotlib.rcParams["font.size"] == 10


def test_a_drawing_of_too_many_dots_is_told_and_one_of_lines_is_drawn():
    """A text of many lines would else end in an error of matplotlib's own."""
    for size in ((250.0, 1.0), (1.0, 250.0), (60.0, 60.0)):
        with pytest.raises(UserError, match=r"dots is too large for \.png; draw less, or take \.svg or \.pdf"):
            figure_bytes(Figure(figsize=size), ".png")
        assert figure_bytes(Figure(figsize=size), ".svg").startswith(b"<?xml")
