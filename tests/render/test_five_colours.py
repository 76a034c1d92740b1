"""The five colours and the figure that they are for."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from probe.errors import UserError
from probe.render.contrast import rgb_of
from probe.render.five_colours import COLOURS, bands, five_colours_figure

TOKENS = ["the", "film", "never", "comes", "alive", "<pad>"]
WEIGHTS = np.array([0.0, 0.1, 0.35, 0.6, 1.0, 0.9])
PADS = np.array([False, False, False, False, False, True])


def test_each_fifth_has_its_colour_and_nothing_has_none() -> None:
    assert list(COLOURS) == ["blue", "cyan", "green", "yellow", "red"]
    assert bands(np.array([0.0, 1e-9, 0.19, 0.2, 0.5, 0.79, 0.8, 1.0])).tolist() == [-1, 0, 0, 1, 2, 3, 4, 4]
    assert bands(np.zeros(0)).tolist() == []


def test_tokens_lie_on_their_colours_and_padding_is_not_drawn() -> None:
    figure = five_colours_figure(TOKENS, WEIGHTS, np.array([0.2, 1.0, 0.0]), PADS)
    strip, words = figure.axes
    assert strip.images[0].get_array().tolist() == [[0.2, 1.0, 0.0]]
    drawn = [text.get_text() for text in words.texts]
    assert drawn[:5] == TOKENS[:5]
    assert "<pad>" not in drawn
    grounds = [patch.get_facecolor()[:3] for patch in words.patches if isinstance(patch, Rectangle)]
    expected = [np.array(rgb_of(COLOURS[name])) for name in ("blue", "cyan", "yellow", "red")]
    for found, colour in zip(grounds, expected, strict=False):
        assert np.allclose(np.array(found) * 255, colour, atol=1) or np.allclose(found, colour, atol=0.01)


def test_long_texts_go_on_in_the_next_line() -> None:
    figure = five_colours_figure(["word"] * 100, np.linspace(0, 1, 100), None, np.zeros(100, bool))
    rows = {int(text.get_position()[1]) for text in figure.axes[1].texts[:100]}
    assert rows == set(range(5))  # 22 words of four letters in 112 columns


def test_weights_outside_are_refused() -> None:
    with pytest.raises(UserError, match="weights from 0 to 1; received -1 to 0"):
        five_colours_figure(["a", "b"], np.array([-1.0, 0.0]), None, np.zeros(2, bool))
