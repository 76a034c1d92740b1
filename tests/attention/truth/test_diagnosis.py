import datetime
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from probe.attention.dates import DateOptions, DateTexts, WrittenDate, readings
from probe.attention.dates.locales import locale_called
from probe.attention.truth.deciding import pairs, weekday_decides
from probe.attention.truth.diagnosis import diagnose
from probe.attention.truth.examining import translated
from probe.attention.truth.options import DiagnosisOptions
from probe.attention.truth.orders import ORDERS, aimed, orders_read, told_apart, written
from probe.attention.truth.spans import field_masks, hidden, without_field
from probe.attention.truth.weekday import weekday_read, with_weekday
from probe.errors import UserError
from tests.attention.truth.by_rule import ByRule, aim_at_fields, by_readings, worded

WORDED = DateOptions(locales="en_GB", styles="weekday_day_month_year,day_month_year,month_day_year", first_year=1990,
                     last_year=2019, cases="written,upper")
# Both write two digits from the tenth on, in another order.
NUMERIC = DateOptions(locales="en_US,en_GB", styles="yMEd", first_year=1970, last_year=2029, cases="written")
FEW = DiagnosisOptions(texts=40, days=30, beams=1)
SATURDAY = WrittenDate("Saturday, 5 November 2016", datetime.date(2016, 11, 5), "en_GB", "full", "written",
                       (("weekday", 0, 8), ("day", 10, 11), ("month_name", 12, 20), ("year", 21, 25)))


def test_fields_of_a_text_and_what_is_between():
    masks = field_masks(SATURDAY)
    assert {name: "".join(np.array([*SATURDAY.text])[mask]) for name, mask in masks.items()} == {
        "weekday": "Saturday", "day": "5", "month_name": "November", "year": "2016", "between": ",   "}
    translator = ByRule(WORDED, worded)
    unseen = hidden(SATURDAY.text, masks["day"], translator.symbols)
    assert unseen.replace(unseen[10], "5") == SATURDAY.text and translator.symbols.unknown(unseen) == [unseen[10]]


def test_a_weekday_is_cut_out_with_what_separates_it():
    assert "5 November 2016" in without_field(SATURDAY, "weekday")
    behind = WrittenDate("2016/11/5(土)", SATURDAY.date, "ja_JP", "yMEd", "written",
                         (("year", 0, 4), ("month", 5, 7), ("day", 8, 9), ("weekday", 10, 11)))
    assert "2016/11/5" in without_field(behind, "weekday")
    assert without_field(replace(behind, fields=behind.fields[:3]), "weekday") == []


def read(translator):
    texts = with_weekday(DateTexts(translator.dates), FEW.texts, FEW.seed)
    return texts, weekday_read(translator, texts, translated(translator, [text.text for text in texts], 1, False), FEW,
                               False)


def test_a_translator_that_ignores_the_weekday_is_found_to():
    texts, found = read(ByRule(WORDED, worded, aim_at_fields))
    assert len(texts) == 40 and all("weekday" in dict((name, 0) for name, *_ in text.fields) for text in texts)
    changes = {each.change: each for each in found.changes}
    assert [each.same.mean for each in found.changes] == [1, 1, 1] and changes["no weekday"].same.count == 40
    fields = {each.field: each for each in found.fields}
    assert fields["weekday"].same.mean == 1 and fields["day"].same.mean == 0 and fields["month_name"].same.mean == 0
    assert sum(each.attention.mean for each in found.fields) == pytest.approx(1)
    assert sum(each.characters.mean for each in found.fields) == pytest.approx(1)
    assert found.right.mean == 1


def test_what_a_field_costs_is_known():
    # All attention on the weekday: hiding it costs all, anything else nothing.
    def aim(text, output):
        row = np.zeros(len(text))
        row[:text.index(" ") if text[0].isalpha() else 1] = 1
        return np.tile(row / row.sum(), (len(output) + 1, 1))

    _, found = read(ByRule(WORDED, worded, aim))
    fields = {each.field: each for each in found.fields}
    assert fields["weekday"].attention.mean == pytest.approx(1) and fields["weekday"].cost.mean == pytest.approx(33)
    assert fields["year"].cost.mean == pytest.approx(0) and fields["year"].attention.mean == 0


