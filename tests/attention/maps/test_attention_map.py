"""What an attention map holds, refuses, and gives back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.attention import AttentionMap, AttentionMaps
from probe.errors import UserError

PLAIN = AttentionMap(source=("5", "/", "11"), target=("1", "1"), weights=[[[0.25, 0.25, 0.5], [0, 0, 1]]],
                     probabilities=[0.5, 1], effects=[[0.5, 0, -2], [0, 0, -3.25]], heading="2016-11-05",
                     remarks=("agrees",))
TWO = replace(PLAIN, weights=np.full((2, 2, 3), 1 / 3, np.float32), heads=("near", "far"))


def test_numbers_are_kept_as_float64_that_nobody_writes_to():
    mine = np.full((1, 2, 3), 1 / 3)
    kept = replace(PLAIN, weights=mine, source="5/1")
    mine[:] = 0
    assert kept.weights.all() and kept.source == ("5", "/", "1")
    assert TWO.weights.dtype == PLAIN.weights.dtype == PLAIN.effects.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        kept.weights[:] = 0


@pytest.mark.parametrize(("fields", "message"), [
    ({"source": ()}, "tokens on both sides; received 0 of the source and 2 of the target"),
    ({"target": ("1",)}, r"1 rows and 3 columns needs weights of shape \(heads, 1, 3\); received \(1, 2, 3\)"),
    ({"source": (5, 1, 2)}, "source must be strings; received '5'"), ({"heading": None}, "heading must be a string"),
    ({"weights": np.eye(3)[:2]}, r"received \(2, 3\)"), ({"weights": np.zeros((0, 2, 3))}, r"received \(0, 2, 3\)"),
    ({"weights": np.full((1, 2, 3), np.nan)}, r"finite weights; received nan at \[0, 0, 0\]"),
    ({"weights": [[[1.5, -0.5, 0], [0, 0, 1]]]}, r"not be below 0; received -0.5 at \[0, 0, 1\]"),
    ({"weights": [[[0, 0, 1], [0, 0.5, 0.499]]]}, "row 1 of head 0 sums to 0.999"),
    ({"weights": [[[0, 0, 1], [0, 1]]]}, "rows of different lengths"),
    ({"weights": [[["a", "b", "c"]] * 2]}, "array of numbers; received <U1"),
    ({"heads": ("one", "two")}, "1 heads needs a name for each or none; received 2"),
    ({"probabilities": [0.5]}, r"probabilities of shape \(2,\); received \(1,\)"),
    ({"probabilities": [0.5, 0]}, r"above 0 and up to 1; received 0.0 at \[1\]"),
    ({"probabilities": [1.5, 1]}, r"received 1.5 at \[0\]"), ({"probabilities": [np.inf, 1]}, "finite probabilities"),
    ({"effects": [[0, 0, 0]]}, r"effects of shape \(2, 3\); received \(1, 3\)"),
    ({"effects": [[0, 0, 0], [0, -np.inf, 0]]}, r"finite effects; received -inf at \[1, 1\]"),
])
def test_what_does_not_fit_together_is_refused_in_one_line(fields, message):
    with pytest.raises(UserError, match=message) as refused:
        replace(PLAIN, **fields)
    assert "\n" not in str(refused.value)


def alike(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name))
               for name in ("source", "target", "weights", "heading", "remarks", "heads")) and all(
        (getattr(one, name) is None) == (getattr(other, name) is None)
        and (getattr(one, name) is None or np.array_equal(getattr(one, name), getattr(other, name)))
        for name in ("probabilities", "effects"))


@given(st.data())
def test_plain_values_give_the_map_back_to_the_last_bit(data):
    heads, rows, columns = (data.draw(st.integers(1, 3)) for _ in range(3))
    raw = np.array(data.draw(st.lists(st.floats(1e-6, 1), min_size=heads * rows * columns,
                                      max_size=heads * rows * columns))).reshape(heads, rows, columns)
    words = st.text(max_size=3)
    some = AttentionMap(
        data.draw(st.lists(words, min_size=columns, max_size=columns)),
        data.draw(st.lists(words, min_size=rows, max_size=rows)), raw / raw.sum(axis=-1, keepdims=True),
        probabilities=data.draw(st.none() | st.lists(st.floats(1e-9, 1), min_size=rows, max_size=rows)),
        effects=data.draw(st.none() | st.just(raw[0] - 0.5)), heading=data.draw(words),
        remarks=data.draw(st.lists(words)))
    written = json.dumps(some.to_json(), allow_nan=False)
    assert alike(AttentionMap.from_json(json.loads(written)), some)


@pytest.mark.parametrize(("changed", "message"), [
    ({"kind": "text explanation"}, "kind 'attention map'; received 'text explanation'"),
    ({"version": 2}, "newer probe: it has format version 2; this probe reads version 1: update"),
    ({"extra": 1}, "missing or unknown: 'extra'"),
    ({"weights": 1}, "weights must be a list"), ({"weights": [1]}, "nested 3 deep"),
    ({"weights": [[["0.5"]]]}, "weights must be numbers"),
    ({"weights": [[[True]]]}, "weights must be numbers"), ({"weights": [[[10 ** 400]]]}, "64 bits"),
    ({"weights": [[[1], [1, 2]]]}, "rows of one length"), ({"source": "abc"}, "source must be a list"),
    ({"source": [1, 2, 3]}, "source must be strings"), ({"effects": []}, "effects"), ({"heading": 3}, "heading"),
    ({"probabilities": {}}, "probabilities must be a list"),
])
def test_plain_values_of_anything_else_are_refused(changed, message):
    with pytest.raises(UserError, match=message) as refused:
        AttentionMap.from_json({**PLAIN.to_json(), **changed})
    assert "\n" not in str(refused.value)
    with pytest.raises(UserError, match="received 'list'"):
        AttentionMap.from_json([])


def test_several_maps_are_a_sequence_with_a_title():
    both = AttentionMaps(iter((PLAIN, TWO)), "dates")
    assert list(both) == [PLAIN, TWO] and len(both) == 2 and both[1] is TWO and both[1:].title == "dates"
    assert both[:1][0] is PLAIN and repr(both).startswith("AttentionMaps(AttentionMap('2016-11-05', 2 × 3 tokens), ")
    again = AttentionMaps.from_json(json.loads(json.dumps(both.to_json())))
    assert all(alike(one, other) for one, other in zip(both, again, strict=True))
    for wrong in ((), (1,)):
        with pytest.raises(UserError, match="attention maps must be"):
            AttentionMaps(wrong)
    with pytest.raises(UserError, match="must be a list; received dict"):
        AttentionMaps.from_json({})


@pytest.mark.parametrize("shown", [PLAIN, TWO, AttentionMaps((PLAIN, TWO), "dates")], ids=["one", "heads", "several"])
def test_every_view_shows_what_the_map_holds(shown, tmp_path):
    page = shown.to_html(tmp_path / "map.html").read_text("utf-8")
    fragment, lines, figure = shown._repr_html_(), shown.to_terminal(80, "none"), shown.figure()
    for text in (page, fragment, lines):
        assert "2016-11-05" in text and "agrees" in text
    assert "<html" in page and "<html" not in fragment
    assert all(len(line) <= 80 for line in lines.splitlines())
    # The tests' output is no terminal, and takes no colours.
    assert str(shown).strip() and "\x1b" not in str(shown)
    figure.savefig(tmp_path / "map.pdf")
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")
