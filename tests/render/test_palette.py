"""Palettes against the WCAG formula, the article's formula and simulated colour blindness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.render import PALETTES, Palette, Shades, palette_named
from probe.render.contrast import contrast
from probe.render.palette import ATTENTION, FOR_AGAINST

ARTICLE = [
    "#85c2e1", "#89c4e2", "#95cae5", "#99cce6", "#a1d0e8", "#b2d9ec", "#baddee", "#c2e1f0", "#eff7fb", "#f9e8e8",
    "#f9e8e8", "#f9d4d4", "#f9bdbd", "#f8a8a8", "#f68f8f", "#f47676", "#f45f5f", "#f34343", "#f33b3b", "#f42e2e",
]
# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as seen without one kind of cone.
CONES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}
# Which way each colour that a palette may name at an end leans; another one belongs here first.
BLUER = {"blue": 1, "teal": 1, "red": -1, "orange": -1}
SEEN_BY_ALL = ["diverging", "karpathy"]
# Linear sRGB to XYZ, and its white (IEC 61966-2-1).
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041]])
WHITE = XYZ.sum(axis=1)


def by_hand(colour: str) -> float:
    channels = []
    for place in (1, 3, 5):
        share = int(colour[place:place + 2], 16) / 255
        channels.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def lab(colours: tuple[str, ...], lost: np.ndarray) -> np.ndarray:
    """CIELAB (N, 3) of colours as seen with the cones that are left; a distance of 2.3 is just noticeable."""
    share = np.array([[int(colour[place:place + 2], 16) for place in (1, 3, 5)] for colour in colours]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    relative = np.clip(linear @ lost.T, 0, 1) @ XYZ.T / WHITE
    x, y, z = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), relative * (29 / 6) ** 2 / 3 + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@pytest.mark.parametrize("palette", [*PALETTES.values(), FOR_AGAINST, ATTENTION], ids=lambda palette: palette.name)
@pytest.mark.parametrize("page", ["light", "dark"])
def test_ink_is_readable_on_every_colour(palette, page):
    shades = getattr(palette, page)
    for colour in shades.colours:
        high, low = max(by_hand(colour), by_hand(shades.ink)), min(by_hand(colour), by_hand(shades.ink))
        ratio = (high + 0.05) / (low + 0.05)
        assert ratio >= 4.5
        assert contrast(colour, shades.ink) == pytest.approx(ratio)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_both_pages_have_the_same_steps_between_the_colours_that_are_named(palette):
    assert len(palette.light.colours) == len(palette.dark.colours) == palette.steps
    for shades in (palette.light, palette.dark):
        blueness = [int(colour[5:7], 16) - int(colour[1:3], 16) for colour in shades.colours]
        for name, found in ((palette.first, blueness[0]), (palette.last, blueness[-1])):
            assert found * BLUER[name] > 25
        assert abs(blueness[palette.steps // 2]) < 20


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("lost", CONES.values(), ids=CONES)
@pytest.mark.parametrize("name", SEEN_BY_ALL)
def test_diverging_colours_are_told_apart_by_every_kind_of_colour_vision(name, lost, page):
    seen = lab(getattr(PALETTES[name], page).colours, lost)
    middle = len(seen) // 2
    away = 1 if page == "dark" else -1  # from the page's own ground: lighter on a dark one, darker on a light one
    assert (np.diff(seen[middle:, 0]) * away > 1).all()
    assert (np.diff(seen[middle::-1, 0]) * away > 1).all()
    opposite = np.linalg.norm(seen[:middle] - seen[:middle:-1], axis=1)
    assert (np.diff(opposite) < 0).all() and opposite[0] > 55 and opposite[-1] > 4
    assert (np.linalg.norm(np.diff(seen, axis=0), axis=1) > 1.9).all()


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("lost", CONES.values(), ids=CONES)
def test_for_and_against_are_two_colours_for_every_kind_of_colour_vision(lost, page):
    seen = lab(getattr(FOR_AGAINST, page).colours, lost)
    middle = len(seen) // 2
    away = 1 if page == "dark" else -1
    assert (np.diff(seen[middle:, 0]) * away > 1).all()
    assert (np.diff(seen[middle::-1, 0]) * away > 1).all()
    opposite = np.linalg.norm(seen[:middle] - seen[:middle:-1], axis=1)
    assert (np.diff(opposite) < 0).all() and opposite[0] > 20 and opposite[middle // 2] > 10
    assert (np.linalg.norm(np.diff(seen, axis=0), axis=1) > 1.9).all()


@pytest.mark.parametrize("page", ["light", "dark"])
def test_green_is_for_and_red_against(page):
    (red, green, _), (red_for, green_for, _) = (bytes.fromhex(getattr(FOR_AGAINST, page).colours[end][1:])
                                                for end in (0, -1))
    assert red > green + 90 and green_for > red_for + 90
    assert FOR_AGAINST.ends == "red, the first colour, is low and green, the last, is high"
    assert FOR_AGAINST.colours(np.array([0.5])) == ["#ffffff"]


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


@pytest.mark.parametrize("name", SEEN_BY_ALL)
def test_diverging_has_white_in_the_middle(name):
    assert PALETTES[name].colours(np.array([0.5])) == ["#ffffff"]


def test_diverging_is_what_every_view_begins_with():
    from probe.gallery import GalleryOptions
    from probe.render import ColouredText, ViewOptions
    from probe.render.stream import TextStream

    assert GalleryOptions().palette == ViewOptions().palette == "diverging"
    assert ColouredText("a", np.zeros(1)).palette is PALETTES["diverging"]
    blue = ";".join(str(byte) for byte in bytes.fromhex(PALETTES["diverging"].light.colours[0][1:]))
    assert f"48;2;{blue}" in TextStream(True, "truecolor").piece("a", -1.0)


def test_a_palette_that_cannot_be_drawn_is_refused():
    shades = Shades(("#ffffff",), "#000000")
    with pytest.raises(UserError, match="letters, digits"):
        Palette("} body", "", shades, shades, "black", "white")
    with pytest.raises(UserError, match="1 light and 2 dark"):
        Palette("uneven", "", shades, Shades(("#ffffff", "#000000"), "#000000"), "white", "black")


def test_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"'rainbow'.*diverging, article, karpathy"):
        palette_named("rainbow")
    with pytest.raises(UserError, match=r"artical'; did you mean 'article'\?"):
        palette_named("artical")
