"""How findings are looked at: numbers in the pictures are those of the findings, held against the activations."""

import math
from dataclasses import replace

import numpy as np
import pytest

from probe.errors import UserError
from probe.render import ViewOptions
from probe.scan.evidence import Scores
from probe.scan.portrait import BANDS, Push
from probe.scan.unit_view import UnitView
from tests.gallery.simulation import PATTERNS, simulated_findings


@pytest.fixture(scope="module")
def findings():
    return simulated_findings()


@pytest.fixture(scope="module")
def quotes(findings):
    return next(each for each in findings.findings if each.pattern == "inside_quotes")


def test_the_text_of_a_finding_marks_its_pattern_and_a_part_of_it_is_the_same(findings, quotes):
    text = findings.text(quotes, ViewOptions(alignment="predicted"))
    labels = PATTERNS["inside_quotes"][1](text.text)
    np.testing.assert_array_equal(text.marks, labels)
    part = text.part(100, 160)
    assert part.text == text.text[100:160] and part.alignment is text.alignment and part.caption == text.caption
    np.testing.assert_array_equal(part.values, text.values[100:160])
    np.testing.assert_array_equal(part.marks, labels[100:160])
    assert "r −0." in text.caption and "-" not in text.caption.replace("held-out", "")


def test_a_text_that_was_not_confirmed_says_on_what_its_number_stands(findings, quotes):
    ranked = replace(quotes, confirmation=Scores({}), ngrams=())
    caption = findings.text(ranked).caption
    assert caption.endswith("on the text on which it was chosen") and "nan" not in caption


def test_a_unit_is_found_by_its_label(findings):
    cell = replace(findings.portraits[0], signal="cell", unit=3)
    both = replace(findings, portraits=(*findings.portraits, cell))
    assert both.unit(f"{cell.layer}:3 cell").portrait is cell
    assert both.unit(f"{cell.layer}:3", "cell").portrait is cell


def test_a_histogram_has_every_character_of_the_portrait_in_its_class(findings, quotes):
    passage = findings.passages[0]
    values = passage.values("1", "hidden", quotes.unit)
    histogram = findings.histogram(quotes)
    inside = PATTERNS["inside_quotes"][1](passage.text)
    assert (histogram.inside.sum(), histogram.outside.sum()) == (inside.sum(), (~inside).sum())
    middles = histogram.low + (np.arange(len(histogram.inside)) + 0.5) * (histogram.high - histogram.low) / 40
    spread = (histogram.high - histogram.low) / 40
    for counts, kind in ((histogram.inside, inside), (histogram.outside, ~inside)):
        assert abs(np.average(middles, weights=counts) - values[kind].mean()) < spread
    assert findings.histogram(quotes, "vowel").pattern == "vowel"
    with pytest.raises(UserError, match="position_in_word is graded"):
        findings.histogram(quotes, "position_in_word")
    with pytest.raises(UserError, match="no pattern is called"):
        findings.histogram(quotes, "nonsense")


def test_a_heat_map_has_the_correlations_of_the_strongest_units(findings):
    scores = findings.measures["confirmation/correlation"]
    heat_map = findings.heat_map(most=10)
    strongest = sorted(range(len(scores)), key=lambda u: -np.nanmax(np.abs(scores[u])))[:10]
    assert {int(name.removeprefix("1:")) for name in heat_map.units} == set(strongest)
    names = [note.name for note in findings.patterns]
    for row, unit in enumerate(heat_map.units):
        for column, pattern in enumerate(heat_map.patterns):
            expected = scores[int(unit.removeprefix("1:")), names.index(pattern)]
            assert heat_map.values[row, column] == expected or math.isnan(expected)
    ranked = findings.heat_map(most=5, text="selection")
    assert ranked.meaning == "correlation, selection text"
    assert np.nanmax(np.abs(ranked.values)) == np.nanmax(np.abs(findings.measures["selection/correlation"]))


