"""A unit's portrait in words."""

import math
from dataclasses import replace

import numpy as np
import pytest

from probe.gallery.portrait import character_name, half_life_words, memory_words, packed_portrait, signed
from probe.gallery.sweep import Sweep
from probe.gallery.unit_words import by_strength, evidence_by_unit, opening, title
from probe.scan.finding import PatternNote
from probe.scan.portrait import GateShares, Push
from tests.gallery.single import LIKELY, NAN, NO_LEAD, finding_of, findings_of

SWEEP = Sweep.of({("2", "hidden"): range(8)})
NOTES = (PatternNote("word_start", "", "", "boolean"), PatternNote("vowel", "", "", "boolean"))


@pytest.mark.parametrize(("half_life", "told"), [
    (0.94, "Half of what its cell holds is gone after 0.9 characters."),
    (123.4, "Half of what its cell holds is gone after 123 characters."),
    (math.inf, "Its forget gate never closes at all: nothing of what the cell holds fades by itself."),
    (0.0, "Its forget gate was exactly 0 at some character, which wipes the cell clean."),
])
def test_half_life(half_life, told):
    assert half_life_words(half_life) == told


def test_gates_that_were_not_read_are_not_told(findings):
    portrait = replace(findings.portraits[0], unit=5)
    none = np.full(2, NAN)
    shares = GateShares((3, 5), np.array([[0, 0.001], none, [0, 0.256]]), np.array([[1, 0.999], none, [0, 0.5]]), none)
    assert memory_words(replace(portrait, half_life=None), shares) == [
        "Its input gate is open nearly always and closed hardly ever.",
        "Its output gate is open at 50\u202f% of characters and closed at 26\u202f% of characters."]
    assert memory_words(replace(portrait, half_life=2.0), None) == [half_life_words(2.0)]
    assert memory_words(replace(portrait, half_life=NAN, unit=4), shares) == []


def test_pushes_are_told_with_names_signs_and_shares(findings):
    sweep = Sweep.of(findings.units)
    written = (Push(" ", 0.5), Push("", 0.25), Push("\x00", 0.0), Push("\n", -1.0))
    packed = packed_portrait(replace(findings.portraits[0], written=written), sweep, {})
    assert packed["written"] == [["space", "+0.50", 0.5], ["any other", "+0.25", 0.25], ["newline", "−1.00", -1.0]]
    assert packed["memory"] == [half_life_words(findings.portraits[0].half_life)]
    assert [character_name(each) for each in "\u202e\ta"] == ["⟨U+202E⟩", "tab", "a"]
    assert [signed(value, 2) for value in (0.001, -0.001, 0.126)] == ["+0.00", "0.00", "+0.13"]


def test_a_title_claims_what_the_evidence_bears():
    source, notes = SWEEP.sources[0], {note.name: note for note in NOTES}
    assert title(source, 3, finding_of(), notes) == "Unit 2:3 turns on at “word start”"
    assert title(source, 3, finding_of(chance=LIKELY), notes) == title(source, 3, None, notes) == "Unit 2:3"


def test_the_opening_tells_the_strongest_or_that_there_is_none():
    source, scores = SWEEP.sources[0], np.array([0.1, -0.25])
    told = opening(source, 0, finding_of(), scores, NOTES)
    assert told.startswith("Correlation 0.50 with “word start” on text that had no part in choosing it, p 0.020 over")
    assert "It goes with the pattern beyond chance" in told
    assert "What it goes with most is “vowel”, with a correlation of −0.25" in opening(source, 0, None, scores, NOTES)
    assert opening(source, 0, None, np.array([NAN, NAN]), NOTES) == "It is not among the best units of any pattern."


def test_the_strongest_claim_comes_first():
    found = [finding_of("a", chance=LIKELY, confirmed=0.9), finding_of("b", margin=NO_LEAD, ngrams=(0.8,)),
             finding_of("c", confirmed=0.4), finding_of("d", confirmed=0.5)]
    assert [each.pattern for each in by_strength(found, None)] == ["d", "c", "b", "a"]
    assert [each.pattern for each in by_strength(found, found[2])] == ["c", "d", "b", "a"]


def test_the_page_of_the_unit_that_opens_the_gallery_begins_with_the_same_pattern():
    quotes, single = finding_of("inside_quotes", confirmed=0.6), finding_of("single", confirmed=0.7)
    found = evidence_by_unit(findings_of(single, quotes))
    assert [each.pattern for each in found["2", "hidden", 0]] == ["inside_quotes", "single"]
