"""What a page carries, decoded here by other means than its script, is what the findings hold."""

import base64
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from probe.gallery.packing import packed_labels, packed_rows, packed_scores, packed_shares, packed_text
from probe.scan.portrait import BANDS


def decoded(text: str, dtype: str = "u1") -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


@given(arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 5))))
def test_a_unit_is_cut_out_of_its_passage_alone(levels):
    text, wide = packed_rows(levels), -(-len(levels) // 3) * 4
    for unit in range(levels.shape[1]):
        np.testing.assert_array_equal(decoded(text[unit * wide:(unit + 1) * wide])[:len(levels)], levels[:, unit])


@given(arrays(np.float64, 7, elements=st.floats(-3, 3)), st.sampled_from(["boolean", "graded"]))
def test_labels(labels, kind):
    track = packed_labels(labels, kind)
    if kind == "boolean":
        np.testing.assert_array_equal(np.unpackbits(decoded(track["bits"]))[:7], labels > 0.5)
    else:
        found = track["low"] + decoded(track["bytes"]) / 255 * (track["high"] - track["low"])
        np.testing.assert_allclose(found, labels, atol=(track["high"] - track["low"]) / 509)


def test_scores_and_shares():
    scores = np.array([[1.0, -1.0, np.nan], [0.004, -0.006, 0.655]])
    np.testing.assert_array_equal(decoded(packed_scores(scores), "i1"), [100, -100, -128, 0, -1, 66])
    np.testing.assert_array_equal(decoded(packed_shares(np.array([[0, 0.5], [1, 1.00001]])), "<u2"),
                                  [0, 32768, 65535, 65535])


def test_text_tells_what_belongs_together_and_what_is_spelt_out():
    packed = packed_text("ae\u0301\x00\n\u202e \U0001f1e9\U0001f1ea")
    assert packed["length"] == 9
    assert packed["joined"] == [[1, 3], [7, 9]]
    assert packed["spelt"] == {3: "␀", 5: "⟨U+202E⟩"}


def test_white_space_that_would_not_be_seen_is_told():
    assert packed_text("a b  \nc \t\n\u00a0d ")["blanks"] == [3, 4, 7, 10]


@pytest.fixture(scope="module")
def page(path):
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def data(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])


def test_every_unit_of_the_sweep_is_in_the_page(findings, page, data):
    passage = findings.passages[0]
    packed = re.search(r'id="bytes-0-0">(.*?)</script>', page, re.S)[1]
    wide = len(packed) // 48
    for unit in range(48):
        found = decoded(packed[unit * wide:(unit + 1) * wide])[:len(passage.text)]
        np.testing.assert_array_equal(found, passage.activations["1", "hidden"][:, unit])
    assert data["sources"][0]["scales"] == [list(passage.scales["1", "hidden"])]
    assert sorted(data["units"]) == sorted(f"unit-1-hidden-{unit}" for unit in range(48))


def test_correlations_of_every_unit_are_in_the_page(findings, data):
    for key, name in (("confirmed", "confirmation"), ("chosen", "selection")):
        found = decoded(data[key], "i1").astype(float).reshape(48, -1)
        expected = findings.measures[f"{name}/correlation"]
        np.testing.assert_array_equal(found == -128, np.isnan(expected))
        np.testing.assert_allclose(found[found != -128] / 100, expected[found != -128], atol=0.0051)


def test_what_the_network_expects_is_in_the_page(findings, data):
    passage, packed = findings.passages[0], data["passages"][0]
    np.testing.assert_array_equal(decoded(packed["expected"], "<u2").reshape(-1, packed["guesses"]), passage.expected)
    chances = decoded(packed["chances"], "<u2").reshape(-1, packed["guesses"]) / 65535
    np.testing.assert_allclose(chances, passage.chances, atol=1e-5)


def test_portraits_are_in_the_page(findings, data):
    for portrait in findings.portraits:
        packed = data["portraits"][f"unit-1-hidden-{portrait.unit}"]
        assert packed["counts"] == portrait.counts.tolist()
        share = decoded(packed["inside"]).reshape(len(findings.patterns), 40) / 255
        np.testing.assert_allclose(share * portrait.counts, portrait.inside, atol=portrait.counts.max() / 509)
        contexts = [context for _, band in packed["bands"] for context in band]
        for context in portrait.contexts:
            kept = next(each for each in contexts if each["where"] == f"{context.start + context.at:,}"
                        and each["text"] == context.text and each["at"] == context.at)
            np.testing.assert_array_equal(decoded(kept["levels"]), context.levels)
        assert [name for name, _ in packed["bands"]] == list(reversed(BANDS))
