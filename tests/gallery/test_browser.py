"""The first screen in a real browser: colours, mouse, keyboard, cards, narrow screens."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import expect

from probe.gallery import build_gallery
from probe.gallery.claims import claims, outcome
from probe.gallery.excerpt import excerpt
from probe.render import PALETTES, SCALINGS
from probe.scan.findings import Findings
from tests.gallery.browsing import opened, rgb, spans

OPENING = ".opening .text"


def opening_of(findings: Findings) -> tuple[str, np.ndarray, np.ndarray, int, int]:
    """Text, values and labels of the passage that opens the page, and the excerpt's range."""
    finding = claims(findings).clearest.finding
    passage = findings.passages[finding.passage]
    labels = passage.labels[:, [note.name for note in findings.patterns].index(finding.pattern)]
    return passage.text, passage.values("1", "hidden", finding.unit), labels, *excerpt(passage.text, labels, 700)


def test_opens_on_what_was_found_and_what_was_not(view):
    first = view.page.locator(".opening")
    assert "off inside quotes" in first.locator("h1").inner_text()
    assert "three are told as well by the last characters alone" in first.locator(".told").inner_text()
    assert view.page.locator("#unscripted").count() == 0
    assert view.page.locator(OPENING).bounding_box()["y"] < 500
    assert view.page.locator("#read, #unit, #network").locator("visible=true").count() == 0


def test_text_under_the_colours_is_the_passage(view, findings):
    text, _, labels, start, stop = opening_of(findings)
    shown = spans(view.page.locator(OPENING))
    assert "".join(span["text"] for span in shown) == text[start:stop]
    assert ["on4" in span["kind"].split() for span in shown] == (labels[start:stop] > 0.5).tolist()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_those_of_render(view, findings, scheme):
    view.page.emulate_media(color_scheme=scheme)
    _, values, _, start, stop = opening_of(findings)
    for palette, scaling in product(PALETTES.values(), SCALINGS.values()):
        view.page.select_option("#palette", palette.name)
        view.page.select_option("#scaling", scaling.name)
        shades = getattr(palette, scheme)
        indices = palette.indices(scaling(values))[start:stop]
        shown = spans(view.page.locator(OPENING))
        assert [span["colour"] for span in shown] == [rgb(shades.colours[index]) for index in indices]
        assert {span["ink"] for span in shown} == {rgb(shades.ink)}
        assert view.page.locator(".opening .low").inner_text() == f"{palette.first} is low"


@pytest.mark.parametrize("scaling", ["sigmoid", "stretched", "quantile"])
def test_the_reader_lays_activations_on_the_next_character_and_the_page_says_so(view, findings, scaling):
    text, values, labels, start, _ = opening_of(findings)
    view.page.select_option("#scaling", scaling)
    view.page.select_option("#alignment", "predicted")
    view.page.click(".opening .whole")
    palette = PALETTES["diverging"]
    shown = spans(view.page.locator(OPENING))
    expected = [rgb(palette.light.colours[index]) for index in palette.indices(SCALINGS[scaling](values[:-1]))]
    assert [span["text"] for span in shown] == list(text)
    assert [span["colour"] for span in shown] == ["rgba(0, 0, 0, 0)", *expected]
    assert ["on4" in span["kind"].split() for span in shown] == (labels > 0.5).tolist()
    assert "laid on the next character" in view.page.locator(".opening figcaption").inner_text()
    assert "before it reads that character, when it predicts it" in view.page.locator(".opening").inner_text()
    view.page.locator(f"{OPENING} > span").nth(start + 3).hover()
    told = view.page.locator("#reading").inner_text()
    assert f"raw {values[start + 2]:.3f}, before it was read · scaled" in told
    assert "expected here" in told
    view.page.locator(f"{OPENING} > span").nth(0).hover()
    assert "no activation yet" in view.page.locator("#reading").inner_text()


