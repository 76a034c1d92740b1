"""Palettes against the WCAG formula, the article's formula and simulated colour blindness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.render import PALETTES, Palette, Shades, palette_named
from probe.render.contrast import contrast

ARTICLE = [
    "#85c2e1", "#89c4e2", "#95cae5", "#99cce6", "#a1d0e8", "#b2d9ec", "#baddee", "#c2e1f0", "#eff7fb", "#f9e8e8",
    "#f9e8e8", "#f9d4d4", "#f9bdbd", "#f8a8a8", "#f68f8f", "#f47676", "#f45f5f", "#f34343", "#f33b3b", "#f42e2e",
]
# Viénot, Brettel and Mollon (1999): linear RGB as seen without the long- and the medium-wave cones.
PROTANOPIA = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])


def by_hand(colour: str) -> float:
    channels = []
    for place in (1, 3, 5):
        share = int(colour[place:place + 2], 16) / 255
        channels.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[place:place + 2], 16) for place in (1, 3, 5)]) / 255
    return share ** 2.2


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("page", ["light", "dark"])
def test_ink_is_readable_on_every_colour(palette, page):
    shades = getattr(palette, page)
    for colour in shades.colours:
        high, low = max(by_hand(colour), by_hand(shades.ink)), min(by_hand(colour), by_hand(shades.ink))
        ratio = (high + 0.05) / (low + 0.05)
        assert ratio >= 4.5
        assert contrast(colour, shades.ink) == pytest.approx(ratio)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_both_pages_have_the_same_steps_from_blue_to_red(palette):
    assert len(palette.light.colours) == len(palette.dark.colours) == palette.steps
    for shades in (palette.light, palette.dark):
        blueness = [int(colour[5:7], 16) - int(colour[1:3], 16) for colour in shades.colours]
        assert blueness[0] > 25
        assert blueness[-1] < -25
        assert blueness[palette.steps // 2] < blueness[0]
        assert blueness[palette.steps // 2] > blueness[-1]


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("lost", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
def test_diverging_stays_ordered_for_the_colour_blind(page, lost):
    seen = np.array([lost @ linear(colour) for colour in getattr(PALETTES["diverging"], page).colours])
    blue_minus_yellow = seen[:, 2] - seen[:, :2].mean(axis=1)
    middle = len(seen) // 2
    low, high = blue_minus_yellow[:middle - 1], blue_minus_yellow[middle + 2:]
    assert low.min() > blue_minus_yellow[middle] > high.max()
    assert low[0] - high[-1] > 0.1


def test_article_has_all_twenty_colours():
    assert list(PALETTES["article"].light.colours) == ARTICLE


@given(st.lists(st.floats(0, 1), max_size=50))
def test_article_colours_as_its_formula(scaled):
    expected = [ARTICLE[min(19, int(value * 100 / 5))] for value in scaled]
    assert PALETTES["article"].colours(np.array(scaled)) == expected


@given(st.floats(-10, 10))
def test_values_outside_get_the_end_colours(value):
    palette = PALETTES["diverging"]
    index = int(palette.indices(np.array([value]))[0])
    assert 0 <= index < palette.steps
    if value <= 0:
        assert index == 0
    if value >= 1:
        assert index == palette.steps - 1


def test_diverging_has_white_in_the_middle():
    assert PALETTES["diverging"].colours(np.array([0.5])) == ["#ffffff"]


def test_a_palette_that_cannot_be_drawn_is_refused():
    shades = Shades(("#ffffff",), "#000000")
    with pytest.raises(UserError, match="letters, digits"):
        Palette("} body", "", shades, shades, "black", "white")
    with pytest.raises(UserError, match="1 light and 2 dark"):
        Palette("uneven", "", shades, Shades(("#ffffff", "#000000"), "#000000"), "white", "black")


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"'rainbow'.*diverging, article"):
        palette_named("rainbow")
    with pytest.raises(UserError, match=r"artical'; did you mean 'article'\?"):
        palette_named("artical")