def test_a_translator_that_believes_the_weekday_is_found_to():
    _, found = read(ByRule(WORDED, by_readings(WORDED)))
    changes = {each.change: each for each in found.changes}
    # No form writes a date with a wrong weekday, or with hidden letters; one without a weekday is as good.
    assert changes["another weekday"].same.mean == 0 and changes["no weekday"].same.mean == 1
    assert changes["weekday hidden"].right.mean == 0


def test_pairs_differ_in_the_weekday_alone_and_mean_two_dates():
    found = list(pairs(DateTexts(NUMERIC)))
    assert len(found) > 10 and len({each.text for each in found}) == len(found)
    for each in found:
        assert each.text.split(", ")[1] == each.swapped_text.split(", ")[1]
        assert [date for date, _ in readings(NUMERIC, each.text)] == [each.date]
        assert [date for date, _ in readings(NUMERIC, each.swapped_text)] == [each.swapped]
        assert (each.date.month, each.date.day) == (each.swapped.day, each.swapped.month) != (each.date.day,) * 2
    test = {text.date for text in DateTexts(NUMERIC).draw("test", (1,), 5000)}
    assert {each.date for each in found} <= test


def test_forms_that_differ_only_in_their_order_make_pairs_of_all_swappable_days():
    # Both write day and month without zeros, so that each text of one may be one of the other.
    dates = replace(NUMERIC, locales="en_US,en_IN")
    found = {(each.date, each.text) for each in pairs(DateTexts(dates))}
    assert len(found) > 5 * len(list(pairs(DateTexts(NUMERIC))))
    assert {(date.day > 9, date.month > 9) for date, _ in found} == {
        (True, True), (True, False), (False, True), (False, False)}
    by_day = {date: {text for each, text in found if each == date} for date, _ in found}
    assert {len(texts) for texts in by_day.values()} == {2}


def american(text):
    month, day, year = text.split(", ")[1].split("/")
    return f"{year}-{month:0>2}-{day:0>2}"


def test_whether_the_weekday_is_used_where_it_decides():
    used = weekday_decides(ByRule(NUMERIC, by_readings(NUMERIC)), FEW, False)
    assert (used.right.mean, used.both.mean, used.same.mean) == (1, 1, 0)
    ignored = weekday_decides(ByRule(NUMERIC, american), FEW, False)
    assert (ignored.right.mean, ignored.both.mean, ignored.same.mean) == (0.5, 0, 1)
    assert weekday_decides(ByRule(WORDED, worded), FEW, False) is None


def test_orders_have_their_fields_where_they_say_and_are_held_out():
    source = DateTexts(WORDED)
    for order in ORDERS:
        text = written(source, order, locale_called("en_GB"), 70)
        assert tuple(name for name, *_ in text.fields) == order and worded(text.text) == text.iso
        texts = {name: text.text[start:stop] for name, start, stop in text.fields}
        assert texts == {"day": str(text.date.day), "month_name": f"{text.date:%B}", "year": str(text.date.year)}


def test_all_orders_are_read_by_a_reader_of_any_order_and_aimed_at():
    found = orders_read(ByRule(WORDED, worded, aim_at_fields), FEW, False)
    assert [each.exact.mean for each in found.orders] == [1] * 6
    assert [each.aimed.mean for each in found.orders] == pytest.approx([1] * 6)
    assert [each.meant for each in found.orders] == pytest.approx([np.exp(-0.11)] * 6)
    assert [each.begun for each in found.orders] == pytest.approx([np.exp(-0.1)] * 6)
    assert found.told_apart is None and found.told_apart_within is None
    assert {each.name: each.trained for each in found.orders} == {
        "day month year": "trained", "month day year": "trained", "year month day": "never trained",
        "year day month": "never trained", "day year month": "never trained", "month year day": "never trained"}


def test_orders_of_other_languages_are_marked():
    dates = DateOptions(locales="en_GB,hu_HU", styles="long", first_year=2000, last_year=2009)
    found = {each.name: each.trained for each in orders_read(ByRule(dates, worded), FEW, False).orders}
    assert found["year month day"] == "in other languages" and found["day month year"] == "trained"


