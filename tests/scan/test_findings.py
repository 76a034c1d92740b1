"""The findings folder: what goes in comes out, and what is damaged or strange is refused."""

import csv
import dataclasses
import json
import math
import shutil
import sys

import numpy as np
import pytest

from probe.cli.main import main
from probe.errors import UserError
from probe.files import read_bundle, read_manifest, write_bundle, write_manifest
from probe.scan import Findings
from probe.scan.findings import VERSION
from probe.scan.records import flat
from probe.scan.tables import in_order, summary


def assert_same(one: Findings, other: Findings) -> None:
    for name in ("patterns", "units", "provenance", "log"):
        assert getattr(one, name) == getattr(other, name), name
    assert [repr(finding) for finding in one.findings] == [repr(finding) for finding in other.findings]  # NaN ≠ NaN
    for name in ("measures", "controls"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert set(ours) == set(theirs)
        for field, values in ours.items():
            np.testing.assert_array_equal(values, theirs[field])
    for ours, theirs in zip(one.passages, other.passages, strict=True):
        assert (ours.start, ours.text, ours.scales) == (theirs.start, theirs.text, theirs.scales)
        np.testing.assert_array_equal(ours.labels, theirs.labels)
        assert set(ours.activations) == set(theirs.activations)
        for source, values in ours.activations.items():
            np.testing.assert_array_equal(values, theirs.activations[source])


def test_findings_survive_the_folder_and_a_second_save(findings, tmp_path):
    folder = findings.save(tmp_path / "findings")
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.safetensors", "findings.csv", "findings.json"]
    assert_same(findings, Findings.load(folder))
    fewer = dataclasses.replace(findings, findings=findings.findings[:3])
    fewer.save(folder)
    assert_same(fewer, Findings.load(folder))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["findings"]


def test_the_table_holds_every_unit_and_pattern(findings, tmp_path):
    with open(findings.to_csv(tmp_path / "all.csv"), newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80 * len(findings.patterns)
    best = next(f for f in findings.findings if f.pattern == "inside_quotes")
    row = next(r for r in rows if (r["pattern"], r["layer"], r["unit"]) == ("inside_quotes", "1", str(best.unit)))
    assert float(row["confirmation_correlation"]) == best.confirmation.correlation
    assert all(r["selection_auc"] == "" for r in rows if r["pattern"] == "column")


def test_the_table_tells_which_units_were_tested_and_how_they_came_out(findings):
    tested = {(f.pattern, f.layer, f.unit): f for f in findings.findings}
    rows = list(findings.all_rows())
    assert list(rows[0])[:9] == ["pattern", "layer", "signal", "unit", "rank", "p", "status", "selection_correlation",
                                 "selection_auc"]
    for row in rows:
        finding = tested.pop((row["pattern"], row["layer"], row["unit"]), None)
        assert row["rank"] == (finding and finding.rank)
        assert row["status"] == (finding and ", ".join(finding.status))
        p = finding and finding.chance.family
        assert row["p"] == (None if p is None or math.isnan(p) else p)
    assert not tested
    assert {row["status"] for row in rows} > {None, "associated, beyond n-grams"}


def test_columns_do_not_depend_on_how_the_arrays_came(findings):
    """The format of the arrays does not keep their order."""
    other = dataclasses.replace(findings, **{name: dict(reversed(getattr(findings, name).items()))
                                             for name in ("measures", "controls")})
    columns = list(next(other.all_rows()))
    assert columns == list(next(findings.all_rows()))
    assert [name for name in columns if name.startswith("confirmation_f1")] == [
        "confirmation_f1", "confirmation_f1_direction", "confirmation_f1_threshold"]
    assert columns.index("selection_spearman") + 1 == columns.index("confirmation_correlation")


def test_json_holds_the_findings_with_null_for_what_is_not_defined(findings, tmp_path):
    content = json.loads(findings.to_json(tmp_path / "f.json").read_text())
    assert content["provenance"]["run"] == "planted"
    assert len(content["findings"]) == len(findings.findings)
    assert next(row for row in content["findings"] if row["pattern"] == "column")["selection_auc"] is None


def test_the_text_of_a_finding_is_its_passage_coloured_by_its_unit(findings):
    finding = next(f for f in findings.findings if f.pattern == "inside_quotes")
    text = findings.text(finding)
    passage = findings.passages[finding.passage]
    assert text.text == passage.text
    np.testing.assert_array_equal(text.values, passage.values("1", "hidden", finding.unit))
    assert "unit 1:17 and inside_quotes" in text.caption


def test_the_printed_table_begins_with_the_strongest_pattern(findings):
    lines = str(findings).splitlines()
    assert lines[0].split()[:2] == ["pattern", "unit"]
    named = {f.pattern for f in findings.findings}
    assert {line.split()[0] for line in lines[1:len(named) + 1]} == named, lines
    absent = {pattern.name for pattern in findings.patterns} - named
    reason, _, names = lines[-1].partition(": ")
    assert set(names.split(", ")) == absent
    assert reason == "no unit could be ranked (absent from the selection text, or the same at every character, or no " \
                     "unit varies)"
    assert "digit" in absent
    first = {f.pattern: abs(f.confirmation.correlation) for f in findings.findings if f.rank == 1}
    assert first[lines[1].split()[0]] == np.nanmax(list(first.values()))


@pytest.mark.parametrize("name", ["arrays.safetensors", "findings.json"])
def test_a_damaged_folder_is_refused(findings, tmp_path, name):
    folder = findings.save(tmp_path / "findings")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=r"damaged|not valid JSON|not UTF-8"):
        Findings.load(folder)


def test_a_folder_of_something_else_is_neither_read_nor_replaced(findings, tmp_path):
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious")
    with pytest.raises(UserError, match="holds no findings"):
        Findings.load(folder)
    with pytest.raises(UserError, match="holds no findings; name a new folder"):
        findings.save(folder)
    assert (folder / "thesis.tex").read_text() == "precious"


def test_findings_are_ordered_by_any_field(findings):
    def values(field):
        return [flat(finding)[field] for finding in in_order(findings.findings, field)]

    p = [value for value in values("chance_p") if value is not None]
    assert p == sorted(p)
    auc = values("confirmation_auc")
    known = [value for value in auc if value is not None]
    assert known == sorted(known, key=abs, reverse=True)
    assert set(auc[len(known):]) == {None}  # those of graded patterns
    assert values("pattern") == sorted(values("pattern"))
    assert values("rank") == sorted(values("rank"))
    shown = summary(in_order(findings.findings, "selection_cohens_d"), sort="selection_cohens_d").splitlines()
    assert shown[0].endswith("  selection_cohens_d")
    with pytest.raises(UserError, match="did you mean 'chance_p'"):
        in_order(findings.findings, "chance_pp")
    assert in_order([], "chance_p") == []


def test_a_data_frame_has_a_row_for_each_finding(findings):
    pandas = pytest.importorskip("pandas")
    frame = findings.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) == len(findings.findings)
    assert frame["pattern"].tolist() == [finding.pattern for finding in findings.findings]
    ours = np.array([finding.confirmation.correlation for finding in findings.findings])
    np.testing.assert_array_equal(frame["confirmation_correlation"].to_numpy(float), ours)


