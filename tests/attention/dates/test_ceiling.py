"""The best rate that anybody can reach, against a dictionary of all texts."""

from collections import Counter, defaultdict
from functools import cache
from importlib import import_module
from math import fsum

import numpy as np
import pytest

from probe.attention.dates import PRESETS, DateOptions, DateTexts, ceiling, forms_of, readings
from probe.attention.dates.days import days_of
from probe.attention.dates.hashed import Hashed
from tests.attention.dates.dictionary import CHOICES, dictionary


@cache
def expected_shares(options):
    """The share of each (locale, style) that one who guesses among the likeliest dates gets right."""
    days, joint = days_of(options), dictionary(options)
    right, weights = defaultdict(float), defaultdict(float)
    for form in forms_of(options):
        weights[form.locale, form.style] += form.weight
        for date, numbers in zip(days.dates, days.parts.tolist(), strict=True):
            means = joint[form.text(numbers)]
            likeliest = [other for other in means if means[other] > max(means.values()) - 1e-15]
            if date in likeliest:
                right[form.locale, form.style] += form.weight / len(days.dates) / len(likeliest)
    return right, weights


@pytest.mark.parametrize("options", CHOICES)
@pytest.mark.parametrize("texts_in_a_pass", [3_000_000, 40_000])
def test_the_ceiling_is_that_of_the_dictionary(options, texts_in_a_pass, monkeypatch):
    monkeypatch.setattr(import_module("probe.attention.dates.ceiling"), "_TEXTS_IN_A_PASS", texts_in_a_pass)
    joint, found = dictionary(options), ceiling(options)
    assert found.rate == pytest.approx(fsum(max(means.values()) for means in joint.values()), abs=1e-12)
    assert found.rate < 1
    right, weights = expected_shares(options)
    for place, shares in enumerate((found.by_locale, found.by_style)):
        assert set(shares) == {names[place] for names in weights}
        for name, share in shares.items():
            of_name = [names for names in weights if names[place] == name]
            assert share == pytest.approx(sum(right[names] for names in of_name)
                                          / sum(weights[names] for names in of_name), abs=1e-9)


@pytest.mark.parametrize("options", CHOICES)
def test_examples_are_the_costliest_texts(options):
    joint, found = dictionary(options), ceiling(options)
    lost = {text: sum(means.values()) - max(means.values()) for text, means in joint.items()}
    assert found.ambiguous
    assert lost[found.ambiguous[0][0]] == pytest.approx(max(lost.values()))
    costs = [lost[text] for text, _ in found.ambiguous]
    assert costs == pytest.approx(sorted(costs, reverse=True)) and min(costs) > 1e-15
    for text, means in found.ambiguous:
        assert list(means) == readings(options, text) and len(means) > 1


def test_english_has_no_text_that_means_two_dates():
    found = ceiling(PRESETS["english"].options)
    assert found.rate == 1.0 and found.ambiguous == ()
    assert set(found.by_style.values()) == set(found.by_locale.values()) == {1.0}


def test_day_and_month_in_two_orders_are_a_coin():
    """Of the days of a year 12 · 11 have another number of the month than of the day, and could be turned round."""
    options = DateOptions(locales="en_US,en_AU", styles="short", cases="lower", first_year=2016, last_year=2016)
    assert [form.text((0, 3, 4, 0)) for form in forms_of(options)] == ["3/4/16", "4/3/16"]
    found = ceiling(options)
    assert found.rate == pytest.approx(1 - 12 * 11 / 2 / 366)
    assert found.by_locale["en_US"] == found.by_locale["en_AU"] == pytest.approx(found.rate)


def test_the_year_of_two_digits_is_plain_within_a_century_alone():
    def rate(first):
        return ceiling(DateOptions(styles="medium_yy", first_year=first, last_year=2029)).rate
    assert rate(1930) == 1.0
    assert rate(1925) < 1.0


def test_draws_agree_with_the_ceiling():
    """One who always says the likeliest date is right as often as the ceiling says."""
    options = DateOptions(locales="en_US,en_GB,it_IT,ja_JP", styles="short,yMd,medium_yy", no_date=0)
    drawn = DateTexts(options).draw("train", (1,), 30_000)
    answers = {text: readings(options, text)[0][0] for text in {written.text for written in drawn}}
    right = Counter(answers[written.text] == written.date for written in drawn)[True] / len(drawn)
    rate = ceiling(options).rate
    assert rate < 0.97
    assert abs(right - rate) < 5 * (rate * (1 - rate) / len(drawn))**0.5


def test_languages():
    found = ceiling(PRESETS["languages"].options)
    assert 0.99 < found.rate < 1
    assert len(found.by_locale) == 20
    assert found.by_style["padded"] < found.by_style["yMd"] < found.by_style["long"] == 1.0


@pytest.mark.parametrize("options", CHOICES[:2])
def test_hashes_differ_where_texts_do(options):
    days = days_of(options)
    hashed, seen = Hashed(days.parts), {}
    for form in forms_of(options):
        hashes = hashed.of(form.pieces)
        assert hashes.dtype == np.uint64 and hashes.shape == (len(days.dates),)
        for numbers, value in zip(days.parts.tolist(), hashes.tolist(), strict=True):
            assert seen.setdefault(value, text := form.text(numbers)) == text
    assert len(seen) == len(set(seen.values()))
