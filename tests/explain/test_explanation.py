"""What an explanation holds, refuses, and says in each of its views."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.explain.explanation.explanation import LawKept, TextExplanation
from probe.explain.explanation.several import TextExplanations

TEXT = "Dull plot, dull end; but what a cast!"
PLAIN = TextExplanation(
    text=TEXT, tokens=("<pad>", "<s>", "dull", "plot", "dull", "<unk>"),
    offsets=np.array([[-1, -1], [-1, -1], [0, 4], [5, 9], [11, 15], [32, 36]]),
    weights=np.array([2.0, 0.25, -0.5, 0.125, -0.75, 1.0]), pads=np.array([True] + [False] * 5),
    target="good", score=1.5, scored="logit", label="bad", method="occlusion", layer="embedding",
    probabilities={"good": 0.25, "bad": 0.75}, check=LawKept("completeness: they add up", 2.25, 2.125),
    pad_share=2 / 4.625, norms=np.arange(6.0), heatmap=np.array([0.5, -1.0]), notes=("A note.",),
)
finite = st.floats(allow_nan=False, allow_infinity=False)


def test_repeated_tokens_keep_each_their_own_weight_and_place():
    assert PLAIN.spans == [("dull", [(0, 4)], -0.5), ("plot", [(5, 9)], 0.125), ("dull", [(11, 15)], -0.75),
                           ("<unk>", [(32, 36)], 1.0)]
    assert all(TEXT[start:stop].lower() == token for token, [(start, stop)], _ in PLAIN.spans[:3])
    assert PLAIN.document == TEXT and PLAIN.law_error == -0.125


def test_characters_get_the_weight_of_their_token_and_zero_between():
    by_hand = [0.0] * len(TEXT)
    for _, [(start, stop)], weight in PLAIN.spans:
        by_hand[start:stop] = [weight] * (stop - start)
    assert PLAIN.character_weights().tolist() == by_hand
    shared = replace(PLAIN, text="é", tokens=("a", "b", "c"), offsets=np.array([[0, 1]] * 3), norms=None,
                     weights=np.array([0.5, -0.75, 0.25]), pads=np.zeros(3, bool))
    assert shared.character_weights().tolist() == [-0.75]


def test_the_full_colour_is_the_largest_weight_that_is_no_pad():
    assert PLAIN.full_scale == 1.0 and replace(PLAIN, scale=4.0).full_scale == 4.0
    assert replace(PLAIN, weights=np.array([2.0, 0, 0, 0, 0, 0])).full_scale == 1.0
    assert "every weight is zero" in replace(PLAIN, weights=np.zeros(6)).to_terminal(80, "none")


@pytest.mark.parametrize(("fields", "message"), [
    ({"weights": np.zeros(5)}, r"6 tokens needs weights of shape \(6,\); received \(5,\)"),
    ({"pads": np.zeros((6, 1), bool)}, "needs pads of shape"),
    ({"offsets": np.zeros(6, np.int64)}, "needs offsets of shape"),
    ({"norms": np.zeros(7)}, "needs norms of shape"),
    ({"heatmap": np.zeros((1, 2, 3))}, r"heatmap must have shape \(T',\)"),
    ({"weights": np.array([0, 0, np.nan, 0, 0, 0])}, r"finite weights; received nan at \[2\]"),
    ({"heatmap": np.array([[0, np.inf]])}, r"finite heatmap; received inf at \[0, 1\]"),
    ({"offsets": PLAIN.offsets + [0, 2]}, r"37 characters.*received \(-1, 1\) for token 0"),
    ({"offsets": PLAIN.offsets + np.array([[0]] * 5 + [[2]])}, r"received \(34, 38\) for token 5"),
    ({"offsets": PLAIN.offsets[[0, 1, 4, 3, 2, 5]]}, r"in the order of the text; received \(11, 15\) for token 2"),
    ({"offsets": PLAIN.offsets.astype(float)}, "whole numbers; received float64"),
    ({"pads": np.zeros(6)}, "true or false; received float64"), ({"score": np.inf}, "finite score"),
    ({"scored": "softmax"}, "logit, probability, output; received 'softmax'"),
    ({"probabilities": {"a": np.nan}}, "probability of 'a'"), ({"pad_share": 1.5}, "from 0 to 1"),
    ({"scale": 0.0}, "above 0"), ({"check": LawKept("law", 0.0, np.nan)}, "finite found value"),
])
def test_what_does_not_fit_together_is_refused_in_one_line(fields, message):
    with pytest.raises(UserError, match=message) as refused:
        replace(PLAIN, **fields)
    assert "\n" not in str(refused.value)


def test_the_page_says_what_was_asked_what_was_found_and_what_lies_on_padding(tmp_path):
    page = PLAIN.to_html(tmp_path / "a.html", pads=True).read_text("utf-8")
    assert "<title>good: 25.0 %, logit 1.500; occlusion, at layer embedding</title>" in page
    facts = {"predicted": "bad", "weights for": "3.375", "against": "−1.250", "law expects": "2.250",
             "found": "2.125", "error": "−0.125", "on padding": "43.2 %"}
    assert all(f"<span>{name} <b>{value}</b></span>" in page for name, value in facts.items())
    for words in ("Probabilities: bad 75.0 %, good 25.0 %.", "Method: occlusion, at layer embedding.", "A note.",
                  "Law that it keeps: completeness: they add up.", "against −1.000", "+1.000 for",
                  "1 of 6 tokens are padding: 43.2 % of the sum of |weight| lies there.",
                  "These weights miss their law by 6 %: take small ones with care.",
                  "Strongest for: <span><b>cast</b> +1.000</span><span><b>plot</b> +0.125</span>",
                  "&lt;unk&gt;: read in place of a token that the vocabulary lacks."):
        assert words in page
    assert 'title="cast, read as &lt;unk&gt;: +1.000"' in page and 'title="&lt;pad&gt; (pad): +2.000"' in page
    assert "were set to zero, 43.2 %" in replace(PLAIN, pads_masked=True).to_terminal(200, "none")


def test_a_tiny_error_is_shown_unless_it_is_rounding():
    close = replace(PLAIN, check=LawKept("law", 1.0, 1.0 - 2.0 ** -29))
    assert "error −1.9e−09" in close.to_terminal(200, "none")
    nothing = replace(PLAIN, check=LawKept("law", 1.0, 1.0 - 2.0 ** -31))
    assert "error 0.000" in nothing.to_terminal(200, "none")


@pytest.mark.parametrize(("expected", "found", "words"), [
    (2.0, 0.0, "miss their law by 100 %: do not trust them"), (0.01, 0.11, "by 22 %: do not trust them"),
    (-2.0, -1.9, "by 5 %: take small ones with care"), (1e-9, 3e-4, ""), (2.0, 2.019, ""), (0.0, 0.0, ""),
    (1.0, 21.0, "by 20 times its size: do not trust them"),
])
def test_a_law_that_is_missed_is_told_beside_the_score(expected, found, words):
    """The sum of |weight| is 4.625: errors are shares of |expected| or of 0.4625, whichever is larger."""
    shown = replace(PLAIN, check=LawKept("completeness: f(x) − f(baseline)", expected, found))
    below = shown.to_terminal(200, "none").split("\n")[1]
    assert f"{words}; more steps or another baseline may help" in below if words else below.startswith("predicted")
    other = replace(PLAIN, check=LawKept("conservation", expected, found)).weighted.warning
    assert other.endswith(words) and "baseline" not in other


@pytest.mark.parametrize(("fields", "heading"), [
    ({}, "good: 25.0 %, logit 1.500"), ({"truth": "good"}, "good: 25.0 %, logit 1.500; it is good"),
    ({"target": "bad", "truth": "bad"}, "bad: 75.0 %, logit 1.500; right"),
    ({"target": "bad", "truth": "good"}, "bad: 75.0 %, logit 1.500; wrong: it is good"),
    ({"probabilities": {"good": 1e-5, "bad": 0.99999}}, "good: &lt;0.1 %, logit 1.500"),
    ({"scored": "probability", "score": 0.9996}, "good: &gt;99.9 %"),
    ({"target": "output 0", "scored": "output", "probabilities": {}}, "output 0: 1.500"),
    ({"target": "a", "probabilities": {"a": 0.9, "b": 0.8, "c": 0.1}, "truth": "b, a"},
     "a: 90.0 %, logit 1.500; right"),
    ({"target": "a", "probabilities": {"a": 0.9, "b": 0.2}, "truth": "b, a"},
     "a: 90.0 %, logit 1.500; partly right: it is b, a"),
    ({"target": "a", "probabilities": {"a": 0.4, "b": 0.2}, "truth": "none of the labels"},
     "a: 40.0 %, logit 1.500; right"),
])
def test_the_heading_says_how_sure_and_whether_it_is_right(fields, heading):
    assert f"<figcaption>{heading}</figcaption>" in replace(PLAIN, **fields)._repr_html_()


def test_labels_that_exclude_no_other_are_predicted_above_one_half_and_a_lone_output_predicts_nothing():
    both = replace(PLAIN, label="a", probabilities={"b": 0.8, "a": 0.9, "c": 0.1})
    assert ("predicted", "a, b") in both.weighted.facts
    none = replace(PLAIN, label="a", probabilities={"b": 0.3, "a": 0.4})
    assert ("predicted", "none of the labels") in none.weighted.facts
    lone = replace(PLAIN, label="output 0", probabilities={"output 0": 0.475})
    assert "predicted" not in dict(lone.weighted.facts)


def test_tokens_that_stand_nowhere_in_the_text_are_shown_themselves():
    apart = replace(PLAIN, offsets=np.array([[-1, -1]] * 4 + [[11, 15], [32, 36]])).weighted
    assert apart.text == "<s> dull plot dull <unk>" and "the tokens themselves are shown" in " ".join(apart.notes)
    assert [apart.text[start:stop] for start, stop in apart.offsets.tolist()] == ["", *PLAIN.tokens[1:]]
    assert PLAIN.weighted.text == TEXT


def test_minus_signs_are_minus_signs_and_biases_have_their_part():
    shown = replace(PLAIN, notes=("biases -0.159, after-2 and e-3",), check=LawKept("conservation: all", 3.0, 3.0))
    assert shown.weighted.notes[-1] == "biases −0.159, after-2 and e-3"
    assert dict(shown.weighted.facts)["taken by biases and others"] == 3.0 - 2.125


def test_all_views_are_there_for_a_text_of_nothing(tmp_path):
    empty = replace(PLAIN, text="", tokens=(), offsets=np.zeros((0, 2), np.int64), weights=np.zeros(0),
                    pads=np.zeros(0, bool), norms=None, check=None, heatmap=None, label="", probabilities={})
    assert empty.spans == [] and empty.character_weights().shape == (0,)
    assert empty._repr_html_() and empty.to_terminal(80, "256") and empty.figure() and str(empty)
    assert TextExplanation.from_json(empty.to_json()).offsets.shape == (0, 2)
    with pytest.raises(UserError, match="a strip needs tokens"):
        empty.strip()


def test_views_are_made_without_tensorflow():
    import subprocess
    import sys

    code = ("import sys; from tests.explain.test_explanation import PLAIN; PLAIN.figure(); PLAIN.strip(); "
            "PLAIN._repr_html_(); str(PLAIN); print('tensorflow' in sys.modules, 'keras' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"


@st.composite
def explanations(draw):
    text = draw(st.text(max_size=20))
    borders = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    offsets = [[-1, -1], *map(list, zip(borders[::2], borders[1::2], strict=False))]
    count = len(offsets)
    numbers = st.lists(finite, min_size=count, max_size=count).map(np.array)
    maps = st.lists(st.lists(finite, min_size=2, max_size=2), min_size=1, max_size=3).map(np.array)
    return TextExplanation(
        text, tuple(draw(st.lists(st.text(max_size=3), min_size=count, max_size=count))), np.array(offsets),
        draw(numbers), np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count))), draw(st.text()),
        draw(finite), draw(st.sampled_from(["logit", "probability", "output"])), draw(st.text()), draw(st.text()),
        draw(st.dictionaries(st.text(), finite, max_size=2)), draw(st.none() | st.text()), draw(st.none() | numbers),
        draw(st.none() | maps | numbers), draw(st.none() | st.builds(LawKept, st.text(), finite, finite)),
        draw(st.floats(0, 1)), draw(st.booleans()), draw(st.none() | st.floats(1e-300, 1e300)),
        tuple(draw(st.lists(st.text(), max_size=2))), draw(st.text()))


@given(explanations())
def test_json_keeps_everything_to_the_last_bit(explanation):
    written = json.dumps(explanation.to_json(), allow_nan=False)
    back = TextExplanation.from_json(json.loads(written))
    for name, value in vars(explanation).items():
        other = getattr(back, name)
        if isinstance(value, np.ndarray):
            assert other.dtype == value.dtype and other.shape == value.shape and other.tobytes() == value.tobytes()
        else:
            assert other == value and type(other) is type(value), name
    assert back.to_json() == explanation.to_json()


def test_json_that_was_written_before_truth_was_known_is_read():
    older = {name: value for name, value in PLAIN.to_json().items() if name != "truth"}
    assert TextExplanation.from_json(older).truth == ""


@pytest.mark.parametrize(("change", "message"), [
    ({"version": 2}, "reads version 1: update"), ({"kind": "text"}, "kind 'text explanation'"),
    ({"colour": 1}, "unknown: 'colour'"), ({"weights": ["0"] * 6}, "weights must be a list of int or float"),
    ({"weights": [True] * 6}, "weights must be"), ({"offsets": [[0.0, 1]] * 6}, "offsets must be a list of int"),
    ({"offsets": [[0]] * 6}, "needs offsets of shape"), ({"offsets": [[2 ** 70, 2 ** 71]] * 6}, "numbers of 64 bits"),
    ({"pads": [0] * 6}, "pads must be a list of bool"), ({"text": 1}, "text must be of type str"),
    ({"heatmap": [[1.0], [1.0, 2.0]]}, "heatmap must be"), ({"tokens": "abcdef"}, "tokens must be of type list"),
    ({"check": {"law": "a"}}, "law, expected, found"), ({"score": None}, "score must be a number"),
    ({"score": float("nan")}, "finite score"), ({"pads_masked": 1}, "pads_masked must be of type bool"),
    ({"score": 10 ** 400}, "too large"), ({"weights": None}, "weights must be"),
])
def test_json_of_another_form_is_refused_in_one_line(change, message):
    with pytest.raises(UserError, match=message):
        TextExplanation.from_json(PLAIN.to_json() | change)
    with pytest.raises(UserError, match="missing or unknown: 'text'"):
        TextExplanation.from_json({name: value for name, value in PLAIN.to_json().items() if name != "text"})
    with pytest.raises(UserError, match="received 'list'"):
        TextExplanation.from_json([])


def test_several_get_one_scale_unless_their_units_differ():
    small = replace(PLAIN, weights=PLAIN.weights / 4, target="bad")
    both = TextExplanations([PLAIN, small])
    assert [each.full_scale for each in both] == [1.0, 1.0] and [each.scale for each in both[1:]] == [1.0]
    assert [each.full_scale for each in TextExplanations([PLAIN, small], one_scale=False)] == [1.0, 0.25]
    dark = replace(PLAIN, weights=np.zeros(6))
    assert [each.full_scale for each in TextExplanations([dark, small])] == [0.25, 0.25]
    assert both[0].target == "good" and both[-1].target == "bad" and len(both) == 2
    with pytest.raises(UserError, match="at least one"):
        TextExplanations([])


def test_several_have_every_view(tmp_path):
    both = TextExplanations([PLAIN, replace(PLAIN, target="bad", score=-1.5)])
    page = both.to_html(tmp_path / "a.html").read_text("utf-8")
    assert page.count("<figure") == 2 and "<h1>2 labels: occlusion</h1>" in page
    assert page.index("bad: 75.0 %, logit −1.500; predicted") < page.index("good: 25.0 %, logit 1.500")
    assert type(both._repr_html_()) is type(PLAIN._repr_html_()) is str
    assert both._repr_html_().count("<figure") == 2
    assert "good: 25.0 %, logit 1.500" in both.to_terminal(80, "none") and "bad: 75.0 %" in str(both)
    assert len(both.strip().axes) == 2 and both.figure().axes
    assert TextExplanations.from_json(json.loads(json.dumps(both.to_json()))).to_json() == both.to_json()
    with pytest.raises(UserError, match="must be a list"):
        TextExplanations.from_json({})
