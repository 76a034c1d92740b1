"""What texts mean, against a dictionary of all texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.attention.dates import PRESETS, DateOptions, readings
from tests.attention.dates.dictionary import CHOICES, dictionary


@pytest.mark.parametrize("options", CHOICES)
def test_readings_are_those_of_the_dictionary(options):
    joint = dictionary(options)
    for text in sorted(joint)[::97]:
        whole = sum(joint[text].values())
        found = dict(readings(options, text))
        assert found == pytest.approx({date: probability / whole for date, probability in joint[text].items()})
    doubtful = sorted(text for text in joint if len(joint[text]) > 1)[:300]
    assert doubtful
    for text in doubtful:
        assert len(readings(options, text)) == len(joint[text])


@given(st.text("0123456789/-. ,NOVnovember年", max_size=12))
def test_what_is_in_no_dictionary_means_nothing(text):
    assert (text in dictionary(CHOICES[0])) == bool(readings(CHOICES[0], text))


def test_the_likeliest_comes_first():
    options = DateOptions(locales="en_US,en_GB", styles="short,yMd", cases="written")
    found = readings(options, "11/10/2005")
    assert [date.isoformat() for date, _ in found] == ["2005-10-11", "2005-11-10"]
    assert [probability for _, probability in found] == pytest.approx([2 / 3, 1 / 3])


@pytest.mark.parametrize("text", ["", " ", "Nov 5", "31 February 2016", "29 February 2015", "Friday, November 5, 2016",
                                  "Nov 5, 1066", "5 November 2016 ", "x" * 10_000, "1" * 10_000, "\0", "٥ نوفمبر ٢٠١٦"])
def test_texts_without_a_date_have_no_reading(text):
    for preset in PRESETS.values():
        assert readings(preset.options, text) == []
