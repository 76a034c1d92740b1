"""White space that must be seen."""

import numpy as np
import pytest

from probe.render import ColouredText
from probe.render.graphemes import columns
from probe.render.signs import letters_of, name_of, signed

TEXT = "a b  \n\t\n c \t\nd\u00a0e\u3000f \n"


def test_spaces_that_end_a_line_and_those_that_are_none_of_the_usual_get_a_sign():
    assert {start: sign for start, _, sign in signed(TEXT) if sign} == {
        3: "blank", 4: "blank", 5: "newline", 6: "tab", 7: "newline", 10: "blank", 11: "tab", 12: "newline",
        14: "blank", 16: "blank", 18: "blank", 19: "newline"}


def test_signs_are_as_wide_as_what_they_stand_for():
    shown = [(TEXT[start:stop], letters_of(TEXT[start:stop], sign)) for start, stop, sign in signed(TEXT)]
    assert "".join(letters for _, letters in shown) == "a b··↵→   ↵ c·→   ↵d·e· f·↵"
    assert all(sum(map(columns, letters)) == columns(cluster) for cluster, letters in shown if cluster != "\t")


@pytest.mark.parametrize(("cluster", "name"), [
    (" ", "space"), ("\u00a0", "no-break space"), ("\u3000", "ideographic space"), ("\n", "newline"), ("e\u0301", "é"),
    ("\u200b", "⟨U+200B⟩"),
])
def test_tooltips_name_what_is_white(cluster, name):
    assert name_of(cluster) == name.replace("é", "e\u0301")


def test_every_view_shows_them():
    text = ColouredText("a \nb\u00a0c", np.zeros(6))
    page = text._repr_html_()
    assert 'class="c12 blank" title="space: ' in page and 'class="c12 blank" title="no-break space: ' in page
    assert text.to_terminal(80, "none").endswith("a·↵\nb·c")
    assert [drawn.get_text() for drawn in text.figure().axes[0].texts][:6] == ["a", "·", "↵", "b", "·", "c"]