def test_each_signal_is_coloured_within_its_own_bounds(browser, findings, tmp_path):
    base = findings.passages[0]
    levels, key = base.activations["1", "hidden"], ("1", "forget_gate")
    passage = replace(base, activations={key: levels}, scales={key: (0.0, 1.0)}, units={key: range(levels.shape[1])})
    gated = replace(findings, passages=(passage,), units={key: range(levels.shape[1])}, portraits=(),
                    findings=tuple(replace(finding, signal="forget_gate") for finding in findings.findings))
    finding = next(f for f in gated.findings if f.pattern == "inside_quotes" and f.rank == 1)
    start, stop = excerpt(passage.text, passage.labels[:, 0], 700)
    scaled = np.clip(passage.values("1", "forget_gate", finding.unit), 0, 1)[start:stop]
    with opened(browser, build_gallery(gated, tmp_path / "gallery.html"), color_scheme="light") as shown:
        assert shown.page.locator("#scaling").input_value() == "raw"
        assert [span["colour"] for span in spans(shown.page.locator(OPENING))] == [
            rgb(PALETTES["diverging"].light.colours[i]) for i in PALETTES["diverging"].indices(scaled)]


def test_pointing_tells_the_values_and_what_the_network_expects(view, findings):
    text, values, labels, start, stop = opening_of(findings)
    place = start + text[start:stop].index("c")
    view.page.locator(f"{OPENING} > span").nth(place - start).hover()
    reading = view.page.locator("#reading")
    scaled = SCALINGS["raw"](values)[place]
    numbers, expects = reading.inner_text().splitlines()
    assert numbers == (f"‘c’ · raw {values[place]:.3f} · scaled {scaled:.3f} · "
                       f"inside quotes: {'yes' if labels[place] else 'no'}")
    passage = findings.passages[0]
    guesses = [told.rsplit(" ", 2)[:2] for told in expects.removeprefix("then expects ").split(" · ")]
    names = [findings.alphabet[index] for index in passage.expected[place]]
    assert [guess[0].strip("‘’") for guess in guesses] == [{" ": "space", "": "any other"}.get(name, name)
                                                           for name in names]
    assert [float(guess[1]) for guess in guesses] == pytest.approx(100 * passage.chances[place], abs=0.51)
    view.page.mouse.move(1, 1)
    assert reading.is_hidden()


