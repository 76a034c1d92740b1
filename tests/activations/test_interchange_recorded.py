"""Arrays that anybody brings, laid on the characters of their text and scanned without TensorFlow."""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.activations import Recorded
from probe.corpus import Corpus
from probe.errors import UserError
from probe.scan import ScanOptions, scan

LINE = "The cat ran over a bridge.\nNobody had told it, and it was cold.\n"
TEXT = LINE * 60
N = len(TEXT)


def numbers(rows=N, units=5, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, units))


def collected(recorded):
    """(layer, signal) → rows of the segment, put together from the blocks' own positions."""
    out = {source: np.full((len(recorded.segment), len(units)), np.nan, np.float32)
           for source, units in recorded.units.items()}
    for block in recorded:
        for source, values in block.activations.items():
            assert values.dtype == np.float32
            for start, rows in zip(block.starts - recorded.segment.start, values, strict=True):
                out[source][start:start + block.length] = rows
    return out


def columns(text):
    return np.array([place - (text.rfind("\n", 0, place) + 1) for place in range(len(text))], float)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint16", "bool", ">f4"])
def test_arrays_of_any_numbers_are_read_as_they_are(dtype):
    array = (numbers() * 4 if dtype != "bool" else numbers() > 0).astype(dtype)
    found = collected(Recorded.of(array, TEXT))
    assert list(found) == [("1", "hidden")]
    np.testing.assert_array_equal(found["1", "hidden"], array.astype(np.float32))


def test_a_memory_mapped_array_is_read_in_blocks(tmp_path):
    array = np.lib.format.open_memmap(tmp_path / "acts.npy", "w+", np.float32, (N, 3))
    array[:] = numbers(units=3)
    recorded = Recorded.of(np.load(tmp_path / "acts.npy", mmap_mode="r"), Corpus.of(TEXT))
    np.testing.assert_array_equal(collected(recorded)["1", "hidden"], array)
    assert recorded.segment.stop == N


def test_wide_arrays_come_in_blocks_of_bounded_size(monkeypatch):
    monkeypatch.setattr("probe.activations.interchange.recorded.NUMBERS", 1 << 12)
    array = numbers(units=16)
    recorded = Recorded.of(array, TEXT).part(0, N - 100)
    assert {block.length for block in recorded} == {256, 156}
    np.testing.assert_array_equal(collected(recorded)["1", "hidden"], array[:-100].astype(np.float32))


def test_names_say_layer_and_signal():
    arrays = {("1", "cell"): numbers(), "2/forget_gate": numbers(), "dense": numbers(), "block/forward": numbers(),
              "block/forward/hidden": numbers()}
    recorded = Recorded.of(arrays, TEXT)
    assert list(recorded.units) == [("1", "cell"), ("2", "forget_gate"), ("dense", "output"),
                                    ("block/forward", "output"), ("block/forward", "hidden")]
    assert recorded.units["dense", "output"] == range(5)
    chosen = Recorded.of({"2/cell": numbers(units=2)}, TEXT, units={"2/cell": [7, 3]})
    assert chosen.units["2", "cell"] == (7, 3)


