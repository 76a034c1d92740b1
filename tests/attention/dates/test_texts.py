"""Draws of dates: pure, of the right distribution, and divided among the splits."""

import datetime
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.attention.dates import PRESETS, DateOptions, DateTexts, readings
from probe.attention.dates.days import SPLITS, days_of, split_of
from probe.attention.dates.without import KINDS
from probe.errors import UserError

ENGLISH, LANGUAGES = (DateTexts(PRESETS[name].options) for name in ("english", "languages"))

keys = st.lists(st.integers(0, 2**40), max_size=3).map(tuple)


@given(st.sampled_from(SPLITS), keys, st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_a_text_depends_on_its_place_alone(split, key, few, more, without):
    texts = DateTexts(LANGUAGES.options)
    drawn, again = (LANGUAGES.draw_without, texts.draw_without) if without else (LANGUAGES.draw, texts.draw)
    assert drawn(split, key, few) == again(split, key, few + more)[:few]


def test_what_was_drawn_stays_what_it_was():
    texts = [written.text for written in ENGLISH.draw("test", (0, 1), 4)]
    assert texts == ["oct 20, 11", "nov 7, 94", "friday, 22 february 2013", "16 Oct 16"]


def test_keys_and_splits_differ():
    kinds = [("train", ()), ("train", (0,)), ("train", (0, 0)), ("train", (1, 0)), ("train", (0, 1)), ("test", (0, 1)),
             ("validation", (0, 1)), ("train", (2**32,)), ("train", (-1,))]
    drawn = [tuple(written.text for written in LANGUAGES.draw(split, key, 20)) for split, key in kinds]
    assert len(set(drawn)) == len(kinds)


def test_no_day_of_a_split_is_drawn_for_another():
    days = {split: {written.date for written in ENGLISH.draw(split, (3,), 30_000)} - {None} for split in SPLITS}
    assert days["train"] & days["validation"] == days["train"] & days["test"] == set()
    assert days["validation"] & days["test"] == set()
    assert len(days["validation"]) == ENGLISH.count_of("validation")  # nearly every day comes, with so many draws
    for split in SPLITS:
        assert {split_of(date.toordinal()) for date in days[split]} == {split}


@given(st.integers(1000, 9990), st.integers(0, 9))
def test_a_range_of_years_is_divided_ninety_five_five(first, more):
    options = DateOptions(first_year=first, last_year=first + more)
    days = days_of(options)
    total = len(days.dates)
    assert days.dates[0] == datetime.date(first, 1, 1) and days.dates[-1] == datetime.date(first + more, 12, 31)
    assert sorted(number for split in SPLITS for number in days.of_split[split]) == list(range(total))
    for split in ("validation", "test"):
        assert abs(len(days.of_split[split]) - total / 20) <= 2
        assert {split_of(days.dates[number].toordinal()) for number in days.of_split[split]} == {split}


def test_held_out_days_have_no_rhythm():
    gaps = Counter(b - a for a, b in zip(*(lambda found: (found, found[1:]))(
        [day for day in range(700_000, 730_000) if split_of(day) == "test"]), strict=False))
    assert len(gaps) > 35 and max(gaps.values()) < 0.08 * sum(gaps.values())


@pytest.mark.parametrize("texts", [ENGLISH, LANGUAGES])
def test_fields_are_where_they_say(texts):
    for written in texts.draw("train", (5,), 3000):
        if written.date is None:
            continue
        found = {name: written.text[start:stop] for name, start, stop in written.fields}
        assert found["year"] in (f"{written.date.year}", f"{written.date.year % 100:02d}")
        assert "".join(filter(str.isdigit, found["day"])).lstrip("0") == str(written.date.day)
        assert ("month" in found) != ("month_name" in found)
        if "month" in found:
            assert int(found["month"]) == written.date.month
        spans = [(start, stop) for _, start, stop in written.fields]
        assert spans == sorted(spans) and all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
        assert written.iso == written.date.isoformat()


@pytest.mark.parametrize("texts", [ENGLISH, LANGUAGES])
def test_characters_and_length_hold(texts):
    drawn = texts.draw("train", (6,), 20_000) + texts.draw_without("train", (6,), 3000)
    assert set("".join(written.text for written in drawn)) <= set(texts.characters)
    assert max(len(written.text) for written in drawn) == texts.longest
    assert texts.characters == "".join(sorted(set(texts.characters)))


def test_every_character_of_a_date_can_occur():
    drawn = LANGUAGES.draw("train", (7,), 60_000)
    rare = set(LANGUAGES.characters) - set("".join(written.text for written in drawn))
    assert len(rare) <= 2, rare


def test_the_share_of_texts_without_a_date():
    count = 20_000
    for share in (0.0, 0.05, 0.5):
        drawn = DateTexts(DateOptions(no_date=share)).draw("train", (8,), count)
        without = sum(written.date is None for written in drawn)
        assert abs(without - share * count) <= 5 * (share * (1 - share) * count)**0.5
    for split in ("validation", "test"):
        assert all(written.date for written in DateTexts(DateOptions(no_date=0.5)).draw(split, (8,), 1000))


@pytest.mark.parametrize("texts", [ENGLISH, LANGUAGES])
def test_a_text_without_a_date_is_never_one(texts):
    drawn = texts.draw_without("train", (9,), 4000)
    assert {written.style for written in drawn} == set(KINDS)
    for written in drawn:
        assert written.date is None and written.iso == "" and written.fields == ()
        assert readings(texts.options, written.text) == []
        assert written.text == written.text.strip()


def test_a_date_without_its_year_or_a_day_that_is_not_comes_among_them():
    drawn = {written.text.lower() for written in ENGLISH.draw_without("train", (10,), 40_000)}
    assert {"", "november", "5 november", "saturday"} <= drawn
    for spoiled in (r"november 20\d\d", r"saturday, november, \d{4}", r"3[01] february \d{4}", r"31 june \d{4}",
                    r"february 29, (19[79][0135]|20\d[13579])", r"5 (hello|world|fox|dog) \d{4}"):
        assert any(re.fullmatch(spoiled, text) for text in drawn), spoiled
    assert any(text.startswith("31 feb") for text in drawn) and any(text.startswith("32 may") for text in drawn)


def test_forms_come_as_often_as_they_weigh():
    count = 60_000
    drawn = Counter((written.locale, written.style, written.case) for written in LANGUAGES.draw("test", (11,), count))
    chi = sum((drawn[form.locale, form.style, form.case] - form.weight * count)**2 / (form.weight * count)
              for form in LANGUAGES.forms)
    freedom = len(LANGUAGES.forms) - 1
    assert abs(chi - freedom) < 5 * (2 * freedom)**0.5


def test_every_drawn_date_can_be_read():
    for written in LANGUAGES.draw("train", (12,), 2000):
        if written.date is not None:
            assert dict(readings(LANGUAGES.options, written.text))[written.date] > 0


def test_an_unknown_split_is_refused():
    with pytest.raises(UserError, match="train, validation, test"):
        ENGLISH.draw("training", (0,), 1)
