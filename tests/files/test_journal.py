import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.files import append_line, journal_size, read_lines, truncate_journal


@given(st.integers(0, 6), st.data())
def test_a_journal_cut_anywhere_keeps_its_whole_lines_and_goes_on(tmp_path_factory, count, data):
    path = tmp_path_factory.mktemp("journal") / "log.jsonl"
    for number in range(count):
        append_line(path, {"step": number, "note": "ü\n"})
    raw = path.read_bytes() if count else b""
    cut = data.draw(st.integers(0, len(raw)))
    path.write_bytes(raw[:cut])
    whole = raw[:cut].count(b"\n")
    assert [line["step"] for line in read_lines(path)] == list(range(whole))
    append_line(path, {"step": "next"})
    assert [line["step"] for line in read_lines(path)] == [*range(whole), "next"]


def test_truncating_drops_what_came_after(tmp_path):
    path = tmp_path / "log.jsonl"
    assert journal_size(path) == 0
    append_line(path, {"step": 1})
    size = journal_size(path)
    assert size == path.stat().st_size
    append_line(path, {"step": 2})
    truncate_journal(path, size)
    assert read_lines(path) == [{"step": 1}]
    truncate_journal(tmp_path / "missing", 0)
    assert not (tmp_path / "missing").exists()


def test_a_journal_that_is_shorter_than_it_was_is_told_and_kept(tmp_path):
    path = tmp_path / "log.jsonl"
    append_line(path, {"step": 1})
    with pytest.warns(UserWarning, match=r"log\.jsonl: has 12 bytes and had 112: some of its lines are lost"):
        truncate_journal(path, 112)
    assert read_lines(path) == [{"step": 1}]
    with pytest.warns(UserWarning, match="missing: has 0 bytes and had 5"):
        truncate_journal(tmp_path / "missing", 5)
    assert not (tmp_path / "missing").exists()


def test_a_journal_does_not_bring_back_a_folder_that_was_removed(tmp_path):
    with pytest.raises(UserError, match=r"log\.jsonl: cannot write: its folder was removed or renamed"):
        append_line(tmp_path / "gone" / "log.jsonl", {"step": 1})
    assert not (tmp_path / "gone").exists()


def test_a_missing_journal_is_empty(tmp_path):
    assert read_lines(tmp_path / "missing") == []


@pytest.mark.parametrize(("line", "fault"), [
    (b"{broken", "JSON"), (b"\xff", "JSON"), (b"[" * 100_000, "JSON"), (b"9" * 5000, "JSON"),
    (b"5", "a JSON object"), (b"[]", "a JSON object"), (b"null", "a JSON object"),
], ids=["broken", "no text", "too deep", "too many digits", "number", "list", "null"])
def test_a_damaged_line_is_told(line, fault, tmp_path):
    (tmp_path / "log.jsonl").write_bytes(json.dumps({"step": 1}).encode() + b"\n" + line + b"\n")
    with pytest.raises(UserError, match=rf"log\.jsonl: damaged: line 2 is not {fault}"):
        read_lines(tmp_path / "log.jsonl")


def test_nothing_is_written_of_a_record_that_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        append_line(tmp_path / "log.jsonl", {"loss": float("nan")})
    assert not (tmp_path / "log.jsonl").exists()


def test_a_folder_in_the_way_is_told(tmp_path):
    for act in (lambda: append_line(tmp_path, {}), lambda: journal_size(tmp_path)):
        with pytest.raises(UserError, match=str(tmp_path)):
            act()
