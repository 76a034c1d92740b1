"""Texts too short for what they were to tell, and how long is long enough."""

import dataclasses
import re

import numpy as np
import pytest

from probe.scan import Finding, Scores
from probe.scan.evidence import Chance, Interval
from probe.scan.null.significance import floors, roll_spacing
from probe.scan.shortness import shortfall


@pytest.fixture
def told(findings):
    """What is told of 10,000 characters and three patterns with correlation times 245, 20 and 3."""
    def told(parts=1, segments=1024, rolls=1024, **evidence):
        kept = [Finding(name, 1, "1", "hidden", 0, Scores.of(correlation=0.5), Scores.of(correlation=0.5), 0,
                        **{"interval": Interval(0.1, 0.2, 30), "chance": Chance(0.01, 0.01, 0.01),
                           **evidence.get(name, {})}) for name in ("quotes", "words", "commas")]
        notes = tuple(dataclasses.replace(findings.patterns[0], name=each.pattern) for each in kept)
        return shortfall(dataclasses.replace(
            findings, patterns=notes, findings=tuple(kept), controls={"correlation_time": np.array([245.0, 20.0, 3.0])},
            provenance={"confirmation": {"start": 500, "stop": 10_500}, "parts": parts, "segments": segments,
                        "scan": {"rolls": rolls}}))
    return told


def test_nothing_is_told_where_all_is_long_enough(told):
    assert told() is None


def test_an_interval_needs_twenty_blocks_of_ten_correlation_times(told):
    said = told(quotes={"interval": Interval(blocks=4)}, words={"interval": Interval(blocks=19)})
    assert said.startswith("the confirmation text, 10,000 characters, is too short for an interval in 2 of 3 patterns "
                           "(quotes, the slowest, needs about 49,000); ")


def test_a_unit_slower_than_its_pattern_needs_what_its_blocks_tell(told):
    assert "(commas, the slowest, needs about 58,000)" in told(commas={"interval": Interval(blocks=3)})


def test_what_is_needed_is_more_than_there_was(told):
    assert "needs about 11,000" in told(commas={"interval": Interval(blocks=19)})
    assert "needs about 20,000" in told(segments=16, commas={"chance": Chance(1 / 16, 1 / 16, 1 / 16)})


def test_a_p_value_needs_as_many_rolls_as_a_text_of_that_length_has(told):
    said = told(quotes={"chance": Chance(0.125, 0.125, 0.01)})
    assert "is too short for p ≤ 0.05 in 1 of 3 patterns (quotes, the slowest, needs about 40,000); a longer" in said
    for characters, enough in ((40_000, True), (39_000, False)):
        spacing = roll_spacing(np.array([245.0]), characters / 1024, 1024)
        assert (floors(spacing, 1024)[0] <= 0.05) is np.bool_(enough)


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_rolls_are_within_parts_so_that_each_must_be_long_enough(told, parts):
    said = told(parts=parts, words={"chance": Chance(0.25, 0.25, 0.25)})
    needed = int(re.search("needs about ([0-9,]+)", said)[1].replace(",", ""))
    assert ("; fewer --parts, a longer text" in said) is (parts > 1)
    for characters, enough in ((needed, True), (needed * 0.9, False)):
        spacing = roll_spacing(np.array([20.0]), characters / parts / 1024, 1024)
        assert (floors(spacing, 1024)[0] <= 0.05) is np.bool_(enough)


def test_where_too_few_rolls_were_asked_for_no_text_is_long_enough(told):
    short = {"chance": Chance(1 / 16, 1 / 16, 1 / 16)}
    assert told(rolls=16, segments=16, words=short) == "p ≤ 0.05 takes 32 --rolls at least, and 16 were asked for"
    assert told(rolls=0, segments=0, words={"chance": Chance()}) is None


def test_both_are_told_in_one_line(told):
    said = told(quotes={"chance": Chance(0.125, 0.125, 0.01), "interval": Interval(blocks=4)})
    assert said.count("\n") == 0
    assert "p ≤ 0.05 in 1 of 3 patterns" in said
    assert " and for an interval in 1 of 3 patterns" in said
