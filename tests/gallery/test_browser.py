"""The page in a real browser: what it shows, what it asks of the network, mouse, keyboard and narrow screens."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from probe.gallery import GalleryOptions, build_gallery
from probe.gallery.claims import claims
from probe.gallery.excerpt import excerpt
from probe.render import PALETTES, SCALINGS
from probe.render.graphemes import clusters, visible
from probe.scan.findings import Findings
from tests.gallery.simulation import CONFIRMATION, SELECTION, simulated_findings

HOSTILE = (
    "<script>document.title='broken'</script> </textarea><!--<script> \"onmouseover=document.title='broken' ' & &lt; "
    "\u2028\u2029\x00\x1b\u202eevil\u202c \ufeff {{ 7*7 }} ]]> </style></script>"
)
WRITTEN = "e\u0301 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea שלום ab\tcd 한국 “in”\n"


@dataclass
class Opened:
    """A page with all that it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def opened(browser: Browser, path: Path, **context) -> Opened:
    view = Opened(browser.new_context(**context).new_page())
    view.page.on("request", lambda request: view.requests.append(request.url))
    view.page.on("console", lambda message: view.complaints.append(message.text))
    view.page.on("pageerror", lambda error: view.complaints.append(str(error)))
    view.page.goto(path.as_uri())
    return view


@pytest.fixture(scope="module")
def path(findings, tmp_path_factory) -> Path:
    return build_gallery(findings, tmp_path_factory.mktemp("page") / "gallery.html")


@pytest.fixture
def view(browser, path) -> Iterator[Opened]:
    shown = opened(browser, path, viewport={"width": 1400, "height": 1000}, color_scheme="light")
    yield shown
    assert shown.requests == [path.as_uri()]
    assert shown.complaints == []
    shown.page.context.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Findings, Path]:
    base = simulated_findings(SELECTION, WRITTEN + HOSTILE + CONFIRMATION[:400])
    notes = tuple(replace(note, name=note.name + HOSTILE, meaning=HOSTILE, group=HOSTILE) for note in base.patterns)
    units = tuple(replace(finding, pattern=finding.pattern + HOSTILE) for finding in base.findings)
    found = replace(base, patterns=notes, findings=units, provenance={HOSTILE: {"path": HOSTILE, "list": [HOSTILE]}})
    return found, build_gallery(found, tmp_path_factory.mktemp("page") / "hostile.html", GalleryOptions(excerpt=5000))


OPENING = ".opening .specimen .text"


def spans(text: Page | Locator) -> list[dict]:
    return (text.locator(OPENING) if isinstance(text, Page) else text).evaluate(
        "text => Array.from(text.children, span => ({text: span.textContent, kind: span.className, "
        "colour: getComputedStyle(span).backgroundColor, ink: getComputedStyle(span).color}))"
    )


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


def opening_of(findings: Findings) -> tuple[str, np.ndarray, np.ndarray, int, int]:
    """Text, values and labels of the passage that opens the page, and the excerpt's range."""
    finding = claims(findings).clearest.finding
    passage = findings.passages[finding.passage]
    labels = passage.labels[:, [note.name for note in findings.patterns].index(finding.pattern)]
    return passage.text, passage.values("1", "hidden", finding.unit), labels, *excerpt(passage.text, labels, 700)


def test_opens_on_what_was_found(view):
    assert view.page.locator("h1").inner_text().startswith("Unit 1:")
    assert "inside quotes" in view.page.locator("h1").inner_text()
    assert view.page.locator("#unscripted").count() == 0
    box = view.page.locator(OPENING).bounding_box()
    assert box["y"] < 700


def test_text_under_the_colours_is_the_passage(view, findings):
    text, _, _, start, stop = opening_of(findings)
    assert "".join(span["text"] for span in spans(view.page)) == text[start:stop]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_those_of_render(view, findings, scheme):
    view.page.emulate_media(color_scheme=scheme)
    _, values, _, start, stop = opening_of(findings)
    for palette, scaling in product(PALETTES.values(), SCALINGS.values()):
        view.page.select_option("#palette", palette.name)
        view.page.select_option("#scaling", scaling.name)
        shades = getattr(palette, scheme)
        indices = palette.indices(scaling(values))[start:stop]
        shown = spans(view.page)
        assert [span["colour"] for span in shown] == [rgb(shades.colours[index]) for index in indices]
        assert {span["ink"] for span in shown} == {rgb(shades.ink)}


