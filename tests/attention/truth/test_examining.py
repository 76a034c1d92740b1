import json
import re
from dataclasses import replace

import numpy as np
import pytest

from probe.attention.dates import DateOptions, DateTexts, ceiling
from probe.attention.truth import examining
from probe.attention.truth.options import DateTestOptions
from tests.attention.truth.by_rule import ByRule, by_readings

ENGLISH = DateOptions(locales="en_US,en_GB", styles="day_month_year,month_day_year,weekday_day_month_year",
                      first_year=1990, last_year=2019, cases="written,upper")
# Both write 11/5/2016, and mean two dates.
OPEN = DateOptions(locales="en_US,es_ES", styles="yMd,medium", first_year=1990, last_year=2019, cases="written")
FEW = DateTestOptions(texts=400, without=120, maps=30, beams=1)


def test_a_translator_that_reads_all_is_right_and_refuses_what_is_no_date():
    report = examining.examine(ByRule(ENGLISH, by_readings(ENGLISH)), FEW, show=False)
    assert (report.exact.exact.mean, report.exact.ratio, report.characters, report.padded) == (1, 1, 1, 1)
    assert report.refused.mean == 0 and report.without.refused.mean == 1 and report.without.believed is None
    assert report.mistakes == () and report.doubt.right == 1 and report.doubt.probability == pytest.approx(0.9)
    assert report.doubt.brier == pytest.approx(0.01)
    assert set(report.by_locale) == {"en_US", "en_GB"}
    assert sum(each.exact.count for each in report.by_style.values()) == 400
    assert report.maps.texts == 30


def test_the_best_translator_reaches_the_ceiling_and_its_mistakes_are_possible():
    report = examining.examine(ByRule(OPEN, by_readings(OPEN)), DateTestOptions(texts=4000, maps=0, beams=1),
                               show=False)
    limit = ceiling(OPEN)
    assert limit.rate < 0.97 and report.ceiling.rate == limit.rate
    assert report.exact.exact.low < limit.rate < report.exact.exact.high
    assert report.exact.exact.mean == pytest.approx(report.expected, abs=0.02) and report.expected < 0.93
    assert report.mistakes and all(each.possible for each in report.mistakes)
    assert report.by_style["medium"].exact.mean == 1 and report.by_style["yMd"].ceiling == limit.by_style["yMd"]
    assert report.maps is None


def test_only_days_that_were_never_trained_are_asked():
    translator = ByRule(ENGLISH, by_readings(ENGLISH))
    report = examining.examine(translator, DateTestOptions(texts=300, without=0, maps=0, beams=1), show=False)
    held_out = {each.date for each in DateTexts(ENGLISH).draw("test", (0,), 300)}
    assert {by_readings(ENGLISH)(text) for text in translator.asked} == {day.isoformat() for day in held_out}
    assert report.days == len(held_out) and report.without is None


def test_nothing_but_padding_scores_what_the_known_example_counts():
    assert examining.character_accuracy(["2016-11-05"], [""]) == (0, 0.78)
    report = examining.examine(ByRule(ENGLISH, lambda text: ""), FEW, show=False)
    assert report.characters == 0 and report.padded == 0.78
    assert report.refused.mean == 1 and report.exact.exact.mean == 0 and report.maps.texts == 0
    assert len(report.mistakes) == 400 and not any(each.possible for each in report.mistakes)


@pytest.mark.parametrize(("output", "right"), [
    ("2016-11-05", 11), ("2016-11-06", 10), ("2016-11-0", 9), ("2016-11", 7), ("016-11-05", 1), ("", 0)])
def test_characters_are_right_at_their_place(output, right):
    wanted = "2016-11-05"
    padded = [*wanted, "end", *["pad"] * 39]
    said = [*output, "end", *["pad"] * (49 - len(output))]
    found, with_padding = examining.character_accuracy([wanted], [output])
    assert found == pytest.approx(np.mean([one == other for one, other in zip(padded[:11], said, strict=False)]))
    assert with_padding == pytest.approx(np.mean([one == other for one, other in zip(padded, said, strict=True)]))
    assert found == right / 11


def test_confident_nonsense_is_told():
    report = examining.examine(ByRule(ENGLISH, lambda text: "2000-01-01", probability=lambda text: 0.97), FEW,
                               show=False)
    assert report.without.refused.mean == 0 and report.without.surely == 120
    assert {each.mean for each in report.without.by_kind.values()} == {0} and "impossible" in report.without.by_kind
    assert report.without.believed == pytest.approx(0.97)
    assert report.doubt.missed > 0.9 and report.mistakes and not any(each.possible for each in report.mistakes)


def test_greedy_search_is_counted_by_itself():
    class Hasty(ByRule):
        def translate(self, texts, beams=5):
            right = super().translate(texts, beams)
            return right if beams > 1 else [replace(each, outputs=(("", 0.5),)) for each in right]

    report = examining.examine(Hasty(ENGLISH, by_readings(ENGLISH)), replace(FEW, beams=2, maps=0), show=False)
    assert (report.exact.exact.mean, report.greedy.mean, report.greedy.count) == (1, 0, 400)


def test_what_is_no_day_counts_as_refused():
    report = examining.examine(ByRule(ENGLISH, lambda text: "2000-02-31"), FEW, show=False)
    assert report.refused.mean == 1 and report.without.refused.mean == 1


def test_the_views_say_the_same():
    report = examining.examine(ByRule(OPEN, by_readings(OPEN)), FEW, show=False)
    shown, plain = report.to_terminal(100), json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert f"exact match: {plain['exact']['exact']['mean']:.4f}" in shown
    assert f"wrong: {len(plain['mistakes'])}" in shown and "es_ES" in shown and "yMd" in shown
    assert plain["ceiling"] == ceiling(OPEN).rate and plain["options"]["texts"] == 400
    assert all(re.search(re.escape(kind), shown) for kind in plain["without"]["by_kind"])
    assert str(report)
