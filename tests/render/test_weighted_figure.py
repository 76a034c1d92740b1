"""Weighted texts and strips as figures."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from probe.render.palette import FOR_AGAINST
from probe.render.paper import PAGE, figure_bytes
from probe.render.strip import Strip, strip_figure
from probe.render.weighted_figure import weighted_figure
from probe.render.weighted_text import WeightedText

COLOURS = FOR_AGAINST.light.colours
NAMES = ("<s>", "the", "שלום", "$x_1$", "<pad>", "<pad>")


def text_of(asked, weights, scale=1.0):
    return WeightedText("ab\ncd", ("ab", "cd"), np.array([[0, 2], [3, 5]]), np.array(weights), ("", ""), scale,
                        (("asked", asked), ("logit", 1.0)), "$x_1$", (("error", 0.25),), ("a note",))


def strip_of(weights=(0.0, 1, -1, 0.5, 0, 0), heatmap=None, **fields):
    return Strip(NAMES, np.array(weights, np.float64), np.arange(6) > 3, 1.0, heatmap, "pos: logit 1.000", **fields)


def words_of(axes):
    return [text.get_text() for text in axes.texts]


def test_a_figure_has_the_colours_the_lines_and_the_words():
    axes, = weighted_figure((text_of("pos", [1.0, -0.5]),), 40).axes
    assert [to_hex(colour) for colour in axes.collections[0].get_facecolor()] == [
        COLOURS[24], COLOURS[24], "#ffffff", COLOURS[6], COLOURS[6]]
    lines = axes.collections[1].get_segments()
    assert [(line[:, 0].tolist(), line[0, 1] == lines[0][0, 1]) for line in lines] == [([0, 1], True), ([1, 2], True)]
    heading = " ".join(words_of(axes))
    assert heading.startswith("pos: logit 1.000; $x_1$ error 0.250; green: for; red and underlined: against; a note")
    assert words_of(axes)[-2:] == ["against −1.000", "+1.000 for"]
    bare, = weighted_figure((text_of("pos", [1.0, -0.5]),), 40, notes=False).axes
    assert words_of(bare) == ["a", "b", "↵", "c", "d"]


def test_several_texts_stand_below_each_other_with_one_ramp():
    axes, = weighted_figure((text_of("pos", [1.0, -0.5]), text_of("neg", [-1.0, 0.5])), 40).axes
    words = words_of(axes)
    assert words.count("+1.000 for") == 1 and words.index("pos: logit 1.000") < words.index("neg: logit 1.000")
    tops = [text.get_position()[1] for text in axes.texts if text.get_text() in "abcd"]
    assert tops == sorted(tops) and len(set(tops)) == 4
    assert "error 0.250" in words
    axes, = weighted_figure((text_of("pos", [1.0, -0.5]), text_of("neg", [-1.0, 0.5], 2.0)), 40).axes
    assert words_of(axes)[-2:] != ["against −1.000", "+1.000 for"] and "against" in words_of(axes)


def test_a_strip_stretches_the_heat_map_over_the_tokens():
    axes, = strip_figure((strip_of(heatmap=np.array([2.0, -4.0, 0.0]), layer="conv_1"),)).axes
    weights, drawn = [mesh for mesh in axes.collections if hasattr(mesh, "get_coordinates")]
    assert drawn.get_array().tolist() == [[0.5, -1, 0]]
    assert weights.get_array().tolist() == [[0, 1, -1, 0.5, 0, 0]]
    assert np.unique(drawn.get_coordinates()[..., 0]).tolist() == [0, 2, 4, 6]
    assert np.unique(weights.get_coordinates()[..., 0]).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert drawn.get_coordinates()[..., 1].min() == weights.get_coordinates()[..., 1].max()
    assert [label.get_text() for label in axes.get_xticklabels()] == [*NAMES[:4], "2 pads"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["tokens (±1)", "conv_1 (±4)"]
    against = [line[:, 0].tolist() for lines in axes.collections if hasattr(lines, "get_segments")
               for line in lines.get_segments()]
    assert against == [[2, 3], [2, 4]]
    bar = axes.patches[-1]
    assert (bar.get_x(), bar.get_width(), to_hex(bar.get_facecolor())) == (4, 2, "#dcd7cc")
    assert "grey: padding, with 0 % of the sum of |weight|" in axes.get_xlabel()


def test_a_run_of_pads_is_one_narrow_bar_and_the_map_above_is_drawn_together():
    strip = Strip(("<pad>",) * 40 + ("a",) * 10, np.ones(50), np.arange(50) < 40, 1.0, np.arange(5.0), "word " * 60)
    figure = strip_figure((strip,))
    weights, drawn = [mesh for mesh in figure.axes[0].collections if hasattr(mesh, "get_coordinates")]
    assert np.allclose(drawn.get_coordinates()[0, :, 0], [0, 0.5, 1, 1.5, 2, 12])
    assert weights.get_array().ravel().tolist() == [0] * 40 + [1] * 10
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["40 pads"] + ["a"] * 10
    assert "with 80.0 % of" in figure.axes[0].get_xlabel()
    figure.draw_without_rendering()
    assert figure.get_tightbbox().x1 <= figure.get_figwidth() + 0.01
    assert figure.axes[0].get_title(loc="left").count("\n") >= 2


def test_a_strip_shows_every_unit_of_a_layer_and_names_few_tokens_alone():
    heatmap = np.array([[1.0, -2.0], [0.0, 0.5], [3.0, 4.0]])
    axes, other = strip_figure((strip_of(heatmap=heatmap), strip_of())).axes
    assert axes.collections[-1].get_array().tolist() == (heatmap.T / 4).tolist()
    assert axes.get_yticklabels()[1].get_text() == "heat map (±4)" and len(other.get_yticklabels()) == 1
    many = Strip(("a",) * 200, np.zeros(200), np.zeros(200, bool), 1.0, np.zeros(7))
    axes, = strip_figure((many,)).axes
    assert "a" not in [label.get_text() for label in axes.get_xticklabels()]
    assert axes.get_xlabel().startswith("200 tokens; green")


@pytest.mark.parametrize("figure", [
    lambda: strip_figure((strip_of(heatmap=np.arange(4.0), layer="a_long_name_of_a_layer_indeed"), strip_of())),
    lambda: weighted_figure((text_of("pos", [1.0, -0.5]), text_of("neg", [-1.0, 0.5])), 80),
], ids=["strip", "text"])
def test_files_have_the_same_bytes_each_time_and_letters_stay_letters(figure):
    drawn = figure()
    drawn.draw_without_rendering()
    box, (width, height) = drawn.get_tightbbox(), drawn.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= width + 0.01 and box.y1 <= height + 0.01
    assert width <= PAGE + 1e-9
    for ending in (".png", ".svg", ".pdf"):
        assert figure_bytes(figure(), ending) == figure_bytes(figure(), ending)
    assert "logit 1.000" in figure_bytes(drawn, ".svg").decode("utf-8")
