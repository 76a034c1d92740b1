"""The excerpt is chosen by the labels alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from probe.gallery.excerpt import excerpt


def test_takes_the_part_where_the_pattern_changes_most():
    text = "".join(f"line {place:04d} of a text that is long enough\n" for place in range(100))
    labels = np.zeros(len(text))
    labels[2100:2300:7] = 1
    start, stop = excerpt(text, labels, 400)
    assert start <= 2100 < 2294 < stop
    assert start == 0 or text[start - 1] == "\n"
    assert text[stop - 1] == "\n"


def test_short_texts_are_shown_whole():
    assert excerpt("abc", np.zeros(3), 100) == (0, 3)


def test_long_lines_are_cut_between_words():
    text = "word " * 400
    labels = np.zeros(len(text))
    labels[1501:1600:2] = 1
    start, stop = excerpt(text, labels, 300)
    assert start <= 1501
    assert stop > 1599
    assert text[start - 1] == " "
    assert text[stop - 1] == " "


@given(st.text("ab \n", max_size=400), st.integers(1, 60), st.integers(0, 99))
def test_is_always_a_part_of_about_the_length(text, length, seed):
    labels = np.random.default_rng(seed).integers(0, 2, len(text))
    start, stop = excerpt(text, labels, length)
    assert 0 <= start <= stop <= len(text)
    assert stop - start <= length
    assert stop > start or not text