def test_a_parquet_table_holds_every_unit_and_pattern(findings, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    read = parquet.read_table(findings.to_parquet(tmp_path / "all.parquet")).to_pylist()
    assert read == list(findings.all_rows())


class Frames:
    """What is used of pandas and pyarrow, which keeps what it is given."""

    DataFrame = staticmethod(list)

    class Table:
        from_pylist = staticmethod(list)

    @staticmethod
    def write_table(rows, file):
        file.write(json.dumps(rows).encode())


def test_tables_are_given_to_the_packages_row_by_row(findings, tmp_path, monkeypatch):
    for name in ("pandas", "pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, Frames)
    assert findings.to_pandas() == list(findings.rows())
    assert json.loads(findings.to_parquet(tmp_path / "t").read_bytes()) == list(findings.all_rows())


@pytest.mark.parametrize(("package", "give"), [("pandas", lambda findings, path: findings.to_pandas()),
                                               ("pyarrow", lambda findings, path: findings.to_parquet(path))])
def test_a_package_that_is_not_there_is_named(package, give, findings, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserError, match=f"{package} is not installed; 'pip install {package}' brings it"):
        give(findings, tmp_path / "t")
    assert not list(tmp_path.iterdir())


def rewritten(folder, change):
    """Change the content of a folder's manifest, which stays valid, and the arrays with it."""
    content = read_manifest(folder / "findings.json", "findings", VERSION)
    arrays = read_bundle(folder / "arrays.safetensors", content["arrays"])
    change(content, arrays)
    if "arrays" in content:
        content["arrays"] = write_bundle(folder / "arrays.safetensors", arrays)
    write_manifest(folder / "findings.json", "findings", VERSION, content)


def put(*path):
    """A change that puts the last of ``path`` where the others lead, or takes away what is there."""
    *way, last, value = path

    def change(content, arrays):
        place = content
        for step in way:
            place = place[step]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return change


GONE = object()
FIRST = "findings", 0
SETTLED = {"read": 10, "of": 90, "top": 5, "patterns": ["comma"], "open": []}


@pytest.mark.parametrize(("change", "wrong"), [
    (put("findings", GONE), "'findings' is missing"),
    (put("arrays", GONE), "'arrays' is missing|damaged"),
    (put("units", GONE), "'units' is missing"),
    (put("more", 1), "a strange key 'more'"),
    (put(*FIRST, "chance", GONE), r"findings\[0\] has no 'chance'"),
    (put(*FIRST, "chance", None), r"findings\[0\].chance is no object"),
    (put(*FIRST, "chance", "p", "x"), r"findings\[0\].chance.p is no number"),
    (put(*FIRST, "luck", 3), r"findings\[0\] has a strange key 'luck'"),
    (put(*FIRST, "rank", None), r"findings\[0\].rank is no whole number"),
    (put(*FIRST, "rank", 0), r"findings\[0\].rank is no whole number from 1"),
    (put(*FIRST, "rank", True), r"findings\[0\].rank is no whole number"),
    (put(*FIRST, "confirmation", "correlation", "x"), r"findings\[0\].confirmation.correlation is no number"),
    (put(*FIRST, "confirmation", "correlation", 10 ** 400), r"findings\[0\].confirmation.correlation is no number"),
    (put(*FIRST, "confirmation", "correlation", -5.0), r"findings\[0\].confirmation has correlation outside -1 to 1"),
    (put(*FIRST, "selection", "auc", 1.1), r"findings\[0\].selection has auc outside 0 to 1"),
    (put(*FIRST, "interval", "low", 9.0), r"findings\[0\].interval has correlation outside"),
    (put(*FIRST, "chance", "p", 2.0), r"findings\[0\].chance has a p that is no probability"),
    (put(*FIRST, "unit", "x"), r"findings\[0\].unit is no whole number"),
    (put(*FIRST, "unit", 999), r"findings\[0\].unit is none of the units"),
    (put(*FIRST, "layer", "9"), r"findings\[0\].unit is none of the units"),
    (put(*FIRST, "passage", 999), r"findings\[0\].passage is no whole number from 0"),
    (put(*FIRST, "pattern", "nothing"), r"findings\[0\].pattern is none of the patterns"),
    (put(*FIRST, "ngrams", 0, [1]), r"findings\[0\].ngrams\[0\] is no object"),
    (put(*FIRST, "ablation", {}), r"findings\[0\].ablation has no 'characters'"),
    (put(*FIRST, "probes", [5]), r"findings\[0\].probes\[0\] is no object"),
    (put("findings", 5), "findings is no list"),
    (put("passages", GONE), "'passages' is missing"),
    (put("passages", []), r"findings\[0\].passage is no whole number"),
    (put("passages", 0, "text", "short"), "the array passages/0/labels is float32 of shape"),
    (put("passages", 0, "scales", []), r"passages\[0\].scales has not every layer and signal"),
    (put("passages", 0, "scales", 0, 2, None), r"passages\[0\].scales is no number"),
    (put("passages", 0, "scales", 0, 2, 1e9), r"passages\[0\].scales has a low end above"),
    (put("units", {}), "units is no list"),
    (put("units", []), "units is empty"),
    (put("units", 0, 2, [1, 1]), r"units\[0\] has something twice"),
    (put("patterns", 0, "kind", "odd"), r"patterns\[0\].kind is neither boolean nor graded"),
    (put("patterns", 0, "name", "comma"), "patterns has a name twice"),
    (put("patterns", 0, "size", 1), r"patterns\[0\] has a strange key 'size'"),
    (put("provenance", []), "provenance is no object"),
    (put("provenance", "settled", {"read": 1}), "provenance.settled has no 'of'"),
    (put("provenance", "settled", SETTLED | {"read": "all"}), "provenance.settled.read is no whole number"),
    (put("provenance", "settled", SETTLED | {"open": ["\x1b[2J"]}), r"provenance.settled names '\\x1b\[2J', "),
    (put("log", [{"loss": 1}]), r"log\[0\] has no step"),
    (put("log", [{"step": 1, "loss": None}]), r"log\[0\].loss is no number"),
    (put("recurrence", {"run": "a"}), "recurrence has no 'checkpoint'"),
    (lambda content, arrays: arrays.pop("passages/0/labels"), "the array passages/0/labels is missing"),
    (lambda content, arrays: arrays.update({"measures/selection/auc": np.zeros(3)}),
     "the array measures/selection/auc is float64"),
    (lambda content, arrays: arrays["measures/selection/spearman"].fill(1e308),
     "the array measures/selection/spearman has spearman outside -1 to 1"),
])
def test_what_this_version_never_wrote_is_refused_in_a_line(saved, tmp_path, capsys, change, wrong):
    folder = shutil.copytree(saved, tmp_path / "findings")
    rewritten(folder, change)
    with pytest.raises(UserError, match=wrong) as refusal:
        Findings.load(folder)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 300
    for command in (["findings", str(folder)], ["gallery", str(folder), "--out", str(tmp_path / "page.html")]):
        assert main(command) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_folder_with_a_sound_change_is_read(saved, tmp_path):
    folder = shutil.copytree(saved, tmp_path / "findings")
    rewritten(folder, put(*FIRST, "rank", 7))
    assert Findings.load(folder).findings[0].rank == 7
    rewritten(folder, put("provenance", "settled", SETTLED))
    assert "\n\nranked only, on 10 of 90 characters: the best 5 units are settled" in str(Findings.load(folder))


def test_a_new_scan_takes_nothing_of_somebody_s_with_it(saved, findings, tmp_path, capsys):
    folder = shutil.copytree(saved, tmp_path / "findings")
    findings.save(folder)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"findings: holds what no scan wrote \('notes.txt'\) beside findings, which "
                                        "would go too"):
        findings.save(folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_the_best_none_are_refused(saved, capsys):
    assert main(["findings", str(saved), "--top", "0"]) == 1
    assert "--top must be 1 or more; received 0" in capsys.readouterr().err
