"""What the page may say follows from the numbers, and from nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from probe.gallery import overview
from probe.gallery.claims import behaviour, claims
from probe.scan.finding import Finding, PatternNote, Scores
from probe.scan.findings import Findings

NAN = float("nan")


def findings_of(*patterns: tuple[str, str, float, float, float]) -> Findings:
    """Findings with one unit a pattern: name, kind, correlation on selection and confirmation, and the control's."""
    notes = tuple(PatternNote(name, "", "group", kind) for name, kind, *_ in patterns)
    units = tuple(
        Finding(name, 1, "2", "hidden", place, Scores(chosen, NAN), Scores(confirmed, NAN), Scores(control, NAN), 0)
        for place, (name, _, chosen, confirmed, control) in enumerate(patterns)
    )
    return Findings(notes, {("1", "hidden"): range(8), ("2", "hidden"): range(8)}, units, {}, {}, (), {})


@pytest.mark.parametrize(("chosen", "confirmed", "control", "outcome"), [
    (0.6, 0.5, 0.4, "stand"), (-0.6, -0.5, 0.4, "stand"), (0.6, 0.5, -0.6, "fall"), (0.6, -0.5, 0.1, "faint"),
    (0.6, 0.5, 0.5, "fall"),
    (0.6, 0.19, 0.1, "faint"), (0.6, 0.19, 0.2, "fall"), (0.6, 0.2, 0.1, "stand"),
    (0.6, NAN, 0.1, "open"), (NAN, 0.5, 0.1, "open"), (0.6, 0.5, NAN, "open"),
])
def test_outcome(chosen, confirmed, control, outcome):
    made = claims(findings_of(("word_start", "boolean", chosen, confirmed, control)))
    assert {name: len(getattr(made, name)) for name in ("stand", "fall", "faint", "open")} == {
        name: int(name == outcome) for name in ("stand", "fall", "faint", "open")
    }


def test_a_pattern_without_a_unit_stays_open():
    found = replace(findings_of(("digit", "boolean", 0.5, 0.5, 0.1)), findings=())
    assert [verdict.outcome for verdict in claims(found).open] == ["open"]
    assert claims(found).clearest is None


def test_clearest_is_the_familiar_one_if_found_well():
    others = [("column_in_line", "graded", 0.9, 0.9, 0.0), ("comment", "boolean", 0.8, 0.8, 0.1)]
    well = claims(findings_of(*others, ("inside_quotes", "boolean", -0.6, -0.55, 0.2)))
    assert well.clearest.note.name == "inside_quotes"
    faint = claims(findings_of(*others, ("inside_quotes", "boolean", 0.4, 0.4, 0.2)))
    assert faint.clearest.note.name == "comment"
    assert [verdict.note.name for verdict in faint.stand] == ["column_in_line", "comment", "inside_quotes"]
    assert claims(findings_of(others[0])).clearest.note.name == "column_in_line"


def test_overview_gives_the_numbers():
    told = overview(findings_of(
        ("inside_quotes", "boolean", -0.7, -0.612, 0.204), ("vowel", "boolean", 0.9, 0.9, 1.0),
        ("digit", "boolean", NAN, NAN, NAN), ("column", "graded", 0.3, 0.1, 0.0),
        ("whitespace", "boolean", 0.9, 0.8, 1.0),
    ))
    assert "Among 16 units" in told
    assert "for 1 of 4 patterns" in told
    assert "unit 2:0 turns off inside quotes, with a correlation of −0.61" in told
    assert "where the last character alone reaches 0.20" in told
    assert "as well or better for vowel and whitespace" in told
    assert "No unit comes near column." in told
    assert "Nothing can be said of digit" in told


def test_overview_of_nothing_found_says_so():
    assert "none that follows" in overview(findings_of(("vowel", "boolean", 0.9, 0.9, 1.0)))
    assert "Nothing can be said" in overview(findings_of(("digit", "boolean", NAN, NAN, NAN)))


@pytest.mark.parametrize(("name", "kind", "sign", "expected"), [
    ("inside_quotes", "boolean", 1, "turns on inside quotes"),
    ("after_quote", "boolean", -1, "turns off at “after quote”"),
    ("word_start", "boolean", 1, "turns on at “word start”"),
    ("bracket_depth", "graded", -1, "falls with “bracket depth”"),
])
def test_behaviour(name, kind, sign, expected):
    made = claims(findings_of((name, kind, sign * 0.6, sign * 0.6, 0.1)))
    assert behaviour(made.stand[0]) == expected


def test_simulated_findings_are_told_as_built(findings):
    made = claims(findings)
    assert made.clearest.note.name == "inside_quotes"
    assert [verdict.note.name for verdict in made.open] == ["digit"]
    assert {verdict.note.name for verdict in made.fall} == {"whitespace", "vowel"}
    correlation = findings.measures["confirmation/correlation"]
    unit = made.clearest.finding.unit
    assert np.abs(correlation[unit, 0]) == abs(made.clearest.finding.confirmation.correlation)
