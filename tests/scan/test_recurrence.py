"""What comes back in other runs and checkpoints, on findings whose answer is known."""

import dataclasses
import json

import numpy as np
import pytest

from probe.scan import Finding, Findings, ScanOptions, Scores, scan
from probe.scan.evidence import Chance, Interval, Untrained
from probe.scan.records import recurrence_record, recurrence_restored
from probe.scan.recurrence import Recurrence, recurrence
from tests.scan.conftest import PLANTED

ASSOCIATED, BEYOND, LEARNED = "associated", "beyond n-grams", "learned"


def found(pattern: str, unit: int, r: float, *claims: str, rank: int = 1) -> Finding:
    """A finding whose evidence bears exactly these claims, tested for each."""
    return Finding(pattern, rank, "1", "hidden", unit, Scores.of(correlation=r), Scores.of(correlation=r), 0,
                   chance=Chance(p=0.01, floor=0.001, family=0.01 if ASSOCIATED in claims else 0.5),
                   margin=Interval(0.1 if BEYOND in claims else -0.1, 0.3, 40),
                   untrained=Untrained(r, 0.0 if LEARNED in claims else 1.0, 19, 1000))


@pytest.fixture
def quotes() -> Recurrence:
    """Unit 5 is found at step 30. It bears claims at 0, not at 10, then again, and is the best from 20 on."""
    all_three = (ASSOCIATED, BEYOND, LEARNED)
    own = [found("quotes", 5, 0.6, *all_three), found("quotes", 6, 0.2, rank=2), found("words", 1, -0.9, ASSOCIATED)]
    runs = {"b": [found("quotes", 9, -0.5, ASSOCIATED, LEARNED), found("quotes", 5, 0.9, *all_three, rank=2)],
            "c": [found("quotes", 2, 0.1), found("words", 3, 0.8, *all_three)]}
    steps = {0: [found("quotes", 7, 0.4), found("quotes", 5, 0.1, ASSOCIATED, rank=80)],
             10: [found("quotes", 7, 0.4), found("quotes", 5, -0.1, rank=9)],
             20: [found("quotes", 5, 0.5, ASSOCIATED, LEARNED)],
             40: [found("quotes", 8, 0.5, ASSOCIATED), found("quotes", 5, 0.1, rank=3)]}
    return recurrence(own, "a", runs=runs, checkpoints=steps, checkpoint=30)


def test_runs_are_counted_by_the_claims_of_their_own_best_unit(quotes):
    first, words = quotes.findings
    assert [seen.unit for seen in (first.own, *first.runs)] == [5, 9, 2]
    assert [first.count(claim) for claim in (ASSOCIATED, BEYOND, LEARNED)] == [2, 1, 2]
    assert words.runs[0] is None  # the pattern is not in run b
    assert [words.count(claim) for claim in (ASSOCIATED, BEYOND, LEARNED)] == [2, 1, 1]


def test_since_reaches_back_to_the_last_break_before_the_scanned_checkpoint(quotes):
    first, words = quotes.findings
    assert quotes.checkpoints == (0, 10, 20, 30, 40)
    assert [seen.correlation for seen in first.same] == [0.1, -0.1, 0.5, 0.6, 0.1]
    assert [seen.unit for seen in first.best] == [7, 7, 5, 5, 8]
    assert quotes.since(first, ASSOCIATED) == 20  # what it bore at 0 was lost at 10; what it lost at 40 came later
    assert quotes.since(first, BEYOND) == 30
    assert quotes.best_since(first) == 20
    assert quotes.since(words, ASSOCIATED) == 30
    assert quotes.since(words, LEARNED) is None


def test_claims_at_every_checkpoint_hold_since_the_first():
    own = [found("quotes", 5, 0.6, ASSOCIATED)]
    always = recurrence(own, "a", checkpoints={0: own, 10: own}, checkpoint=30)
    assert always.since(always.findings[0], ASSOCIATED) == 0
    alone = recurrence(own, "a", checkpoint=30)
    assert (alone.checkpoints, alone.checkpoint, alone.findings[0].same) == ((), None, ())