@pytest.mark.parametrize("scaling", ["sigmoid", "stretched", "quantile"])
def test_the_reader_lays_activations_on_the_next_character_and_the_page_says_so(view, findings, scaling):
    text, values, labels, start, _ = opening_of(findings)
    view.page.select_option("#scaling", scaling)
    view.page.select_option("#alignment", "predicted")
    view.page.click(".opening .whole")
    palette = PALETTES["article"]
    shown = spans(view.page)
    expected = [rgb(palette.light.colours[index]) for index in palette.indices(SCALINGS[scaling](values[:-1]))]
    assert [span["text"] for span in shown] == list(text)
    assert [span["colour"] for span in shown] == ["rgba(0, 0, 0, 0)", *expected]
    assert ["on4" in span["kind"].split() for span in shown] == (labels > 0.5).tolist()
    assert "laid on the next character" in view.page.locator(".opening figcaption").inner_text()
    assert "before it reads that character, when it predicts it" in view.page.locator(".opening").inner_text()
    view.page.locator(f"{OPENING} > span").nth(start + 3).hover()
    told = view.page.locator("#reading").inner_text()
    assert f"raw {values[start + 2]:.3f}, before it was read · scaled" in told
    view.page.locator(f"{OPENING} > span").nth(0).hover()
    assert "no activation yet" in view.page.locator("#reading").inner_text()
    view.page.select_option("#alignment", "read")
    assert "laid on the character read" in view.page.locator(".opening figcaption").inner_text()
    assert spans(view.page)[0]["colour"] != "rgba(0, 0, 0, 0)"


def test_each_signal_is_coloured_within_its_own_bounds(browser, findings, tmp_path):
    base = findings.passages[0]
    levels, key = base.activations["1", "hidden"], ("1", "forget_gate")
    passage = replace(base, activations={key: levels}, scales={key: (0.0, 1.0)}, units={key: range(levels.shape[1])})
    gated = replace(findings, passages=(passage,), units={key: range(levels.shape[1])},
                    findings=tuple(replace(finding, signal="forget_gate") for finding in findings.findings))
    shown = opened(browser, build_gallery(gated, tmp_path / "gallery.html"), color_scheme="light")
    finding = next(f for f in gated.findings if f.pattern == "inside_quotes" and f.rank == 1)
    start, stop = excerpt(passage.text, passage.labels[:, 0], 700)
    scaled = np.clip(passage.values("1", "forget_gate", finding.unit), 0, 1)[start:stop]
    colours = PALETTES["article"].light.colours
    assert shown.page.locator("#scaling").input_value() == "raw"
    assert [span["colour"] for span in spans(shown.page)] == [rgb(colours[i]) for i in
                                                              PALETTES["article"].indices(scaled)]
    assert shown.complaints == []
    shown.page.context.close()


def test_line_under_the_text_is_the_pattern(view, findings):
    _, _, labels, start, stop = opening_of(findings)
    assert ["on4" in span["kind"].split() for span in spans(view.page)] == (labels[start:stop] > 0.5).tolist()


def test_hover_tells_the_values(view, findings):
    text, values, labels, start, stop = opening_of(findings)
    place = start + text[start:stop].index("c")
    view.page.locator(f"{OPENING} > span").nth(place - start).hover()
    reading = view.page.locator("#reading")
    assert reading.is_visible()
    scaled = SCALINGS["sigmoid"](values)[place]
    assert reading.inner_text() == (
        f"‘c’ · raw {values[place]:.3f} · scaled {scaled:.3f} · inside quotes: {'yes' if labels[place] else 'no'}"
    )
    view.page.mouse.move(1, 1)
    assert reading.is_hidden()


