"""Clusters are never cut, and nothing that controls a display stays in what is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.render.graphemes import clusters, columns, visible

WHOLE = {
    "acute accent": "e\u0301", "family": "\U0001f469\u200d\U0001f469\u200d\U0001f467", "flag": "\U0001f1e9\U0001f1ea",
    "skin tone": "\U0001f44d\U0001f3fd", "heart": "\u2764\ufe0f", "hebrew points": "\u05e9\u05c1\u05b8",
    "hangul letters": "\u1112\u1161\u11ab", "shaking head": "\U0001f642\u200d\u2194\ufe0f",
    "devanagari vowel": "\u0915\u093f", "flag of Wales":
    "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
}


@pytest.mark.parametrize("cluster", WHOLE.values(), ids=WHOLE)
def test_clusters_are_kept_whole(cluster):
    text = f"a{cluster}b{cluster}"
    assert [text[start:stop] for start, stop in clusters(text)] == ["a", cluster, "b", cluster]
    assert visible(text) == text


@given(st.text())
def test_clusters_tile_the_text(text):
    ranges = clusters(text)
    assert "".join(text[start:stop] for start, stop in ranges) == text
    assert all(start < stop for start, stop in ranges)


def test_two_flags_are_two():
    assert len(clusters("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7")) == 2


def test_newlines_carry_no_marks():
    assert len(clusters("\n\u0301")) == 2


def test_a_tower_of_marks_is_cut():
    assert max(stop - start for start, stop in clusters("a" + "\u0301" * 500)) <= 31


@given(st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Cs", "Ll"])))
def test_controls_never_stay(text):
    for character in visible(text):
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Zl", "Zp", "Cs")
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff\xad"


def test_controls_are_spelt():
    assert visible("\x00\x1b\x7f\u202ea\u2028\ud800") == "␀␛␡⟨U+202E⟩a⟨U+2028⟩⟨U+D800⟩"
    assert visible("\u200d") == "⟨U+200D⟩"


@pytest.mark.parametrize(("cluster", "width"), [
    ("a", 1), ("한", 2), ("e\u0301", 1), (WHOLE["family"], 2), (WHOLE["flag"], 2), (WHOLE["heart"], 2),
])
def test_columns(cluster, width):
    assert columns(cluster) == width
