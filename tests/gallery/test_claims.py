"""What the page may say follows from the evidence, and from nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from probe.gallery import overview
from probe.gallery.claims import claims, outcome
from probe.gallery.sentences import headline, plain, remainder, summary
from probe.scan.evidence import Chance, Scores, Untrained
from probe.scan.finding import Finding
from tests.gallery.single import (
    FEW,
    FLOORED,
    LIKELY,
    NAN,
    NO_LEAD,
    NONE,
    SHORT,
    TAUGHT,
    UNTAUGHT,
    UNTESTED,
    WITHIN,
    finding_of,
    findings_of,
)


@pytest.mark.parametrize(("evidence", "expected"), [
    ({}, "stands"), ({"chosen": -0.6, "confirmed": -0.5}, "stands"), ({"untrained": UNTAUGHT}, "stands"),
    ({"untrained": Untrained()}, "stands"),
    ({"margin": NO_LEAD, "ngrams": (0.7,)}, "explained"), ({"margin": SHORT, "ngrams": (-0.7,)}, "explained"),
    ({"margin": SHORT, "ngrams": (0.5, NAN)}, "explained"),
    ({"margin": WITHIN}, "unsettled"), ({"margin": SHORT}, "unsettled"), ({"margin": NONE, "ngrams": ()}, "unsettled"),
    ({"chance": LIKELY}, "chance"), ({"chance": Chance(0.001, 0.001, 0.051)}, "chance"),
    ({"chance": LIKELY, "margin": NO_LEAD}, "chance"), ({"chance": LIKELY, "margin": SHORT}, "chance"),
    ({"chosen": -0.6}, "chance"),
    ({"chance": FLOORED}, "short"), ({"chance": FLOORED, "margin": NO_LEAD}, "short"),
    ({"chance": UNTESTED}, "untested"), ({"chance": UNTESTED, "margin": NO_LEAD}, "untested"),
    ({"confirmed": NAN}, "open"), ({"chosen": NAN, "chance": UNTESTED}, "open"),
])
def test_outcome(evidence, expected):
    found = finding_of(**evidence)
    assert outcome(found) == expected
    made = claims(findings_of(found))
    assert [verdict.outcome for verdict in made.verdicts] == [expected]
    assert made.following == (expected == "stands")
    assert (made.clearest is not None) == (expected in ("stands", "unsettled", "short", "untested"))


def test_a_pattern_without_a_unit_stays_open():
    made = claims(findings_of(absent=("digit",)))
    assert [verdict.outcome for verdict in made.verdicts] == ["open"]
    assert made.clearest is None
    assert overview(findings_of(absent=("digit",))) == (
        "Nothing can be said of 16 units: no pattern occurs often enough in these texts. "
        "Nothing can be said of digit: too rare in these texts.")


def test_cells_are_counted_once_over_all_ranks_patterns_and_signals():
    found = findings_of(
        finding_of(unit=3), finding_of(unit=4, rank=2, margin=WITHIN), finding_of(unit=5, rank=3, untrained=UNTAUGHT),
        finding_of("comma", unit=3), replace(finding_of("comma", unit=3, rank=2), signal="cell"),
        finding_of("comma", unit=3, layer="1", rank=3), finding_of("comma", unit=6, rank=4, chance=LIKELY),
    )
    made = claims(found)
    assert (made.units, made.kept, made.following, made.learned) == (16, 4, 3, 2)
    assert summary(made) == ("At least 3 of 16 units tell an idea better than the last three characters alone. "
                             "2 of them do so better than every unit of 19 untrained networks.")


@pytest.mark.parametrize(("untrained", "told"), [
    (TAUGHT, "It does so better than every unit of 19 untrained networks."),
    (UNTAUGHT, "It does not do so better than every unit of 19 untrained networks."),
    (FEW, "Whether untrained networks have such units was not tested."),
    (Untrained(), "Whether untrained networks have such units was not tested."),
])
def test_training_is_named_only_where_it_was_tested(untrained, told):
    made = claims(findings_of(finding_of(untrained=untrained)))
    assert summary(made) == f"At least 1 of 16 units tells an idea better than the last three characters alone. {told}"


def test_clearest_is_the_familiar_one_if_found_well():
    others = [finding_of("column_in_line", confirmed=0.9), finding_of("comment", confirmed=0.8)]

    def opening(*found: Finding) -> str:
        return claims(findings_of(*found, graded=("column_in_line",))).clearest.note.name

    assert opening(*others, finding_of("inside_quotes", chosen=-0.6, confirmed=-0.55)) == "inside_quotes"
    assert opening(*others, finding_of("inside_quotes", confirmed=0.45)) == "comment"
    assert opening(*others, finding_of("inside_quotes", margin=WITHIN)) == "comment"
    assert opening(*others, finding_of("inside_quotes", margin=NO_LEAD, ngrams=(0.9,))) == "comment"
    assert opening(*others, finding_of("inside_quotes", untrained=UNTAUGHT)) == "comment"
    assert opening(others[0]) == "column_in_line"
    assert opening(others[0], finding_of("comment", untrained=UNTAUGHT)) == "column_in_line"
    quotes = finding_of("inside_quotes", margin=SHORT)
    assert opening(finding_of("comment", confirmed=0.9, margin=WITHIN), quotes) == "inside_quotes"


def test_verdicts_are_ordered_by_what_they_claim_and_by_lead():
    made = claims(findings_of(
        finding_of("a", chance=LIKELY), finding_of("b", confirmed=0.4), finding_of("c", confirmed=-0.9, chosen=-0.9),
        finding_of("d", margin=SHORT), finding_of("e", margin=NO_LEAD, ngrams=(-0.8,)), absent=("f",)))
    assert [verdict.note.name for verdict in made.verdicts] == ["c", "b", "d", "e", "a", "f"]
    assert [verdict.lead for verdict in made.verdicts] == pytest.approx([0.6, 0.1, 0.2, -0.3, 0.2, -1])


def test_overview_gives_the_numbers():
    told = overview(findings_of(
        finding_of("inside_quotes", chosen=-0.7, confirmed=-0.612, ngrams=(0.1, -0.204, 0.2)),
        finding_of("vowel", margin=NO_LEAD, ngrams=(0.7,)), finding_of("whitespace", margin=SHORT, ngrams=(0.6,)),
        finding_of("column", chance=LIKELY), finding_of("after_quote", margin=SHORT),
        finding_of("comma", chance=UNTESTED), absent=("digit",)))
    assert told.startswith("At least 1 of 16 units tells an idea better than the last three characters alone.")
    assert ("The clearest: unit 2:0 turns off inside quotes, with a correlation of −0.61 (0.40 to 0.60) on text that "
            "had no part in choosing it, p 0.020 over all units and patterns, where the best guess from the last three "
            "characters reaches 0.20 and the best unit of 19 untrained networks 0.20.") in told
    assert "too short to settle whether the last characters explain it, for after quote." in told
    assert "The last characters do as well, or better, for whitespace and vowel." in told
    assert "No unit was told from chance for column." in told
    assert "Not tested against chance: comma." in told
    assert "Nothing can be said of digit" in told


@pytest.mark.parametrize(("evidence", "top", "never"), [
    ({"margin": NO_LEAD, "ngrams": (0.1, 0.7, 0.2)}, "No unit is shown to know more than the last three characters",
     "2:0 turns"),
    ({"chance": LIKELY}, "No unit was told from chance", "2:0 turns"),
    ({"chance": UNTESTED}, "Unit 2:0 ranks first for “word start”", "turns"),
    ({"chance": FLOORED}, "Unit 2:0 ranks first for “word start”", "turns"),
    ({"margin": SHORT}, "Unit 2:0 turns\u00a0on at “word start”", "The clearest"),
    ({"margin": NONE, "ngrams": ()}, "Unit 2:0 turns\u00a0on at “word start”", "last three characters"),
])
def test_nothing_more_is_claimed_than_the_evidence_bears(evidence, top, never):
    found = findings_of(finding_of(**evidence))
    made = claims(found)
    assert headline(made) == top
    told = overview(found)
    assert never not in told
    assert "At least" not in told
    if outcome(finding_of(**evidence)) == "untested":
        assert told.startswith("Each pattern has its best of 16 units here; whether chance explains it was not tested.")
        assert "on text that had no part in choosing it" in told
    elif outcome(finding_of(**evidence)) == "short":
        assert "the text is too short to test it against chance" in told
    elif evidence.get("ngrams") != ():
        unsettled = made.clearest is not None and made.clearest.outcome == "unsettled"
        ending = "; of unit 2:0 this text is too short to tell." if unsettled else "."
        assert f"none is shown to tell an idea better than the last three characters alone{ending}" in told
    else:
        assert "none was compared with what the last characters tell" in told


def test_long_lists_are_cut():
    told = overview(findings_of(*(finding_of(f"p{place}", margin=NO_LEAD, ngrams=(0.7,)) for place in range(10))))
    assert "p0, p1, p2, p3, p4, p5 and four more." in told


def test_simulated_findings_are_told_as_built(findings):
    made = claims(findings)
    assert made.clearest.note.name == "inside_quotes"
    assert {verdict.note.name: verdict.outcome for verdict in made.verdicts} == {
        "inside_quotes": "stands", "column_in_line": "unsettled", "position_in_word": "explained", "vowel": "explained",
        "whitespace": "explained", "odd_line": "chance", "digit": "open"}
    correlation = findings.measures["confirmation/correlation"]
    unit = made.clearest.finding.unit
    assert np.abs(correlation[unit, 0]) == abs(made.clearest.finding.confirmation.correlation)


def test_what_was_not_found_is_counted():
    made = claims(findings_of(finding_of("a"), finding_of("b", chance=LIKELY), finding_of("c", chance=LIKELY),
                              finding_of("d", margin=NO_LEAD, ngrams=(0.7,)), finding_of("e", chance=FLOORED),
                              absent=("digit",)))
    assert remainder(made) == ("Of six ideas tried, one is told by a unit better than by the last characters, one is "
                               "told as well by the last characters alone, two are not told from chance, one needs a "
                               "longer text to be tested and one is too rare in these texts.")
    assert remainder(claims(findings_of(finding_of("a")))) == ""


def test_a_first_look_claims_nothing_and_says_where_it_looked():
    looked = [replace(finding_of(pattern, chosen=r, chance=UNTESTED, margin=NONE, ngrams=(), untrained=Untrained()),
                      confirmation=Scores({})) for pattern, r in (("a", 0.4), ("inside_quotes", -0.7), ("b", NAN))]
    made = claims(findings_of(*looked))
    assert [verdict.outcome for verdict in made.verdicts] == ["untested", "untested", "open"]
    assert headline(made) == "Unit 2:0 ranks first for “inside quotes”"
    assert ("The strongest: unit 2:0, with a correlation of −0.70 with “inside quotes” on the text on which it was "
            "chosen, and tried on no other.") in overview(findings_of(*looked))


def test_patterns_told_by_the_same_units_are_named():
    both = [finding_of(name, unit=unit, rank=1 + unit) for name in ("quotes", "single_quotes") for unit in range(2)]
    made = claims(findings_of(*both, finding_of("comma", unit=0)))
    assert [[note.name for note in notes] for notes in made.shared] == [["quotes", "single_quotes"]]
    assert "The same units tell quotes and single quotes." in overview(findings_of(*both))
    assert claims(findings_of(both[0], *both[2:])).shared == ()


def test_what_opens_the_page_is_said_in_plain_words():
    assert plain(claims(findings_of(finding_of("inside_quotes", chosen=-0.6, confirmed=-0.5)))) == (
        "2:0 is one number in a neural network that reads text character by character. It goes down inside quotes.")
    for said_nothing in ({"chance": UNTESTED}, {"chance": FLOORED}, {"chance": LIKELY}):
        assert plain(claims(findings_of(finding_of(**said_nothing)))) == ""
