import datetime

import numpy as np
import pytest

from probe.attention.dates import WrittenDate
from probe.attention.truth.hiding import Looked
from probe.attention.truth.parts import parts_of
from probe.attention.truth.true_maps import compare, true_maps
from tests.attention.translator.tiny import DATES
from tests.attention.truth.by_rule import ByRule, aim_at_fields, worded

DAY = datetime.date(2016, 11, 5)


def written(text, day=DAY):
    return WrittenDate(text, day, "en_GB", "long", "written")


def test_parts_of_an_output():
    assert parts_of("2016-11-05") == (*["year"] * 4, "hyphens", "month", "month", "hyphens", "day", "day", "end")
    assert parts_of("") == ("end",)
    assert parts_of("1-2-3-4")[-2:] == ("day", "end")


def looked(seed, width, agree):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(width), 11)
    effects = -5 * weights if agree else rng.normal(size=(11, width))
    return Looked(weights, np.full(11, -0.1), effects)


def test_attention_that_is_what_counts_agrees_wholly_and_others_by_chance():
    days = [DAY + datetime.timedelta(days=each) for each in range(60)]
    chosen = [(written(f"{number:08}", day), day.isoformat()) for number, day in enumerate(days)]
    true = compare(chosen, [looked(seed, 8, True) for seed in range(60)])
    assert (true["digits"].rank.mean, true["digits"].top.mean) == pytest.approx((1, 1))
    assert abs(true["digits"].rank_by_place.mean) < 0.1 and abs(true["digits"].top_by_place.mean - 1 / 8) < 0.08
    assert true["digits"].top_shuffled.mean == 1 / 8
    assert true["digits"].rank.count == 60 * 8 and true["hyphens"].rank.count == 120 and true["end"].rank.count == 60
    chance = compare(chosen, [looked(seed, 8, False) for seed in range(60)])
    assert chance["digits"].rank.low < 0 < chance["digits"].rank.high
    assert chance["digits"].top.low < 1 / 8 < chance["digits"].top.high


def test_by_place_takes_another_text_of_the_same_length():
    one, other, longer = looked(0, 4, True), looked(1, 4, True), looked(2, 6, True)
    chosen = [(written(text), DAY.isoformat()) for text in ("aaaa", "bbbb", "cccccc")]
    found = compare(chosen, [one, Looked(one.weights, one.log_probabilities, one.effects), longer])
    assert found["digits"].rank_by_place.mean == pytest.approx(1) and found["digits"].rank_by_place.count == 16
    found = compare(chosen, [one, other, longer])
    assert found["digits"].rank_by_place.mean < 0.9
    same = [(written("aaaa"), DAY.isoformat()), (written("aaaa"), DAY.isoformat())]
    assert compare(same, [one, one])["digits"].rank_by_place.count == 0


def test_attention_on_what_counts_and_its_share_of_the_text():
    weights = np.tile([0.7, 0.2, 0.1, 0.0], (11, 1))
    effects = np.zeros((11, 4))
    effects[0], effects[1] = [-1, -0.5, -0.05, 0.2], [-0.01, 0, 0, 0]
    found = compare([(written("abcd"), DAY.isoformat())], [Looked(weights, np.zeros(11), effects)])
    assert found["year"].on_counting.mean == pytest.approx(0.9) and found["year"].on_counting.count == 1
    assert found["year"].counting.mean == 0.5
    assert found["digits for which something counts"].rank.count == 1
    assert found["day"].rank.mean is None and found["day"].top.mean is None


def test_a_reader_by_rule_is_found_to_attend_to_what_counts_and_refusals_are_left_out():
    days = [datetime.date(2016, 1, 20) + datetime.timedelta(days=17 * each) for each in range(12)]
    texts = [written(f"{day.day} {day:%B %Y}", day) for day in days]
    translator = ByRule(DATES, worded, aim_at_fields)
    outputs = [day.isoformat() for day in days]
    outputs[0], outputs[1] = "", "2016-12-24"
    found = true_maps(translator, texts, outputs)
    assert found.texts == 11 and found["digits of wrong outputs"].rank.count == 8
    assert found["digits"].rank.mean == pytest.approx(1) and found["digits"].on_counting.mean == pytest.approx(1)
    assert found["digits"].top_by_place.mean < 1
    assert "digits" in found.to_terminal(80)
    empty = true_maps(translator, [], [])
    assert empty.texts == 0 and empty["digits"].rank.mean is None