def test_units_of_one_layer_and_signal_alone(findings):
    measures = {name: np.concatenate([values, values[:2] * 0.5]) for name, values in findings.measures.items()}
    both = replace(findings, units={**findings.units, ("2", "cell"): (3, 9)}, measures=measures)
    assert {*both.heat_map("2").units} == {*both.heat_map(signal="cell").units} == {"2:3 cell", "2:9 cell"}
    assert all(name.startswith("1:") for name in both.heat_map("1", most=99).units)
    for wrong in ({"layer": "3"}, {"signal": "hiden"}, {"text": "training"}):
        with pytest.raises(UserError, match=r"no (layer|signal|text) is called"):
            both.heat_map(**wrong)


def test_a_unit_is_looked_at_in_its_contexts_from_the_highest_down(findings, quotes):
    view = findings.unit(f"1:{quotes.unit}")
    values = findings.passages[0].values("1", "hidden", quotes.unit)
    texts = view.texts()
    assert [text.caption.rpartition(": ")[2] for text in texts[::4]] == list(BANDS[::-1])
    for text in texts:
        place = findings.passages[0].text.index(text.text)
        np.testing.assert_allclose(text.values, values[place:place + len(text.text)], atol=0.01)
        assert text.marks.sum() == 1 and text.flowing
    shown = str(view)
    assert shown.count("underlined: where it is so") == 1 and shown.count(": highest") == 1 and "most similar" in shown
    assert "-" not in dict(view.facts())["most opposite"]


def test_what_a_unit_pushes_is_told_by_name_and_sign(findings):
    pushes = (Push("-", 0.5), Push("", 0.25), Push("\n", -0.125))
    view = UnitView(replace(findings.portraits[0], written=pushes, measured=()))
    facts = dict(view.facts())
    assert facts["output weights, towards"] == "- +0.500, others +0.250"
    assert facts["output weights, away"] == "newline −0.125"
    assert "next character, measured, away" not in facts


def test_a_unit_without_a_portrait_is_refused_with_those_that_have_one(findings):
    with pytest.raises(UserError, match=r"hold portraits of 1:.*; received '9:9', hidden"):
        findings.unit("9:9")
    with pytest.raises(UserError, match="portraits of none"):
        replace(findings, portraits=()).histogram(findings.findings[0])


def test_gates_are_those_of_the_findings(findings):
    panels = {panel.gate: panel for panel in findings.gates().panels}
    shares = findings.saturation["1"]
    np.testing.assert_array_equal(panels["forget_gate"].right, shares.right[1])
    np.testing.assert_array_equal(panels["output_gate"].left, shares.left[2])
    with pytest.raises(UserError, match="hold no gates"):
        replace(findings, saturation={}).gates()


def test_a_loss_is_drawn_if_there_is_one(findings):
    assert findings.loss_curve().last == 2000
    with pytest.raises(UserError, match="fewer than two losses"):
        replace(findings, log=()).loss_curve()


def test_a_notebook_is_shown_the_best_units_and_the_clearest_one_s_text(findings, quotes):
    page = findings._repr_html_()
    assert "best unit of 6 of 7 patterns" in page
    assert page.index("inside_quotes") < page.index("whitespace")
    assert page.count("<tr>") == 7 and f"unit 1:{quotes.unit} and inside_quotes" in page
    assert 0 < page.count('<span class="c') <= 600 and page.count(" on\"") > 50
    assert "No unit could be ranked" in replace(findings, findings=())._repr_html_()
    assert repr(findings) == "Findings(30 of 48 units × 7 patterns)"


def test_hostile_names_stay_names_in_a_notebook(findings, quotes):
    name = "<script>\u202e\x1b[2J"
    notes = (replace(findings.patterns[0], name=name), *findings.patterns[1:])
    hostile = replace(findings, patterns=notes, findings=(replace(quotes, pattern=name),))
    absent = replace(hostile, findings=(), provenance={"settled": {
        "patterns": [], "open": [name], "read": 1, "of": 2, "top": 1}})
    for shown in (hostile, absent, hostile.heat_map(most=3), hostile.histogram(hostile.findings[0])):
        assert "\x1b" not in str(shown) and "␛[2J" in str(shown)
    for page in (hostile._repr_html_(), hostile.heat_map(most=3)._repr_html_(),
                 hostile.histogram(hostile.findings[0])._repr_html_()):
        assert "<script" not in page and not set("\u202e\x1b") & set(page)
