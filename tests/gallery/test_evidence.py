"""The evidence in words: each says what was tested, and no more."""

from dataclasses import replace

import pytest

from probe.gallery.evidence import all_scores, best_order, claimed, null_words, on_the_line, pairs, together, without
from probe.scan.controls.logistic import Probe
from probe.scan.evidence import Chance, Interval, Scores
from tests.gallery.simulated_evidence import ablation_of
from tests.gallery.single import (
    FEW,
    FLOORED,
    LIKELY,
    NAN,
    NO_LEAD,
    NONE,
    SHORT,
    UNTAUGHT,
    UNTESTED,
    WITHIN,
    finding_of,
)

GOES = "It goes with the pattern beyond chance"
TAUGHT_IT = "; no unit of 19 untrained networks comes as near."


@pytest.mark.parametrize(("evidence", "told"), [
    ({}, f"{GOES} and beyond what the last three characters explain{TAUGHT_IT}"),
    ({"ngrams": (0.1,)}, f"{GOES} and beyond what the last character explains{TAUGHT_IT}"),
    ({"untrained": UNTAUGHT}, f"{GOES} and beyond what the last three characters explain; a unit of 19 untrained "
     "networks comes as near, so this need not have been learned."),
    ({"untrained": FEW, "margin": NO_LEAD, "ngrams": (0.9, 0.9, 0.9)}, f"{GOES}, but the last three characters do as "
     "well; whether untrained networks come as near was not tested."),
    ({"margin": SHORT, "ngrams": (0.6,)}, f"{GOES}, but the last character does as well{TAUGHT_IT}"),
    ({"margin": WITHIN}, f"{GOES}, but its lead over the last three characters is within its error{TAUGHT_IT}"),
    ({"margin": SHORT}, f"{GOES}, but the text is too short to settle whether the last three characters explain it: "
     f"six blocks where twenty are needed{TAUGHT_IT}"),
    ({"margin": NONE, "ngrams": ()}, f"{GOES}, and was not compared with the last characters{TAUGHT_IT}"),
    ({"chance": LIKELY}, "Chance does as well too often for any claim."),
    ({"chosen": -0.6}, "It has another sign here than where it was chosen, so nothing is claimed of it."),
    ({"chance": FLOORED}, "The text is too short to test it against chance, so nothing is claimed of it."),
    ({"chance": UNTESTED}, "It was not tested against chance, so nothing is claimed of it."),
])
def test_what_is_claimed(evidence, told):
    assert claimed(finding_of(**evidence)) == told


@pytest.mark.parametrize(("interval", "span"), [
    (Interval(0.2, 0.4, 30), (0.2, 0.4)), (Interval(-0.4, -0.2, 30), (0.2, 0.4)), (Interval(-0.1, 0.3, 30), (0.0, 0.3)),
    (Interval(-0.3, 0.1, 30), (0.0, 0.3)), (Interval(0.9, 1.1, 30), (0.9, 1.0)), (SHORT, None), (NONE, None),
])
def test_an_interval_lies_on_a_line_of_magnitudes(interval, span):
    assert on_the_line(interval) == span


def test_the_best_ngram_is_that_of_the_largest_magnitude():
    assert best_order(finding_of(ngrams=(0.1, -0.4, 0.3))) == 2
    assert best_order(finding_of(ngrams=(NAN, 0.1))) == 2
    assert best_order(finding_of(ngrams=(NAN,))) == best_order(finding_of(ngrams=())) == 0


def test_ablation_is_told_beside_other_units():
    ablation = ablation_of("1", 3, "inside_quotes", 900)
    assert without(ablation) == (
        "Without it the network, in nats a character, loses 0.041 inside, 0.002 outside and 0.113 where it begins and "
        "ends; without another unit of its layer, ten of them tried one at a time, it loses at most 0.009 inside.")
    assert without(replace(ablation, inside=NAN, random_inside=())) == (
        "Without it the network, in nats a character, loses 0.002 outside and 0.113 where it begins and ends.")
    assert without(replace(ablation, inside=-0.0171, edges=-0.0002, random_inside=(-0.01,))) == (
        "Without it the network, in nats a character, loses 0.002 outside and 0.000 where it begins and ends and gains "
        "0.017 inside; without another unit of its layer, one of them tried one at a time, it loses at most 0.000 "
        "inside.")
    assert without(replace(ablation, inside=NAN, outside=NAN, edges=NAN)) == "No character was predicted without it."


def test_groups_of_units_are_told_beside_the_best_one():
    probes = tuple(Probe(size=size, units=(3,), weights=(1.0,), auc=0.9, average_precision=0.8, correlation=r,
                         share=0.1, rows=900, inside=90) for size, r in ((1, 0.412), (5, 0.6), (256, -0.8)))
    assert together(replace(finding_of(), probes=probes)) == "of one unit 0.41, five units 0.60 and 256 units 0.80."
    assert together(finding_of()) == ""


def test_every_score_has_its_row():
    found = replace(finding_of(ngrams=(0.1, 0.3)), confirmation=Scores.of(
        correlation=0.5, auc=0.75, cohens_d=1.25, f1_threshold=-0.5, f1_direction=-1.0, spearman=NAN))
    rows = dict(all_scores(found))
    assert rows["correlation"] == ["0.600", "0.500", "", "0.100", "0.300"]
    assert rows["AUC"] == ["", "0.750", "", "", ""]
    assert rows["Cohen's d"][1] == "1.250"
    assert (rows["F1 threshold"][1], rows["F1 direction"][1]) == ("−0.500", "below")
    assert "spearman" not in rows


def test_p_is_told_with_its_floor():
    found = replace(finding_of(), chance=Chance(0.001, 0.001, 0.002), auc_chance=Chance(0.0002, 0.0002, 0.0002))
    assert null_words(found) == ("p of the correlation at most 0.001 over all units and 0.002 over all units and "
                                 "patterns; these shifts can give no less than 0.001; p of the AUC below 0.001 over "
                                 "all units and below 0.001 over all units and patterns; these shifts can give no less "
                                 "than 0.0002")
    assert null_words(finding_of(chance=UNTESTED)) == ""


@pytest.mark.parametrize(("auc", "told"), [
    (0.914, "A character inside is higher than one outside in 91 of 100 pairs."),
    (0.086, "A character inside is lower than one outside in 91 of 100 pairs."),
    (0.999, "A character inside is higher than one outside in 99 of 100 pairs."), (NAN, ""),
])
def test_auc_is_told_as_pairs(auc, told):
    assert pairs(replace(finding_of(), confirmation=Scores.of(correlation=0.5, auc=auc))) == told