def test_keyboard_walks_through_the_text(view, findings):
    text, values, _, start, stop = opening_of(findings)
    view.page.focus(OPENING)
    reading = view.page.locator("#reading")
    at = f"{OPENING} .at"
    last = stop - start - 1
    for key, expected in (("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("End", last), ("Home", 0)):
        view.page.keyboard.press(key)
        assert view.page.locator(at).evaluate("span => span.order") == expected
    assert f"raw {values[start]:.3f}" in reading.inner_text()
    view.page.keyboard.press("ArrowDown")
    assert view.page.locator(at).evaluate("span => span.order") == text[start:stop].index("\n") + 1
    view.page.keyboard.press("ArrowUp")
    assert view.page.locator(at).evaluate("span => span.order") == 0
    view.page.keyboard.press("Escape")
    assert reading.is_hidden()
    assert view.page.locator(at).count() == 0


def test_another_unit_can_be_chosen_by_keyboard(view, findings):
    section = view.page.locator(".pattern", has=view.page.locator("h3", has_text="inside quotes"))
    second = next(f for f in findings.findings if f.pattern == "inside_quotes" and f.rank == 2)
    section.get_by_role("button", name=second.label, exact=True).focus()
    view.page.keyboard.press("Enter")
    assert section.locator(".shown").inner_text() == second.label
    assert section.locator("tr.chosen th").inner_text() == second.label
    _, _, _, start, stop = opening_of(findings)
    indices = PALETTES["article"].indices(SCALINGS["sigmoid"](findings.passages[0].values("1", "hidden", second.unit)))
    shown = spans(section.locator(".text"))
    colours = PALETTES["article"].light.colours
    assert [span["colour"] for span in shown] == [rgb(colours[index]) for index in indices[start:stop]]


def test_every_score_on_request(view, findings):
    section = view.page.locator(".pattern", has=view.page.locator("h3", has_text="inside quotes"))
    scores = section.locator(".scores table")
    assert not scores.is_visible()
    section.get_by_text("every score of unit").click()
    first = claims(findings).clearest.finding
    assert f"AUC\t{first.selection.auc:.3f}\t{first.confirmation.auc:.3f}" in scores.inner_text()


@pytest.mark.parametrize("asked", ["interval", "n\u2011gram", "untrained", "p"])
def test_a_number_can_be_asked_what_it_means(view, asked):
    view.page.locator(".overview").get_by_role("link", name=asked, exact=True).click()
    meaning = view.page.locator(".definitions dt:target")
    assert meaning.bounding_box()["y"] < 1000
    assert len(meaning.evaluate("term => term.nextElementSibling.textContent").split(". ")) >= 2


def test_whole_passage_on_request(view, findings):
    button = view.page.locator(".opening .whole")
    assert "1,576" in button.inner_text()
    button.click()
    assert "".join(span["text"] for span in spans(view.page)) == findings.passages[0].text
    button.click()
    assert len(spans(view.page)) < 701


def test_far_text_is_coloured_only_when_it_comes_near(view):
    far = view.page.locator("details .text").last
    assert far.locator("span").count() == 0
    view.page.locator(".group > details > summary").last.click()
    far.locator("span").first.wait_for()


@pytest.mark.parametrize("width", [380, 1400])
def test_no_width_needs_sideways_scrolling(browser, path, hostile, width):
    for place in (path, hostile[1]):
        shown = opened(browser, place, viewport={"width": width, "height": 800})
        shown.page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.page.locator("#legend").bounding_box()["height"] < 50
        shown.page.context.close()


def test_without_scripts_the_words_are_there(browser, path):
    shown = opened(browser, path, java_script_enabled=False)
    assert shown.page.get_by_text("scripts are switched off here").is_visible()
    assert "So it does" in shown.page.locator(OPENING).inner_text()
    assert not shown.page.locator("#legend").is_visible()
    shown.page.context.close()


def test_hostile_words_neither_run_nor_vanish(browser, hostile):
    findings, path = hostile
    shown = opened(browser, path)
    page = shown.page
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert page.title() == page.locator("h1").inner_text() != "broken"
    assert page.locator("script").count() == 2
    assert "".join(visible(HOSTILE).split()) in "".join(page.locator(".provenance").inner_text().split())
    assert "".join(visible(HOSTILE).split()) in "".join(page.locator(".meaning").first.text_content().split())
    text = findings.passages[0].text
    ranges = clusters(text)
    assert [span["text"] for span in spans(page)] == [visible(text[start:stop]) for start, stop in ranges]
    values = opening_of(findings)[1]
    indices = PALETTES["article"].indices(SCALINGS["sigmoid"](values))
    assert [span["kind"].split()[0] for span in spans(page)] == [f"c{indices[stop - 1]}" for _, stop in ranges]
    page.locator(f"{OPENING} > span", has_text="⟨U+202E⟩").first.hover()
    assert "⟨U+202E⟩" in page.locator("#reading").inner_text()
    assert shown.requests == [path.as_uri()]
    assert shown.complaints == []
    page.context.close()


def test_policy_stops_a_script_that_is_not_the_page_s_own(browser, path, tmp_path):
    tampered = tmp_path / "tampered.html"
    foreign = "<script>document.title='run'</script><p onclick='1'></p></main>"
    tampered.write_text(path.read_text("utf-8").replace("</main>", foreign), "utf-8")
    shown = opened(browser, tampered)
    assert shown.page.title() != "run"
    assert any("Content Security Policy" in complaint for complaint in shown.complaints)
    shown.page.context.close()