def test_keyboard_walks_through_the_text(view, findings):
    text, values, _, start, stop = opening_of(findings)
    view.page.focus(OPENING)
    reading = view.page.locator("#reading")
    at = view.page.locator(f"{OPENING} .at")
    last = stop - start - 1
    for key, expected in (("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("End", last), ("Home", 0)):
        view.page.keyboard.press(key)
        assert at.evaluate("span => span.order") == expected
    assert f"raw {values[start]:.3f}" in reading.inner_text()
    view.page.keyboard.press("ArrowDown")
    assert at.evaluate("span => span.order") == text[start:stop].index("\n") + 1
    view.page.keyboard.press("ArrowUp")
    assert at.evaluate("span => span.order") == 0
    view.page.keyboard.press("Escape")
    assert reading.is_hidden()
    assert at.count() == 0


def test_whole_passage_on_request(view, findings):
    button = view.page.locator(".opening .whole")
    assert "1,576" in button.inner_text()
    button.click()
    assert "".join(span["text"] for span in spans(view.page.locator(OPENING))) == findings.passages[0].text
    button.click()
    assert len(spans(view.page.locator(OPENING))) < 701


def shown_cards(page) -> list[tuple[str, str]]:
    return page.locator(".card:not([hidden])").evaluate_all(
        "cards => cards.map(card => [card.closest('[data-group]').querySelector('h3').textContent, card.dataset.unit])")


def test_cards_show_first_what_stands_and_all_on_request(view, findings):
    standing = [(f.pattern.replace("_", " "), f.label) for f in findings.findings if outcome(f) == "stands"]
    assert sorted(map(tuple, shown_cards(view.page))) == sorted(standing)
    view.page.get_by_role("button", name="show all").click()
    assert len(shown_cards(view.page)) == len(findings.findings) == 30
    expect(view.page.locator("#sifted")).to_have_text("30 of 30 findings")


def test_cards_are_filtered_searched_and_sorted(view, findings):
    page = view.page
    page.select_option("#outcome", "explained")
    assert {each[0] for each in shown_cards(page)} <= {"vowel", "whitespace", "position in word"}
    page.select_option("#outcome", "")
    page.select_option("#pattern", label="vowel")
    assert [unit for _, unit in shown_cards(page)] == [f.label for f in findings.findings if f.pattern == "vowel"]
    page.select_option("#pattern", "")
    page.locator("#search").fill("30")
    assert {unit for _, unit in shown_cards(page)} == {"1:30"}
    page.locator("#search").fill("")
    page.select_option("#order", "correlation")
    strongest = sorted(findings.findings, key=lambda f: -abs(np.nan_to_num(f.confirmation.correlation)))
    first_of = dict.fromkeys(f.pattern.replace("_", " ") for f in strongest)
    assert list(dict.fromkeys(group for group, _ in shown_cards(page))) == list(first_of)
    inside = [f.label for f in strongest if f.pattern == "inside_quotes"]
    assert [unit for group, unit in shown_cards(page) if group == "inside quotes"] == inside


def test_cards_that_were_away_have_the_colours_of_the_switches_when_they_come_back(view, findings):
    page, finding = view.page, findings.findings[0]
    card = page.locator(f".card[data-unit='{finding.label}'] .text").first
    card.scroll_into_view_if_needed()
    card.locator("span").first.wait_for()
    page.locator("#search").fill("7")
    page.select_option("#palette", "article")
    page.locator("#search").fill("")
    card.scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    shown, passage = spans(card), findings.passages[0]
    start = passage.text.index("".join(span["text"] for span in shown))
    values = passage.values("1", "hidden", finding.unit)[start:start + len(shown)]
    colours = PALETTES["article"].light.colours
    assert [span["colour"] for span in shown] == [rgb(colours[i]) for i in
                                                  PALETTES["article"].indices(SCALINGS["raw"](values))]


def test_a_pattern_that_is_filtered_out_is_shown_when_it_is_asked_for(view):
    view.page.locator("table.overview").get_by_role("link", name="vowel").click()
    assert view.page.locator(".pattern h3", has_text="vowel").is_visible()


def test_histogram_of_a_card_has_its_two_classes(view, findings):
    first = claims(findings).clearest.finding
    portrait = next(each for each in findings.portraits if each.unit == first.unit)
    svg = view.page.locator(".card:not([hidden]) .histogram").first
    svg.scroll_into_view_if_needed()
    svg.locator("rect").first.wait_for()
    bars = svg.locator("rect").evaluate_all("bars => bars.map(bar => Number(bar.getAttribute('height')))")
    up, down = np.array(bars[:40]), np.array(bars[40:])
    inside = portrait.inside[0]
    outside = portrait.counts - inside
    for drawn, counts in ((up, inside), (down, outside)):
        share = np.sqrt(counts / counts.sum())
        np.testing.assert_allclose(drawn / drawn.max(), share / share.max(), atol=0.02)
    assert "inside “inside quotes” upwards, elsewhere downwards" in svg.get_attribute("aria-label")


@pytest.mark.parametrize("asked", ["interval", "n\u2011gram", "untrained", "p"])
def test_a_number_can_be_asked_what_it_means(view, asked):
    link = view.page.locator("table.overview").first.get_by_role("link", name=asked, exact=True)
    assert len(link.get_attribute("title")) > 20
    link.click()
    meaning = view.page.locator(".definitions dt:target")
    assert meaning.bounding_box()["y"] < 1000
    assert len(meaning.evaluate("term => term.nextElementSibling.textContent").split(". ")) >= 2
    assert view.page.locator("#findings").is_visible()


def test_far_text_is_coloured_only_when_it_comes_near(view):
    view.page.get_by_role("button", name="show all").click()
    far = view.page.locator(".card .text").last
    assert far.locator("span").count() == 0
    far.scroll_into_view_if_needed()
    far.locator("span").first.wait_for()


def test_without_scripts_the_words_are_there(browser, path):
    with opened(browser, path, java_script_enabled=False) as shown:
        assert shown.page.get_by_text("scripts are switched off here").is_visible()
        assert "So it does" in shown.page.locator(OPENING).inner_text()
        assert shown.page.locator(".card").count() == shown.page.locator(".card >> visible=true").count() == 30
        assert shown.page.get_by_text("How the network learned").is_visible()
        assert not shown.page.locator("#legend, #sift").locator("visible=true").count()
