"""Numbers of a text that are no part of the date it was read as."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.attention.dates import PRESETS, DateTexts
from probe.attention.translator.left_over import left_over
from probe.attention.translator.translation import Translation

DAY = datetime.date(2016, 11, 5)


@pytest.mark.parametrize(("text", "over"), [
    ("5 November 2016", []), ("Nov 5th, 16", []), ("05/11/16", []), ("2016年11月5日", []), ("５ nov ２０１６", []),
    ("November", []), ("5 November 1899", ["1899"]), ("5 November 2016 10:30", ["10", "30"]),
    ("5 - 7 November 2016", ["7"]), ("2016-11-05/2016-11-07", ["2016", "11", "07"]),
    ("5 Nov 2016 6 Nov 16", ["6", "16"]), ("5 Nov 016", ["016"]), ("20161105", ["20161105"]),
    ("5 Nov " + "9" * 200, ["9" * 200]),
])
def test_numbers_that_a_date_has_no_use_for(text, over):
    assert left_over(text, DAY) == over


@pytest.mark.parametrize("text", ["10/10/10", "10 Oct 2010", "2010-10-10"])
def test_equal_parts_are_each_used_once(text):
    assert left_over(text, datetime.date(2010, 10, 10)) == []
    assert left_over(f"{text} 10", datetime.date(2010, 10, 10)) == ([] if "Oct" in text else ["10"])


def test_nothing_is_left_over_of_dates_as_they_are_learnt():
    texts = DateTexts(PRESETS["languages"].options).draw("test", (5,), 3000)
    assert [text for text in texts if left_over(text.text, text.date)] == []


@given(st.integers(0, 2**16), st.integers(32, 10**6), st.booleans())
def test_a_number_too_many_is_told(key, number, before):
    [drawn] = DateTexts(PRESETS["english"].options).draw("test", (key,), 1)
    number += drawn.date.year if number in (drawn.date.year, drawn.date.year % 100) else 0
    text = f"{number} {drawn.text}" if before else f"{drawn.text} {number}"
    assert len(left_over(text, drawn.date)) == 1


def test_an_answer_says_what_it_leaves_out_if_it_is_a_day():
    def remarks(output):
        return Translation("5 November 1899", ((output, 0.999),), "", 38).remarks
    assert remarks("1999-11-05") == ("in the text, but not in this date: 1899",)
    assert remarks("1899-11-05") == remarks("") == ()
    assert remarks("1999-11-31") == ("1999-11-31 is no day",)
