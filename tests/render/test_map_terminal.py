"""Maps of attention on a terminal."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.render.map_panel import MapPanel
from probe.render.map_terminal import maps_text
from probe.render.palette import ATTENTION
from probe.render.wrapping import width_of
from tests.render.maps import DATES, HOSTILE, panel_of

STYLE = re.compile(r"\x1b\[[0-9;]*m")
WEIGHTS = np.array([[[0.734, 0.266, 0], [0, 0.05, 0.95]]])


def plain(text):
    return STYLE.sub("", text).replace("\u200e", "")


def test_digits_tell_tenths_and_whole_nats():
    effects = np.array([[-2.1, 0.4, 0.6], [0, -12, 0]])
    panel = MapPanel(tuple("n 5"), tuple("15"), WEIGHTS, np.array([0.98, 0.4]), effects, "2016", ("a remark",))
    lines = plain(maps_text((panel,), 60, "none")).split("\n")
    assert lines[:13] == ["2016", "n 5", "", "attention", "       n ␣ 5", "0.98 1 7 2 ·", "0.40 5 · · 9", "",
                          "effect of hiding, in nats", "   n  ␣  5", "1 −2  · +1", "5  · −9  ·", "a remark"]
    assert "each row sums to 1" in " ".join(lines)


def test_shades_are_those_of_the_palette_and_digits_stay():
    text = maps_text((MapPanel(tuple("n 5"), tuple("15"), WEIGHTS),), 60, "truecolor")
    colour = ";".join(map(str, bytes.fromhex(ATTENTION.light.colours[18][1:])))
    assert f"\x1b[48;2;{colour};38;2;17;17;17m 7\x1b[0m" in text
    assert plain(text) == plain(maps_text((MapPanel(tuple("n 5"), tuple("15"), WEIGHTS),), 60, "none"))
    helped = maps_text((MapPanel(("a",), ("1",), np.ones((1, 1, 1)), effects=np.array([[2.0]])),), 60, "256")
    assert "\x1b[4m +2\x1b[0m" in helped


def test_a_wide_map_is_folded_and_each_column_stands_once():
    panel = panel_of(DATES["English"])
    lines = plain(maps_text((panel,), 34, "none")).split("\n")
    names = [line for line in lines if line.startswith("attention, columns")]
    assert names == ["attention, columns 1 to 14 of 24", "attention, columns 15 to 24 of 24"]
    heads = "".join(lines[lines.index(name) + 1].replace(" ", "") for name in names)
    assert heads == DATES["English"].replace(" ", "␣")
    rows = [lines[lines.index(name) + 2].split()[2:] for name in names]
    assert [digit for row in rows for digit in row] == [
        str(int(weight * 10)) if weight >= 0.1 else "·" for weight in panel.weights[0, 0].tolist()]


def test_hebrew_stands_in_visual_order_whatever_the_terminal_does():
    text = maps_text((panel_of(DATES["Hebrew"], probabilities=False),), 80, "none")
    line = next(line for line in text.split("\n") if "2 0 1 6" in line)
    assert line.replace("\u200e", "").replace(" ", "") == "2016␣רבמבונב␣5␣,תבש␣םוי"
    assert re.findall("\u200e([א-ת])\u200e", line) == [letter for letter in line if "א" <= letter <= "ת"]


@pytest.mark.parametrize("depth", ["none", "256", "truecolor"])
def test_hostile_tokens_reach_no_terminal(depth):
    panel = MapPanel(HOSTILE, HOSTILE, np.full((2, 10, 10), 0.1), np.full(10, 0.5), np.ones((10, 10)), HOSTILE[5],
                     HOSTILE, (HOSTILE[4], HOSTILE[5]))
    shown = plain(maps_text((panel,), 40, depth))
    assert not set(map(chr, (*range(10), *range(11, 32), 0x202E, 0x2028))) & set(shown)


@given(st.lists(st.text(max_size=8), max_size=9), st.lists(st.text(max_size=8), min_size=1, max_size=4),
       st.integers(10, 60), st.sampled_from(["none", "256"]), st.text(max_size=30))
def test_any_map_fits_the_terminal(source, target, width, depth, words):
    weights = np.full((2, len(target), len(source)), 1 / max(1, len(source)))
    panel = MapPanel(tuple(source), tuple(target), weights, np.ones(len(target)), -weights[0], words, (words,))
    shown = plain(maps_text((panel,), width, depth))
    assert all(width_of(line) <= width for line in shown.split("\n"))


def test_bad_requests_are_refused():
    with pytest.raises(UserError, match="none, 256, truecolor"):
        maps_text((panel_of("ab"),), 80, "16")
    with pytest.raises(UserError, match="at least 10"):
        maps_text((panel_of("ab"),), 3, "none")
