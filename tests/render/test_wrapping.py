"""Words that must fit."""

from hypothesis import given
from hypothesis import strategies as st

from probe.render.wrapping import cut, width_of


def test_what_is_too_long_ends_in_dots():
    assert [cut("inside quotes", width) for width in (13, 12, 2)] == ["inside quotes", "inside quot…", "i…"]
    assert cut("한국어", 5) == "한국…" and cut("한국어", 4) == "한…" and cut("e\u0301" * 3, 2) == "e\u0301…"


@given(st.text("ab한\u0301 "), st.integers(1, 20))
def test_it_fits_and_begins_as_it_did(text, width):
    short = cut(text, width)
    assert width_of(short) <= width and text.startswith(short.removesuffix("…"))
