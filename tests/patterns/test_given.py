"""Labels from files."""

import json
import pickle
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from probe.corpus import Corpus
from probe.corpus.document import Document
from probe.errors import UserError
from probe.patterns import DocumentParts, GivenLabels, Labeller
from probe.patterns.given import _read
from probe.patterns.spans import Spans, painted


def given(folder: Path, name: str, content: object, characters: int = 5, sha256: str | None = None) -> GivenLabels:
    path = folder / name
    if isinstance(content, np.ndarray):
        np.save(path, content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return GivenLabels.of("mine", path, characters, sha256)


@pytest.mark.parametrize(("name", "content", "wanted"), [
    ("a.npy", np.array([True, False, True, True, False]), [True, False, True, True, False]),
    ("a.npy", np.array([0, 1, 1, 0, 0], np.int64), [False, True, True, False, False]),
    ("a.npy", np.array([0.5, -2, 0, 1, 1], np.float64), [0.5, -2, 0, 1, 1]),
    ("a.txt", "01\n01 1\n", [False, True, False, True, True]),
    ("a.txt", "01290", [0, 1, 2, 9, 0]),
    ("a.csv", "0\n1\n0.5\n1e3\n-1\n", [0, 1, 0.5, 1000, -1]),
    ("a.csv", "0,1,0,1,1", [False, True, False, True, True]),
    ("a.json", [0, 1, 2, 0, 0], [0, 1, 2, 0, 0]),
    ("a.json", [True, False, False, False, False], [True, False, False, False, False]),
    ("a.json", [[1, 3], [4, 5]], [False, True, True, False, True]),
    ("a.json", [{"start": 0, "stop": 4, "value": 2}, {"start": 3, "stop": 5}], [2, 2, 2, 1, 1]),
    ("a.json", {"labels": [[0, 2]]}, [True, True, False, False, False]),
    ("a.json", {"labels": [0, 1, 0, 0, 3], "sha256": "ab"}, [0, 1, 0, 0, 3]),
    ("a.json", [[2, 2]], [False] * 5),
])
def test_forms(tmp_path: Path, name: str, content: object, wanted: list) -> None:
    pattern = given(tmp_path, name, content)
    labels = pattern.label(Document.of("abcde"))
    assert labels.tolist() == wanted
    assert pattern.kind == ("boolean" if isinstance(wanted[0], bool) else "graded")
    assert labels.dtype == (bool if pattern.kind == "boolean" else np.float32)
    assert pattern.meaning == f"given by {name}"


def test_a_file_may_say_what_its_labels_mean(tmp_path: Path) -> None:
    pattern = given(tmp_path, "a.json", {"meaning": "in the year", "labels": [[1, 3]]})
    assert pattern.meaning == "in the year" and pattern.label(Document.of("abcde")).tolist() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize("meaning", ["", "two\nlines", "\x1b[1m", 5, "x" * 301])
def test_what_is_no_line_is_no_meaning(tmp_path: Path, meaning: object) -> None:
    with pytest.raises(UserError, match="a line of at most 300 printable characters"):
        given(tmp_path, "a.json", {"meaning": meaning, "labels": [[1, 3]]})


def test_labels_lie_by_position_in_the_whole_text(tmp_path: Path) -> None:
    values = np.arange(1000, dtype=np.float32)
    pattern = given(tmp_path, "a.npy", values, 1000)
    for source in (Corpus.of("word " * 200), DocumentParts(Document.of("word " * 200))):
        labeller = Labeller([pattern], source, window=64)
        assert labeller.labels(371, 500)[:, 0].tolist() == values[371:500].tolist()
    assert Document.of("abcdef").part(1, 5).part(2, 3).offset == 3


def test_it_travels_as_the_name_of_its_file(tmp_path: Path) -> None:
    pattern = given(tmp_path, "a.txt", "01010")
    copy = pickle.loads(pickle.dumps(pattern))
    assert copy == pattern and hash(copy) == hash(pattern)
    (tmp_path / "a.txt").write_text("11111", encoding="utf-8")
    _read.cache_clear()
    with pytest.raises(UserError, match="has changed since it was read first"):
        copy.label(Document.of("abcde"))


@pytest.mark.parametrize(("name", "content", "message"), [
    ("a.npy", np.zeros(6), "labels 6 characters; received a text of 5"),
    ("a.npy", np.zeros((5, 2)), r"must hold one number a character; received float64 of shape \(5, 2\)"),
    ("a.npy", np.array(["a"] * 5), "must hold one number a character; received <U1"),
    ("a.npy", np.array([0, 1, np.nan, 1, 1]), "label 2 is not finite"),
    ("a.txt", "0101", "labels 4 characters; received a text of 5"),
    ("a.txt", "01x01", "one digit a character; received another sign after 2 of them"),
    ("a.csv", "0\n1\nx\n1\n1", "numbers parted by line breaks or commas: could not convert string to float: 'x'"),
    ("a.csv", "", "labels 0 characters"),
    ("a.json", [1, [2], 3, 4, 5], "must hold one number a character"),
    ("a.json", [1, "x", 3, 4, 5], "must hold one number a character"),
    ("a.json", [[1]], r"span 0 must be \[start, stop\]"),
    ("a.json", [[0, 1], [1, "x"]], r"span 1 must be \[start, stop\] or .*; received \[1, \"x\"\]"),
    ("a.json", [[0, 6]], "span 0 must lie within a text of 5 characters"),
    ("a.json", [[3, 2]], "span 0 must lie within"),
    ("a.json", [{"start": 0, "stop": 2, "value": "high"}], "have a number within .* as its value"),
    ("a.json", [{"begin": 0}], r"span 0 must be \[start, stop\]"),
    ("a.json", "5", "must hold one number a character"),
    ("a.json", {"spans": []}, 'an object must be {"labels": list'),
    ("a.json", "{", "not valid JSON"),
    ("a.json", "[1" + "0" * 400 + ",0,0,0,0]", "is not finite|one number a character"),
    ("a.dat", "0", "labels are read from .npy, .csv, .txt, .json"),
])
def test_what_is_refused(tmp_path: Path, name: str, content: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        given(tmp_path, name, content)


def test_labels_of_another_text_are_refused(tmp_path: Path) -> None:
    content = {"labels": [0, 1, 0, 1, 0], "sha256": "ab" * 32}
    assert given(tmp_path, "a.json", content, sha256="ab" * 32).kind == "boolean"
    with pytest.raises(UserError, match="belongs to a text with sha256 abababababab…; received one with cdcdcd"):
        given(tmp_path, "b.json", content, sha256="cd" * 32)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        GivenLabels.of("mine", tmp_path / "none.npy", 5)


@pytest.mark.parametrize(("name", "content", "message"), [
    ("a.json", [[0, 2, 10 ** 400]], "a number within ±1e.15 as its value"),
    ("a.json", [0.5, 10 ** 400, 0, 0, 0], "one number a character"),
    ("a.json", [0.5, 1e300, 0, 0, 0], r"label 1 is beyond ±1e.15"),
    ("a.csv", "0\n1e300\n0\n1\n1", r"label 1 is beyond ±1e.15"),
    ("a.npy", np.array([0, 1, 1e300, 1, 1]), r"label 2 is beyond ±1e.15"),
    ("a.npy", np.array([0, -2 ** 63, 1, 1, 1]), r"label 1 is beyond ±1e.15"),
    ("a.npy", np.array([0, np.inf, 1, 1, 1], np.float16), "label 1 is not finite"),
])
def test_labels_too_large_are_refused(tmp_path: Path, name: str, content: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        given(tmp_path, name, content)


@hypothesis.given(st.data())
def test_later_spans_paint_over_earlier_ones(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 70))
    places = st.integers(0, length)
    spans = data.draw(st.lists(st.tuples(places, places).map(sorted), max_size=12))
    wanted = np.zeros(length, np.float32)
    for number, (start, stop) in enumerate(spans, start=1):
        wanted[start:stop] = number
    starts, stops = np.array(spans, np.int64).reshape(-1, 2).T
    made = painted(Spans(starts, stops), np.arange(1, len(spans) + 1, dtype=np.float32), length)
    np.testing.assert_array_equal(made, wanted)
