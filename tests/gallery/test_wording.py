"""Names and numbers in words."""

from dataclasses import replace

import pytest

from probe.gallery.wording import (
    behaviour,
    between,
    corrected,
    counted,
    field,
    last_characters,
    listed,
    number,
    probability,
    reached,
    words,
)
from probe.scan.evidence import Chance, Interval
from probe.scan.finding import PatternNote
from tests.gallery.single import finding_of


@pytest.mark.parametrize(("name", "kind", "r", "expected"), [
    ("inside_quotes", "boolean", 0.6, "turns on inside quotes"),
    ("inside_quotes", "boolean", 0.19, "is a little higher inside quotes"),
    ("after_quote", "boolean", -0.2, "turns off at “after quote”"),
    ("after_quote", "boolean", -0.1, "is a little lower at “after quote”"),
    ("word_start", "boolean", 0.6, "turns on at “word start”"),
    ("bracket_depth", "graded", -0.6, "falls with “bracket depth”"),
    ("bracket_depth", "graded", 0.1, "rises a little with “bracket depth”"),
])
def test_behaviour(name, kind, r, expected):
    assert behaviour(finding_of(name, confirmed=r), PatternNote(name, "", "", kind)) == expected
    cell = replace(finding_of(name, confirmed=r), signal="cell")
    unbounded = expected.replace("turns on", "is higher").replace("turns off", "is lower")
    assert behaviour(cell, PatternNote(name, "", "", kind)) == unbounded


def test_numbers():
    assert [number(value) for value in (-0.614, 0.005, -0.001, float("nan"), float("-inf"))] == [
        "−0.61", "0.01", "0.00", "–", "–"]
    assert [counted(many, "unit") for many in (0, 1, 12, 1300)] == [
        "no units", "one unit", "twelve units", "1,300 units"]
    assert [probability(p) for p in (0.0004, 0.0005, 1.0, float("nan"))] == ["below 0.001", "0.001", "1.000", "–"]
    assert reached(Chance(0.1, 0.01, 0.25)) == "p 0.250 over all units and patterns"
    assert reached(Chance(0.031, 0.031, 0.031)) == "p at most 0.031 over all units and patterns"
    assert reached(Chance()) == "not tested"
    assert [corrected(chance) for chance in (
        Chance(0.031, 0.031, 0.031), Chance(0.031, 0.031, 0.04), Chance(0.0002, 0.0002, 0.0002),
        Chance(0.0625, 0.0625, 0.0625), Chance())] == ["≤0.031", "0.040", "below 0.001", "too short", "–"]


def test_names_as_words():
    assert [words(name) for name in ("inside_quotes", "__proto__", "", "_x", "a__b")] == [
        "inside quotes", "__proto__", "(no name)", "_x", "a  b"]


def test_intervals_say_why_they_are_missing():
    assert between(Interval(-0.5, 0.25, 30)) == "−0.50 to 0.25"
    assert between(Interval(blocks=6)) == "too short: 6 blocks"
    assert between(Interval(blocks=1)) == "too short: 1 block"
    assert between(Interval()) == "–"


@pytest.mark.parametrize(("name", "expected"), [
    ("auc", "AUC"), ("f1", "F1"), ("f1_threshold", "F1 threshold"), ("iou_direction", "IoU direction"),
    ("cohens_d", "Cohen's d"), ("average_precision", "average precision"),
])
def test_fields(name, expected):
    assert field(name) == expected


def test_lists():
    notes = [PatternNote(f"p_{place}", "", "", "boolean") for place in range(9)]
    assert listed(notes[:1]) == "p 0"
    assert listed(notes[:3]) == "p 0, p 1 and p 2"
    assert listed(notes[:7]) == "p 0, p 1, p 2, p 3, p 4, p 5 and p 6"
    assert listed(notes) == "p 0, p 1, p 2, p 3, p 4, p 5 and three more"
    assert [last_characters(order) for order in (1, 3)] == ["the last character", "the last three characters"]
