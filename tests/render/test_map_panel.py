"""What maps of attention show, whatever the medium: labels, their order, numbers and words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.render.graphemes import visible
from probe.render.map_panel import MapPanel, MapScale, nats, probability, share, sums_in_words
from probe.render.palette import ATTENTION, DIVERGING
from probe.render.token_label import labels_of, text_of, token_order
from tests.render.maps import DATES, panel_of


@pytest.mark.parametrize("text", DATES.values(), ids=DATES)
def test_every_character_has_one_column_and_its_own_weights(text):
    panel = panel_of(text, heads=2, effects=True)
    places = [label.place for label in panel.columns]
    assert sorted(places) == list(range(len(text)))
    for grid, weights in zip(panel.grids, (*panel.weights, panel.effects), strict=True):
        assert np.array_equal(grid.values, weights[:, places])
    assert all(np.abs(grid.values.sum(axis=1) - 1).max() < 1e-12 for grid in panel.grids if not grid.effect)


def test_columns_of_hebrew_run_to_the_left_and_its_numbers_to_the_right():
    shown = "".join(label.letters for label in panel_of(DATES["Hebrew"]).columns)
    assert shown == "2016␣רבמבונב␣5␣,תבש␣םוי"
    assert panel_of(DATES["Hebrew"]).leftward and not panel_of(DATES["mixed"]).leftward
    assert "".join(label.letters for label in panel_of("(א) 5").columns) == "5␣(א)"


def test_marks_stand_on_a_circle_and_white_space_is_seen():
    labels = labels_of(tuple("नव\u0902 \u202f\u200f\n"))
    assert [label.letters for label in labels] == ["न", "व", "◌\u0902", "␣", "⍽", "⟨U+200F⟩", "↵"]
    assert [label.name for label in labels[2:]] == ["devanagari sign anusvara", "space", "narrow no-break space",
                                                   "right-to-left mark", "newline"]


def test_arabic_letters_join_on_a_page_and_have_their_form_in_print():
    labels = labels_of(tuple("نور"))
    assert [label.joins for label in labels] == [(False, True), (True, False), (False, False)]
    assert [label.printed for label in labels] == ["ﻧ", "ﻮ", "ﺭ"]
    assert [label.letters for label in labels] == ["ن", "و", "ر"]
    first, second, _ = labels_of(("نوف", "مبر", " 5"))
    assert (first.joins, second.joins) == ((False, True), (True, False))


@pytest.mark.parametrize(("tokens", "text", "order"), [
    (("the", "cat"), "the cat", (0, 1)), (("the ", "cat"), "the cat", (0, 1)), (("▁the", "▁cat"), "▁the▁cat", (0, 1)),
    (("5", "נובמבר", "2016"), "5 נובמבר 2016", (2, 1, 0)), (tuple("5 נ"), "5 נ", (2, 1, 0)),
    (("א", "", "1"), "א1", (2, 1, 0)),    ((), "", ()),
])
def test_words_have_spaces_between_them_and_are_laid_out_as_their_text(tokens, text, order):
    assert text_of(tokens) == text
    assert token_order(tokens) == order


@given(st.lists(st.text(max_size=6), max_size=12))
def test_any_tokens_have_labels_that_are_seen(tokens):
    assert sorted(token_order(tokens)) == list(range(len(tokens)))
    for label in labels_of(tokens):
        assert label.letters and label.printed and label.name
        assert not set("\n\t ") & set(label.letters + label.printed)
        assert visible(label.letters) == label.letters and visible(label.name) == label.name


def test_words_of_a_cell():
    weights, effects = np.array([[[0.734, 0.266]]]), np.array([[-2.1, 0.004]])
    panel = MapPanel(("n", " "), ("1",), weights, effects=effects)
    assert panel.words(0, 0, 0) == panel.words(1, 0, 0) == "attention 0.73; hiding it −2.10 nats"
    assert panel.words(0, 0, 1) == "attention 0.27; hiding it 0.00 nats"
    assert MapPanel(("n", " "), ("1",), weights).words(0, 0, 0) == "attention 0.73"
    two = MapPanel(("n", " "), ("1",), np.concatenate([weights, weights[..., ::-1]]), effects=effects,
                   heads=("near", "far"))
    assert two.words(1, 0, 0) == "attention 0.27 (far); hiding it −2.10 nats"
    assert two.words(2, 0, 0) == "hiding it −2.10 nats"


def test_numbers_say_no_more_and_no_less_than_they_are():
    assert [share(value) for value in (0, 1e-9, 0.004, 0.0994, 0.0996, 0.5, 1)] == [
        "0", "<0.001", "0.004", "0.099", "0.10", "0.50", "1.00"]
    assert [nats(value) for value in (-2.1, 1.234, 0.001, -0.001)] == ["−2.10", "+1.23", "0.00", "0.00"]
    assert [probability(value) for value in (1, 0.999, 0.98, 0.001)] == ["1.00", ">0.99", "0.98", "<0.01"]


def test_colours_end_where_the_scale_says():
    panel = MapPanel(("a", "b"), ("1", "2"), np.array([[[1.0, 0], [0.5, 0.5]]]),
                     effects=np.array([[-9.0, 9], [0, 0.01]]))
    scale = MapScale.of([panel])
    assert scale == MapScale(1.0, np.log(100))
    attention, effect = panel.grids
    assert attention.palette is ATTENTION and attention.steps(scale).tolist() == [[24, 0], [12, 12]]
    assert effect.palette is DIVERGING and effect.steps(scale).tolist() == [[0, 24], [12, 12]]
    assert effect.helps(scale).tolist() == [[False, True], [False, False]] and not attention.helps(scale).any()
    assert MapScale.of([MapPanel(("a",), ("1",), np.full((1, 1, 1), 0.2))]) == MapScale(0.2, 1.0)
    assert MapScale.of([MapPanel((), (), np.zeros((1, 0, 0)))]) == MapScale(1.0, 1.0)


def test_what_rows_sum_to_is_said():
    assert sums_in_words([panel_of("ab", "1")]) == "each row sums to 1"
    half = MapPanel(("a",), ("1", "2"), np.array([[[0.5], [1.0]]]))
    assert sums_in_words([panel_of("ab", "1"), half]) == "rows sum to 0.500 to 1.000"
