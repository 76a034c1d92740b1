"""The scan's command line: recurrence, a first look, what is written first, and mistakes that cost no scan."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from probe.cli.main import main
from probe.model import Run
from probe.scan import Findings
from tests.cli.tiny import SMALL
from tests.forked import ran

QUICK = ["--patterns", "inside_quotes,word_start", "--top", "2", "--twins", "19", "--twin-characters", "1000",
         "--ablated", "0", "--probes", "0"]


@pytest.fixture(scope="module")
def runs(text, tmp_path_factory) -> Path:
    """Three short trainings: of two seeds, the first with checkpoints kept, and of another text."""
    folder = tmp_path_factory.mktemp("runs")
    other = folder / "other.txt"
    other.write_text(text.read_text(encoding="utf-8").replace("fox", "cow"), encoding="utf-8")
    for name, source, more in (("a", text, ["--keep-every", "10"]), ("b", text, ["--seed", "1"]), ("c", other, [])):
        assert main(["train", str(source), "--run", str(folder / name), "--steps", "30", *SMALL, *more]) == 0
    return folder


def test_recurrence_over_runs_and_checkpoints_is_kept_printed_and_given_as_json(runs, tmp_path, capsys):
    out = str(tmp_path / "f")
    command = ["scan", str(runs / "a"), *QUICK, "--recur", str(runs / "b"), "--checkpoints", "all"]
    assert main([*command, "--checkpoint", "20", "--out", out]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{runs / 'a'}: reading checkpoint 20 (of 30 steps)\n")
    assert "in how many of 2 runs it bears a claim" in printed
    assert "since when up to step 20" in printed
    kept = Findings.load(out)
    assert kept.provenance["command"] == shlex.join(["probe", *command, "--checkpoint", "20", "--out", out])
    recurs = kept.recurrence
    assert (recurs.run, recurs.runs, recurs.checkpoints, recurs.checkpoint) == ("a", ("b",), (0, 10, 20, 30), 20)
    own = {finding.pattern: finding for finding in kept.findings if finding.rank == 1}
    for each in recurs.findings:
        assert each.own.place == each.same[2].place == (own[each.pattern].layer, "hidden", own[each.pattern].unit)
        assert each.same[2].correlation == own[each.pattern].confirmation.correlation
        assert {seen.place for seen in each.same} == {each.own.place}
        assert [seen.rank for seen in each.best] == [1, 1, 1, 1]
        assert all(isinstance(seen.claims["learned"], bool) for seen in each.same if seen.claims["associated"])
    assert main(["scan", str(runs / "b"), *QUICK, "--checkpoint", "20", "--out", str(tmp_path / "b")]) == 0
    alone = {each.pattern: each for each in Findings.load(tmp_path / "b").findings if each.rank == 1}
    for each in recurs.findings:
        assert each.runs[0].unit == alone[each.pattern].unit
        assert each.runs[0].correlation == pytest.approx(alone[each.pattern].confirmation.correlation)
        assert each.runs[0].claims == alone[each.pattern].claims
    capsys.readouterr()
    assert main(["findings", out, "--pattern", "word_start"]) == 0
    shown = capsys.readouterr().out
    assert "since when up to step 20" in shown
    assert "inside_quotes" not in shown
    assert main(["findings", out, "--json"]) == 0
    given = json.loads(capsys.readouterr().out)
    assert len(given["findings"]) == 2
    assert [each["pattern"] for each in given["recurrence"]["findings"]] == ["inside_quotes", "word_start"]


def test_a_step_by_its_number_is_as_scanned_alone(runs, tmp_path, capsys):
    out = str(tmp_path / "f")
    assert main(["scan", str(runs / "a"), *QUICK, "--checkpoints", "10", "--checkpoint", "30", "--out", out]) == 0
    recurs = Findings.load(out).recurrence
    assert recurs.checkpoints == (10, 30)
    assert main(["scan", str(runs / "a"), *QUICK, "--checkpoint", "10", "--out", out]) == 0
    alone = Findings.load(out)
    place = alone.units["1", "hidden"].index
    for column, each in enumerate(recurs.findings):
        r = alone.measures["confirmation/correlation"][place(each.own.unit), column]
        assert each.same[0].correlation == pytest.approx(r, abs=1e-9)


def test_a_first_look_ranks_and_claims_nothing(runs, tmp_path, capsys):
    assert main(["scan", str(runs / "a"), *QUICK, "--settle", "--show", "--out", str(tmp_path / "f")]) == 0
    printed = capsys.readouterr()
    assert "ranked only, on " in printed.out
    assert "not tested" in printed.out
    assert "too short" not in printed.err
    rows = [line.split()[0] for line in printed.out.splitlines() if "not tested" in line]
    assert sorted(rows) == ["inside_quotes"] * 2 + ["word_start"] * 2
    assert main(["findings", str(tmp_path / "f")]) == 0
    assert capsys.readouterr().out.count("inside_quotes") == 2
    looked = Findings.load(tmp_path / "f")
    assert len(looked.findings) == 4
    assert main(["gallery", str(tmp_path / "f"), "--out", str(tmp_path / "page.html")]) == 0


def test_findings_are_sorted(runs, tmp_path, capsys):
    assert main(["scan", str(runs / "a"), *QUICK, "--out", str(tmp_path / "f")]) == 0
    capsys.readouterr()
    assert main(["findings", str(tmp_path / "f"), "--top", "2", "--sort", "selection_cohens_d", "--json"]) == 0
    sizes = [abs(row["selection_cohens_d"]) for row in json.loads(capsys.readouterr().out)]
    assert sizes == sorted(sizes, reverse=True)
    assert main(["findings", str(tmp_path / "f"), "--sort", "selection_cohens"]) == 1
    assert "did you mean 'selection_cohens_d'?" in capsys.readouterr().err


def test_findings_are_filtered_and_written_where_there_is_a_folder(runs, tmp_path, capsys):
    out = tmp_path / "f"
    assert main(["scan", str(runs / "a"), *QUICK, "--twins", "3", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "3 untrained twins are too few" in printed
    assert f"reading checkpoint {Run.open(runs / 'a').checkpoint().step} (best of 30 steps)\n" in printed
    for flag in ("--csv", "--parquet"):
        assert main(["findings", str(out), flag, str(tmp_path / "no" / "all")]) == 1
        assert f"{flag} {tmp_path / 'no' / 'all'}: there is no folder {tmp_path / 'no'}" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()
    assert main(["findings", str(out), "--csv", str(tmp_path / "all.csv")]) == 0
    assert (tmp_path / "all.csv").read_bytes() == (out / "findings.csv").read_bytes()
    capsys.readouterr()
    assert main(["findings", str(out), "--status", "learned", "--json"]) == 0
    told = capsys.readouterr()
    assert told.out == "[]\n"
    assert "none of 4 findings bears the claim 'learned'; 3 untrained twins are too few" in told.err


def test_a_short_text_is_told_once_and_in_a_line(runs, tmp_path, capsys):
    assert main(["scan", str(runs / "a"), *QUICK, "--characters", "200", "--out", str(tmp_path / "f")]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "is too short for" in line]
    assert len(told) == 1
    assert "needs about" in told[0]


def test_a_reader_that_leaves_early_takes_no_file_with_it(runs, tmp_path):
    """Its output is closed before the first line is printed."""
    reading, writing = os.pipe()
    os.close(reading)
    csv, html, out = tmp_path / "all.csv", tmp_path / "page.html", tmp_path / "f"
    with os.fdopen(writing, "wb") as closed:
        ran(["scan", str(runs / "a"), *QUICK, "--show", "--csv", str(csv), "--html", str(html), "--out", str(out)],
            stdout=closed)
    assert (out / "findings.json").exists()
    assert csv.exists()
    assert html.exists()


MISTAKES = {
    "the run itself": (["--recur", "{a}"], "is the run that is scanned"),
    "no run": (["--recur", "{a}/corpus"], "not a run"),
    "of another text": (["--recur", "{c}"], "was trained on another text (other.txt)"),
    "no such step": (["--checkpoints", "7"], "--checkpoints must be all, or some of 0, 10, 20, 30"),
    "no step": (["--checkpoints", "10,"], "--checkpoints must be all, or some of"),
    "the scanned one alone": (["--checkpoints", "30", "--checkpoint", "30"], "has no other checkpoint than that of"),
    "nothing tested": (["--recur", "{b}", "--settle"], "--settle tests nothing"),
    "by AUC": (["--settle", "--rank-by", "auc"], "--settle ranks by correlation"),
    "no such colour": (["--show", "--colour", "blue"], "--colour must be one of auto, always, never"),
    "no such palette": (["--html", "{a}/p.html", "--palette", "blue"], "blue"),
    "a folder for a table": (["--csv", "{a}"], "--csv must name a file"),
    "a folder for a page": (["--html", "{a}"], "--html must name a file"),
    "no such pattern": (["--patterns", "inside_quote"], "did you mean 'inside_quotes'?"),
    "no such expression": (["--regex", "x=("], "regular expression"),
    "too many parts": (["--parts", "3000"], "and a part needs at least 512; accepted are at most "),
    "a folder that is not there": (["--csv", "{a}/no/all.csv"], "there is no folder"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_before_anything_is_read(name, runs, capsys, monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a network was asked to read")

    monkeypatch.setattr("probe.activations.reading.Reader.of", never)
    arguments, expected = MISTAKES[name]
    places = {name: runs / name for name in "abc"}
    assert main(["scan", str(runs / "a"), *(each.format(**places) for each in arguments)]) == 1
    told = capsys.readouterr().err
    assert expected in told
    assert told.count("\n") == 1


def test_a_mistake_is_told_without_tensorflow(runs):
    program = ("import sys; from probe.cli.main import main; "
               f"status = main(['scan', {str(runs / 'a')!r}, '--recur', {str(runs / 'c')!r}]); "
               "sys.exit(10 * status + ('tensorflow' in sys.modules))")
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 10


def test_recurrence_is_for_runs(runs, text, tmp_path, capsys):
    assert main(["extract", str(runs / "a"), "--out", str(tmp_path / "acts")]) == 0
    capsys.readouterr()
    assert main(["scan", str(tmp_path / "acts"), "--recur", str(runs / "b")]) == 1
    assert "--recur is for runs, and" in capsys.readouterr().err
