import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.corpus.codes import codes_of
from probe.corpus.document import FileSpan
from probe.corpus.splits import split
from probe.errors import UserError

SHARES = (0.8, 0.1, 0.1)


def cut(text, shares=SHARES, files=()):
    splits = split(codes_of(text), files or (FileSpan("t", 0, len(text)),), shares)
    return [(part.start, part.stop) for part in (splits.train, splits.validation, splits.test)]


@given(st.text("ab \n\r", min_size=3, max_size=400), st.integers(1, 97), st.integers(1, 97), st.integers(1, 97))
def test_the_three_parts_cover_the_text_in_order_and_none_is_empty(text, a, b, c):
    whole = a + b + c
    parts = cut(text, (a / whole, b / whole, c / whole))
    assert parts[0][0] == 0
    assert parts[-1][1] == len(text)
    assert all(stop == start for (_, stop), (start, _) in itertools.pairwise(parts))
    assert all(stop > start for start, stop in parts)


@pytest.mark.parametrize("text", ["", "a", "ab"])
def test_a_text_too_short_for_three_parts_is_refused(text):
    with pytest.raises(UserError, match="too short"):
        cut(text)


def test_without_lines_the_cuts_are_exact():
    assert cut("a" * 1000) == [(0, 800), (800, 900), (900, 1000)]


def test_a_cut_moves_to_the_start_of_a_line_near_it():
    text = list("a" * 1000)
    text[790] = text[812] = "\n"  # starts at 791 (9 away) and 813 (13 away)
    text[930] = "\n"  # start at 931, more than 2 % away from 900
    assert cut("".join(text)) == [(0, 791), (791, 900), (900, 1000)]


def test_a_paragraph_is_preferred_to_a_nearer_line():
    text = list("a" * 1000)
    text[798] = "\n"
    text[812] = text[813] = "\n"
    assert cut("".join(text))[0] == (0, 814)


def test_paragraphs_are_seen_with_the_newlines_of_windows():
    text = list("a" * 1000)
    text[801:803] = "\r\n"
    text[810:814] = "\r\n\r\n"
    assert cut("".join(text))[0] == (0, 814)


def test_old_newlines_begin_lines_too():
    text = list("a" * 1000)
    text[805] = "\r"
    assert cut("".join(text))[0] == (0, 806)


def test_the_start_after_several_empty_lines_is_the_text_s_not_an_empty_line_s():
    text = list("a" * 1000)
    text[797:803] = "\n" * 6
    assert cut("".join(text))[0] == (0, 803)


def test_a_file_boundary_is_preferred_even_beyond_two_percent():
    text = list("a" * 1000)
    text[799] = "\n"
    files = [FileSpan("a", 0, 300), FileSpan("b", 300, 840), FileSpan("c", 840, 1000)]
    assert cut("".join(text), files=files)[0] == (0, 840)


def test_a_file_boundary_far_away_does_not_spoil_the_shares():
    files = [FileSpan("a", 0, 700), FileSpan("b", 700, 1000)]
    assert cut("a" * 1000, files=files) == [(0, 800), (800, 900), (900, 1000)]


def test_one_boundary_between_two_cuts_is_not_taken_by_both():
    files = [FileSpan("a", 0, 850), FileSpan("b", 850, 1000)]
    parts = cut("a" * 1000, files=files)
    assert len({stop for _, stop in parts}) == 3
