"""What is told below a table of findings, which of them it shows, and how it is ordered."""

import dataclasses

import pytest

from probe.errors import UserError
from probe.scan import Finding, Findings, Scores
from probe.scan.evidence import Chance, Interval, Untrained
from probe.scan.remarks import remarks, why_none
from probe.scan.tables import in_order, summary, summary_cells

TESTED = {
    "nothing": {"chance": Chance(0.5, 0.01, 0.5)},
    "associated": {"chance": Chance(0.01, 0.01, 0.01)},
    "learned": {"chance": Chance(0.01, 0.01, 0.01), "untrained": Untrained(0.5, 0.2, 19, 1000)},
    "both": {"chance": Chance(0.01, 0.01, 0.01), "untrained": Untrained(0.5, 0.2, 19, 1000),
             "margin": Interval(0.1, 0.2, 30), "ngrams": (Scores.of(correlation=0.3),)},
    "short": {"chance": Chance(1.0, 1.0, 1.0)},
    "untested": {},
}


def made(pattern: str, *evidence: str, **further: object) -> list[Finding]:
    """Findings of a pattern, ranked from the first: unit 10 cell of layer 1, 9 h of layer 1, 8 cell of layer 1, …"""
    r = Scores.of(correlation=0.5)
    return [dataclasses.replace(Finding(pattern, rank, "1", "hidden" if rank % 2 == 0 else "cell", 11 - rank, r, r, 0,
                                        **TESTED[each]), **further)
            for rank, each in enumerate(evidence, start=1)]


QUOTES, SPACES = made("quotes", "learned", "associated", "both"), made("spaces", "both", "learned")


def best(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.rank == 1]


def test_a_unit_that_bears_more_than_the_best_is_named_once_for_all_its_patterns():
    depth = made("depth", "learned", "associated", "both")
    assert remarks([*QUOTES, *SPACES, *depth], best([*depth, *SPACES, *QUOTES]), "--top") == [
        "1:8 cell (rank 3 for depth, quotes) bears more: learned, beyond n-grams; --top 3 shows it"]
    assert remarks(QUOTES, QUOTES, "--top") == []
    assert remarks(SPACES, best(SPACES), "--top") == []


def test_of_many_such_units_three_are_named():
    many = [each for number in range(5) for each in made(f"p{number}", "nothing", "learned")]
    many = [dataclasses.replace(each, unit=each.unit + int(each.pattern[1])) for each in many]
    lines = remarks(many, best(many), "--top")
    assert [line.split(" bears")[0] for line in lines[:3]] == [f"1:{9 + n} (rank 2 for p{n})" for n in range(3)]
    assert lines[3:] == ["and 2 more"]


def test_too_few_twins_are_told():
    few = made("quotes", "associated", untrained=Untrained(0.5, 0.2, 3, 1000))
    assert remarks(few, few, "--top") == ["3 untrained twins are too few to call anything learned: that takes 19"]
    none = made("quotes", "associated")
    assert remarks(none, none, "--top") == []


@pytest.mark.parametrize(("conditions", "said"), [
    (("digits", None, None, None), "no unit could be ranked (absent from the selection text, or the same at every "
     "character, or no unit varies): digits"),
    (("quotes", "2", None, None), "none of 3 findings of quotes is of layer 2"),
    ((None, "1", "output_gate", None), "none of 5 findings of layer 1 is of signal output_gate"),
    (("quotes", "1", "hidden", "learned"), "none of 1 findings of quotes of layer 1 of signal hidden bears the claim "
     "'learned'"),
])
def test_what_leaves_nothing_is_named(conditions, said):
    assert why_none([*QUOTES, *SPACES], *conditions) == said


def test_nothing_learned_of_few_twins_is_explained():
    few = made("quotes", "associated", untrained=Untrained(0.5, 0.2, 3, 1000))
    assert why_none(few, None, None, None, "learned").endswith("'learned'; 3 untrained twins are too few to call "
                                                               "anything learned: that takes 19")


def chosen(findings: Findings, **conditions: object) -> list[tuple[str, int]]:
    return [(each.pattern, each.rank) for each in findings.only(**conditions).findings]


def test_the_best_are_those_of_what_meets_the_other_conditions(findings):
    some = dataclasses.replace(
        findings, findings=(*QUOTES, *SPACES), units={("1", "hidden"): range(20), ("1", "cell"): range(20)},
        patterns=tuple(dataclasses.replace(findings.patterns[0], name=name) for name in ("quotes", "spaces")))
    assert chosen(some, top=1) == [("quotes", 1), ("spaces", 1)]
    assert chosen(some, top=1, status="beyond n-grams") == [("quotes", 3), ("spaces", 1)]
    assert chosen(some, top=1, signal="hidden") == [("quotes", 2), ("spaces", 2)]
    assert chosen(some, top=2, pattern="quotes", status="learned") == [("quotes", 1), ("quotes", 3)]
    assert "1:8 cell (rank 3 for quotes) bears more: learned, beyond n-grams; 'probe findings' with --top 3 shows it" \
        in str(some)
    settled = {"read": 10, "of": 90, "top": 2, "patterns": ["quotes", "spaces"], "open": []}
    looked = dataclasses.replace(some, provenance={**findings.provenance, "settled": settled})
    assert [line.split()[:2] for line in str(looked).splitlines()[1:5]] == [
        ["spaces", "1:10"], ["spaces", "1:9"], ["quotes", "1:10"], ["quotes", "1:9"]]


@pytest.mark.parametrize(("evidence", "shown"), [("short", "too short"), ("untested", "–"), ("learned", "≤0.010"),
                                                 ("nothing", "0.500")])
def test_a_p_value_is_shown_where_the_text_allows_for_one(evidence, shown):
    assert summary_cells(made("quotes", evidence)[0])[-2] == shown


def test_findings_are_ordered_by_p_and_by_unit():
    weak = dataclasses.replace(SPACES[1], chance=Chance(0.02, 0.01, 0.02))
    assert in_order([made("quotes", "untested")[0], weak, SPACES[0]], "p")[:2] == [SPACES[0], weak]
    assert summary([weak], sort="p") == summary([weak])
    places = [("10", 1), ("2", 10), ("1", 9), ("2", 9), ("1", 10)]
    units = [dataclasses.replace(weak, layer=layer, unit=unit) for layer, unit in places]
    assert [each.label for each in in_order(units, "unit")] == ["1:9", "1:10", "2:9", "2:10", "10:1"]


@pytest.mark.parametrize("name", ["q", "chance_familly", "wholly unlike"])
def test_the_nearest_field_is_suggested_and_not_all_are_listed(name):
    with pytest.raises(UserError, match=r"no field is called '.*'; did you mean '[a-z_]+'\? --json shows them all"):
        in_order(SPACES, name)