def test_what_recurs_survives_json_and_the_findings_folder(quotes, findings, tmp_path):
    again = recurrence_restored(json.loads(json.dumps(recurrence_record(quotes), allow_nan=False)))
    assert again == quotes
    assert recurrence_record(quotes)["findings"][0]["since"] == {ASSOCIATED: 20, BEYOND: 30, LEARNED: 20}
    assert recurrence_record(quotes)["findings"][0]["in_runs"] == {ASSOCIATED: 2, BEYOND: 1, LEARNED: 2}
    kept = dataclasses.replace(findings, recurrence=quotes)
    assert Findings.load(kept.save(tmp_path / "f")).recurrence == quotes
    assert Findings.load(findings.save(tmp_path / "f")).recurrence is None
    assert json.loads(kept.to_json(tmp_path / "f.json").read_text())["recurrence"]["run"] == "a"


def test_tables_name_units_of_runs_and_steps(quotes):
    runs, steps = quotes.runs_table().splitlines(), quotes.checkpoints_table().splitlines()
    assert runs[1].split() == ["pattern", "a", "b", "c", "associated", "beyond", "n-grams", "learned"]
    row = next(line for line in runs if line.startswith("quotes"))
    assert row.split() == ["quotes", "1:5", "0.600", "1:9", "−0.500", "1:2", "0.100", "2", "1", "2"]
    assert steps[2].startswith("words")  # the strongest first
    assert steps[3].split() == ["quotes", "1:5", "0.100", "−0.100", "0.500", "0.600", "0.100", "20", "20", "30", "20"]
    assert str(quotes).count("\n\n") == 1
    assert str(recurrence([], "a")) == ""


def test_of_many_checkpoints_some_are_printed_the_ends_among_them():
    own = [found("quotes", 5, 0.6, ASSOCIATED)]
    many = recurrence(own, "a", checkpoints={step: own for step in range(0, 3000, 100)}, checkpoint=3000)
    header = many.checkpoints_table().splitlines()[1].split("best since")[0].split()
    assert len(header) == 2 + 6
    assert (header[2], header[-1]) == ("0", "3,000")


def test_a_filter_keeps_what_recurs_of_its_patterns(findings, quotes):
    own = [each for each in findings.findings if each.rank == 1]
    kept = dataclasses.replace(findings, recurrence=recurrence(own, "a", runs={"b": own}))
    shown = kept.only(pattern="inside_quotes")
    assert [each.pattern for each in shown.recurrence.findings] == ["inside_quotes"]


def test_units_of_another_scan_are_tested_whatever_their_rank(recorded, corpus):
    """The same planted units in another order: what is unit 17 in the first is unit 18 in the second."""
    test, options = corpus.splits.test, ScanOptions(patterns="inside_quotes,word_start", top=1, passages=1)
    first = scan(recorded(0, test.start), recorded(test.start, test.stop), options, show=False)
    texts = [recorded(0, test.start), recorded(test.start, test.stop)]
    for blocks in texts:
        blocks.arrays = {source: np.roll(array, 1, axis=1) for source, array in blocks.arrays.items()}
    second = scan(*texts, options, against=first, show=False)
    rows = {(each.pattern, each.unit): each for each in second.findings}
    assert set(rows) == {("inside_quotes", 17), ("inside_quotes", 18), ("word_start", 3), ("word_start", 4)}
    assert [rows["inside_quotes", 18].rank, rows["word_start", 4].rank] == [1, 1]
    followed = rows["inside_quotes", PLANTED["inside_quotes"]]
    assert followed.rank > 1
    assert abs(followed.confirmation.correlation) < 0.1
    assert followed.chance.family > rows["inside_quotes", 18].chance.family
    joined = recurrence(first.findings, "a", checkpoints={1: second.findings}, checkpoint=2)
    assert joined.best_since(joined.findings[0]) == 2
    assert joined.since(joined.findings[0], ASSOCIATED) == 2
