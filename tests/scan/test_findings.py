"""The findings folder: what goes in comes out, and what is damaged or strange is refused."""

import csv
import dataclasses
import json
import sys

import numpy as np
import pytest

from probe.errors import UserError
from probe.scan import Findings
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
    assert {line.split()[0] for line in lines[1:-1]} == named, lines
    absent = {pattern.name for pattern in findings.patterns} - named
    assert set(lines[-1].removeprefix("not in the selection text: ").split(", ")) == absent
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