def test_a_scan_finds_what_was_planted_with_the_score_that_numpy_gives():
    array = numbers(units=20)
    truth = columns(TEXT)
    array[:, 11] = 0.1 * truth + 0.3 * array[:, 11]
    ranking, testing = Recorded.of(array, TEXT).halves()
    assert (ranking.segment.stop, testing.segment.stop) == (N // 2, N) and testing.segment.start == N // 2
    findings = scan(ranking, testing, ScanOptions(patterns="column,word_start"), show=False)
    best = next(finding for finding in findings.findings if finding.pattern == "column")
    assert (best.layer, best.signal, best.unit) == ("1", "hidden", 11)
    for segment, scores in ((slice(0, N // 2), best.selection), (slice(N // 2, N), best.confirmation)):
        assert scores.correlation == pytest.approx(np.corrcoef(array[segment, 11], truth[segment])[0, 1], abs=1e-5)
    assert findings.provenance["recorded"] == {"rows": N, "row_of": "character", "alignment": "read"}
    json.dumps(dict(findings.provenance))


def test_units_keep_their_own_indices_in_what_is_found():
    array = numbers(units=3)
    array[:, 1] += columns(TEXT)
    recorded = Recorded.of({"2/cell": array}, TEXT, units={"2/cell": [40, 17, 99]})
    findings = scan(*recorded.halves(), ScanOptions(patterns="column"), show=False)
    assert findings.findings[0].label == "2:17 cell"


def test_predicted_rows_are_moved_back_to_the_character_that_was_read():
    array = numbers()
    whole = Recorded.of(array, TEXT, alignment="predicted")
    assert (whole.segment.start, whole.segment.stop) == (0, N - 1)
    np.testing.assert_array_equal(collected(whole)["1", "hidden"], array[1:].astype(np.float32))
    without_first = Recorded.of(array[1:], TEXT, alignment="predicted")
    np.testing.assert_array_equal(collected(without_first)["1", "hidden"], array[1:].astype(np.float32))
    with pytest.raises(UserError, match="no alignment is called 'behind'"):
        Recorded.of(array, TEXT, alignment="behind")


@given(st.data())
def test_a_token_s_row_lies_on_its_characters_and_up_to_the_next(data):
    pieces = data.draw(st.lists(st.tuples(st.text("ab", min_size=1, max_size=4), st.text(" ", max_size=3)), min_size=2,
                                max_size=12))
    lead = data.draw(st.text(" ", max_size=2))
    text, spans, owner = lead, [], []
    for number, (token, gap) in enumerate(pieces):
        spans.append((len(text), len(text) + len(token)))
        text += token + gap
        owner += [number] * len(token + gap)
    text += "..." if len(text) < 3 else ""
    owner += [len(pieces) - 1] * (len(text) - len(lead) - len(owner))
    array = numbers(len(pieces), 2)
    recorded = Recorded.of(array, text, spans=spans)
    assert recorded.segment.start == len(lead)
    np.testing.assert_array_equal(collected(recorded)["1", "hidden"], array.astype(np.float32)[owner])
    later = Recorded.of(array, text, spans=spans, alignment="predicted")
    kept = [number for number in owner if number < len(pieces) - 1]
    np.testing.assert_array_equal(collected(later)["1", "hidden"], array.astype(np.float32)[np.array(kept) + 1])
    again = Recorded.of(array[1:], text, spans=spans, alignment="predicted")
    np.testing.assert_array_equal(collected(again)["1", "hidden"], collected(later)["1", "hidden"])


@pytest.mark.parametrize(("text", "rows", "words"), [
    (TEXT, N - 1, r"the text ends with 1 characters of newline that the network did not read: give text\[:-1\]"),
    ("no newline at the end" * 9, 9 * 21 - 1, r"give text\[:-1\]\), or .* \(then say alignment='predicted'\)"),
    (TEXT, N + 1, r"give rows \[1:\]"),
    ("\ufeff" + TEXT, N, "byte-order mark that the network did not read"),
    (TEXT.replace("\n", "\r\n"), N, r"read each \\r\\n as one newline"),
    ("naïve café\n" * 9, 13 * 9, "as many as it has bytes in UTF-8"),
    ("a 😀 and b\n" * 9, 12 * 9 - 9, "as many as it has units of UTF-16"),
    (TEXT, 60 * 14, "as many as it has words: give spans"),
    ("  padded  ", 6, "without white space around it"),
    (TEXT, 77, "they are not of this text"),
])
def test_an_array_of_another_length_is_refused_with_the_likely_cause(text, rows, words):
    with pytest.raises(UserError, match=words) as refused:
        Recorded.of(numbers(rows), text)
    assert f"{rows:,} rows for a text of {len(text):,} characters" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("array", "words"), [
    (numbers().T, r"give its transpose, array\.T"),
    (numbers()[None], r"the shape \(1, 3840, 5\).*as by array\[0\]"),
    (numbers()[:, 0], r"the shape \(3840,\)"),
    (np.full((N, 2), "a"), "holds <U1; floats or whole numbers are needed"),
    (np.full((N, 2), None), "holds object"),
    (np.ones((N, 2), complex), "holds complex128"),
    (np.ones((N, 0)), r"the shape \(3840, 0\)"),
    ({}, "no activations were given"),
    ({"a": numbers(), "b": numbers(9)}, "a/output with 3,840, b/output with 9"),
    ({"2/cell": numbers(), ("2", "cell"): numbers()}, "mean the same layer and signal"),
    ({("2", "state"): numbers()}, "a signal must be one of hidden, cell, .*; received 'state'"),
    ({7: numbers()}, "received 7"),
    ({"a\x1b[2J": numbers()}, "printable characters"),
    ([[1, 2], [3]], "cannot be read as a numpy array"),
])
def test_what_is_no_array_of_activations_is_refused(array, words):
    with pytest.raises(UserError, match=words):
        Recorded.of(array, TEXT)


@pytest.mark.parametrize(("spans", "words"), [
    ([(0, 3), (2, 5)], "token 1 spans 2 to 5"),
    ([(0, 3), (3, 3)], "token 1 spans 3 to 3"),
    ([(0, 3), (5, N + 1)], "within the 3,840 of the text"),
    ([(-1, 3), (5, 6)], "token 0 spans -1 to 3"),
    ([(0, 3)], "2 rows for 1 tokens"),
    ([0, 3], r"received an array of int64 and the shape \(2,\)"),
    ([(0.0, 3.0), (4.0, 5.0)], "received an array of float64"),
])
def test_spans_that_are_none_are_refused(spans, words):
    with pytest.raises(UserError, match=words):
        Recorded.of(numbers(2), TEXT, spans=spans)


def test_one_token_alone_has_no_row_that_predicts_another():
    with pytest.raises(UserError, match="1 tokens have no row after the first was read"):
        Recorded.of(numbers(1), TEXT, spans=[(0, 3)], alignment="predicted")


@pytest.mark.parametrize("units", [{"1/hidden": [0, 1]}, {"1/hidden": [0, 1, 2, 3, 3]}, {"1/hidden": [-1, 1, 2, 3, 4]},
                                   {"1/hidden": [0, 1, 2, 3, 1 << 24]}, {"1/hidden": []},
                                   {"2/hidden": [0, 1, 2, 3, 4]}])
def test_indices_that_are_no_units_are_refused(units):
    with pytest.raises(UserError, match=r"indices, 0 to 16,777,215, each once|units are given of 2/hidden"):
        Recorded.of(numbers(), TEXT, units=units)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_what_is_not_finite_as_float32_is_refused_with_its_place(value):
    array = numbers()
    array[1234, 3] = value
    recorded = Recorded.of({"2/cell": array}, TEXT, units={"2/cell": [5, 6, 7, 8, 9]})
    with pytest.raises(UserError, match=r"2/cell: unit 8 is (nan|inf) as float32 in row 1,234"):
        list(recorded)


@pytest.mark.parametrize(("start", "stop"), [(0, N + 1), (-1, 5), (5, 5), (7, 3)])
def test_a_part_that_has_no_activations_is_refused(start, stop):
    with pytest.raises(UserError, match="a part must lie within"):
        Recorded.of(numbers(), TEXT).part(start, stop)


def test_from_array_to_page_without_tensorflow(tmp_path):
    code = textwrap.dedent(f"""
        import sys

        class Refusing:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in ("tensorflow", "keras"):
                    raise ImportError(name + " is not wanted here")

        sys.meta_path.insert(0, Refusing())
        from pathlib import Path

        import numpy as np

        from probe.activations import Recorded, export_lstmvis, export_npz, recorded_in_lstmvis, recorded_in_npz
        from probe.gallery import build_gallery
        from probe.scan import ScanOptions, scan

        text = {LINE!r} * 60
        recorded = Recorded.of(np.random.default_rng(0).normal(size=(len(text), 8)), text)
        export_npz(recorded, "acts.npz", show=False)
        export_lstmvis(recorded, "project", show=False)
        with recorded_in_npz("acts.npz") as first, recorded_in_lstmvis("project/lstm.yml") as second:
            for again in (first, second):
                findings = scan(*again.halves(), ScanOptions(patterns="column,word_start"), show=False)
        build_gallery(findings, Path("gallery.html"))
    """)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "gallery.html").stat().st_size > 10_000
