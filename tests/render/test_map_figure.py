"""Maps of attention as figures."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.font_manager import fontManager

from probe.render.fonts import MONO, drawable, fonts_for
from probe.render.map_figure import maps_figure
from probe.render.map_panel import MapPanel, MapScale, share
from probe.render.paper import COLUMN, PAGE, figure_bytes
from tests.render.maps import DATES, HOSTILE, panel_of


def drawn_of(axes):
    return [text.get_text() for text in axes.texts]


def test_grids_have_the_numbers_and_the_letters():
    panel = panel_of(DATES["Hebrew"], effects=True, heading="2016-11-05", remarks=("rank correlation 0.62",))
    figure = maps_figure((panel,))
    attention, effects = figure.axes[:2]
    assert np.allclose(attention.collections[0].get_array(), panel.grids[0].scaled(MapScale.of([panel])))
    assert attention.collections[0].get_clim() == (0, 1)
    words = drawn_of(attention)
    assert "".join(words[:len(panel.source)]) == "2016␣רבמבונב␣5␣,תבש␣םוי"
    assert words[-1] == "attention" and drawn_of(effects)[-1] == "effect of hiding, in nats"
    assert f"{panel.probabilities[0]:.2f}" in words and f"{panel.probabilities[0]:.2f}" not in drawn_of(effects)
    lines = [each for each in effects.collections if isinstance(each, LineCollection)]
    assert sum(len(each.get_segments()) for each in lines) == int((panel.effects > 0.1842).sum())
    words = {text.get_text() for text in figure.texts}
    assert {"2016-11-05", "rank correlation 0.62", "attention 0", share(panel.weights.max())} <= words


def test_arabic_letters_have_their_forms_and_what_no_font_has_is_a_box():
    assert "ﻧ" in drawn_of(maps_figure((panel_of(DATES["Arabic"]),)).axes[0])
    words = drawn_of(maps_figure((panel_of("5\u1885", "1"),)).axes[0])
    assert words[:2] == ["5", "□"]


@pytest.mark.parametrize("width", [PAGE, COLUMN])
def test_nothing_is_cut_off_and_nothing_lies_on_another(width):
    remark = "a remark of words " * 9
    panels = (panel_of("Wednesday, 29th November 2016!", effects=True, heading="a", remarks=(remark,)),
              panel_of("Nov 5, 16", heading="b"), panel_of("16-11-05", heading="c"),
              panel_of(("the", "agreement", "was", "signed"), ("l'accord", "a", "été"), heads=4, effects=True))
    figure = maps_figure(panels, width)
    figure.draw_without_rendering()
    box, (wide, high) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= wide + 0.01 and box.y1 <= high + 0.01
    assert wide <= width + 1e-9
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    boxes += [text.get_window_extent() for text in figure.texts]
    for place, one in enumerate(boxes):
        assert not any(one.padded(-1).overlaps(other.padded(-1)) for other in boxes[:place])


def test_thirty_by_ten_with_effects_is_readable_on_a_page():
    figure = maps_figure((panel_of("Wednesday, 29th November 2016!", effects=True),))
    assert len({round(axes.get_position().y0, 6) for axes in figure.axes[:2]}) == 1
    assert min(text.get_fontsize() for axes in figure.axes[:2] for text in axes.texts) >= 5


def test_a_map_too_wide_for_letters_names_no_column_and_says_how_many():
    axes = maps_figure((panel_of("x" * 200, "y" * 3),)).axes[0]
    assert "x" not in drawn_of(axes) and drawn_of(axes)[-1] == "attention; 200 inputs across"


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_files_have_the_same_bytes_each_time(ending):
    panels = (panel_of(DATES["mixed"], effects=True), panel_of(HOSTILE, HOSTILE, remarks=HOSTILE, heading=HOSTILE[0]))
    one = figure_bytes(maps_figure(panels), ending)
    assert one == figure_bytes(maps_figure(panels), ending)
    if ending == ".svg":
        assert b">\xd7\xa0</text>" in one and b"<script" not in one and b"<img" not in one


def test_a_font_of_another_script_is_used_where_it_is_installed(tmp_path):
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for step, corner in enumerate(((0, 0), (0, 700), (700, 700), (700, 0))):
        (pen.lineTo if step else pen.moveTo)(corner)
    pen.closePath()
    square, blank = pen.glyph(), TTGlyphPen(None).glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "year"])
    font.setupCharacterMap({ord("年"): "year"})
    font.setupGlyf({".notdef": blank, "year": square})
    font.setupHorizontalMetrics({".notdef": (1000, 0), "year": (1000, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "IPAexGothic", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "year.ttf")
    assert drawable("年月") == "□□"
    if fonts_for("年月"):
        pytest.skip("a font with these letters is installed")
    before = list(fontManager.ttflist)
    fontManager.addfont(tmp_path / "year.ttf")
    try:
        assert fonts_for("5年") == ("IPAexGothic",) and fonts_for("5") == ()
        assert drawable("年月", fonts_for("年")) == "年□"
        axes = maps_figure((panel_of("5年"),)).axes[0]
        assert drawn_of(axes)[:2] == ["5", "年"]
        assert axes.texts[0].get_fontfamily()[0] == MONO and "IPAexGothic" in axes.texts[0].get_fontfamily()
        assert len(figure_bytes(axes.figure, ".png")) > 1000
    finally:
        fontManager.ttflist[:] = before


def test_a_map_of_nothing_is_a_figure():
    figure_bytes(maps_figure((MapPanel((), (), np.zeros((1, 0, 0))),)), ".png")