def first_number_is_the_day(text):
    """Wrong where the year comes before the day."""
    meant = worded(text)
    if not meant:
        return ""
    day, year = (re.search(pattern, text).start() for pattern in (r"(?<!\d)\d{1,2}(?!\d)", r"\d{4}"))
    return meant if day < year else f"{meant[:8]}{int(meant[8:]) % 28 + 1:02}"


def test_orders_that_go_wrong_are_told_with_maps_of_their_failures(tmp_path):
    def aim(text, output):
        good = aim_at_fields(text, output)
        return good if first_number_is_the_day(text) == worded(text) else 0.5 * good + 0.5 / len(text)

    translator = ByRule(WORDED, first_number_is_the_day, aim, lambda text: 1 / len(text))
    found = diagnose(translator, FEW, show=False)
    exact = {each.name: each.exact.mean for each in found.orders.orders}
    assert {name for name, share in exact.items() if share == 0} == {
        "year month day", "year day month", "month year day"}
    assert {share for share in exact.values()} == {0, 1}
    wrong = found.orders.orders[-1].wrong_parts
    assert wrong == {"year": 0, "month": 0, "day": 1}
    likely = [said.probability for _, said in found.orders.orders[-1].failures]
    assert likely == sorted(likely, reverse=True) and likely[0] > likely[-1]
    assert found.orders.told_apart == 1 and found.orders.told_apart_within is None
    assert found.orders.aimed_right.mean == pytest.approx(1) and 0.5 < found.orders.aimed_wrong.mean < 0.9
    for each in found.maps:
        assert "".join(each.target[:-1]) == first_number_is_the_day("".join(each.source)) in each.heading
    assert len(found.maps) == 6 and "year month day, never trained" in " ".join(each.heading for each in found.maps)
    page = found.to_html(tmp_path / "page.html").read_text("utf-8")
    assert page.count("<figure>") == 6 and page.count("<caption>") >= 3 and "never trained" in page
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert len(plain["orders"]["orders"]) == 6 and len(plain["maps"]) == 6
    shown = found.to_terminal(120)
    assert all(each.name in shown for each in found.orders.orders) and "weekday hidden" in shown and str(found)


def test_maps_of_refusals_are_those_of_the_true_date():
    translator = ByRule(WORDED, lambda text: "" if text[0].isdigit() else worded(text), aim_at_fields)
    found = diagnose(translator, replace(FEW, examples=1), show=False)
    assert [each.refused.mean for each in found.orders.orders].count(1) == 4
    refused = found.maps[0]
    assert "no date" in refused.heading and worded("".join(refused.source)) == "".join(refused.target[:-1])
    assert found.orders.orders[0].aimed.mean is None and found.orders.orders[0].aimed_meant.mean == pytest.approx(1)


def test_a_diagnosis_without_failures_or_weekdays(tmp_path):
    dates = replace(WORDED, styles="day_month_year")
    found = diagnose(ByRule(dates, worded), FEW, show=False)
    assert found.weekday is None and found.decides is None and found.maps is None
    page = found.to_html(tmp_path / "page.html").read_text("utf-8")
    assert "<figure>" not in page and "day month year" in page
    json.dumps(found.to_json(), allow_nan=False)


def test_attention_is_aimed_at_the_field_that_a_digit_comes_from():
    weights = np.zeros((11, 25))
    weights[:4, 21] = weights[5:7, 13] = 1  # the year and the month are where they should be
    weights[8:10, 0] = 1  # the day is not
    weights[4] = weights[7] = weights[10] = 1 / 25
    assert aimed(weights, "2016-11-05", field_masks(SATURDAY)) == pytest.approx(6 / 8)
    assert np.isnan(aimed(weights[:1], "", field_masks(SATURDAY)))


def test_chance_of_telling_apart():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 9, 40), rng.integers(0, 7, 30)
    expected = roc_auc_score([1] * 40 + [0] * 30, np.concatenate([one, other]))
    assert told_apart([(one, other)]) == pytest.approx(expected)
    assert told_apart([(one, other[:0])]) is None
    assert told_apart([(np.ones(1), np.zeros(1)), (np.zeros(1), np.ones(1))]) == 0.5


def test_an_unknown_locale_is_refused():
    with pytest.raises(UserError, match="no locale is called"):
        replace(FEW, locale="xx_XX")
