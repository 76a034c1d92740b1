"""Hostile words in a real browser: they neither run nor break the page nor vanish, and nothing foreign runs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from probe.gallery import GalleryOptions, build_gallery
from probe.render import PALETTES, SCALINGS
from probe.render.graphemes import clusters, visible
from probe.scan.findings import Findings
from tests.gallery.browsing import opened, spans
from tests.gallery.simulation import CONFIRMATION, SELECTION, simulated_findings

RUN = "document.title='broken'"
HOSTILE = (
    f"<script>{RUN}</script> </textarea><!--<script> \"onmouseover={RUN} ' & &lt; \u2028\u2029\x00\x1b\u202eevil\u202c "
    f"\ufeff {{{{ 7*7 }}}} ]]> </style></script> javascript:/*--></title></textarea></style></script></xmp>"
    f"<svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+{RUN}//'> \"><img src=x onerror={RUN}> ${{{RUN}}} `-{RUN}-` "
    f"<iframe srcdoc='<script>{RUN}</script>'> <a href=javascript:{RUN}>x</a> %3Cscript%3E \\u003cscript\\u003e"
)
WRITTEN = "e\u0301 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea שלום ab\tcd 한국 “in”\n"
LAYER = "1\"><script>" + RUN + "</script>"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Findings, Path]:
    """Findings whose every string is hostile, and the page of them."""
    base = simulated_findings(SELECTION, WRITTEN + HOSTILE + CONFIRMATION[:400])
    old, new = ("1", "hidden"), (LAYER, "hidden")
    passages = tuple(replace(each, activations={new: each.activations[old]}, scales={new: each.scales[old]},
                             units={new: each.units[old]}) for each in base.passages)
    portraits = tuple(replace(
        each, layer=LAYER, similar=tuple(replace(other, layer=LAYER) for other in each.similar),
        opposite=tuple(replace(other, layer=LAYER) for other in each.opposite),
        written=tuple(replace(push, character=HOSTILE) for push in each.written)) for each in base.portraits)
    found = replace(
        base, patterns=tuple(replace(note, name=note.name + HOSTILE, meaning=HOSTILE, group=HOSTILE)
                             for note in base.patterns),
        findings=tuple(replace(each, pattern=each.pattern + HOSTILE, layer=LAYER) for each in base.findings),
        units={new: base.units[old]}, passages=passages, portraits=portraits, saturation={LAYER: base.saturation["1"]},
        alphabet=(HOSTILE, *base.alphabet[1:]), provenance={HOSTILE: {"path": HOSTILE, "list": [HOSTILE]}})
    path = tmp_path_factory.mktemp("page") / "<img src=x onerror=alert(1)>.html"
    return found, build_gallery(found, path, GalleryOptions(excerpt=5000))


def together(text: str) -> str:
    return "".join(visible(text).split())


def test_hostile_words_neither_run_nor_vanish(browser, hostile):
    findings, path = hostile
    with opened(browser, path) as shown:
        page = shown.page
        page.get_by_role("button", name="show all").click()
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        assert page.title() == page.locator("#findings h1").inner_text() != "broken"
        assert page.locator("script:not([type]), iframe, img, object, style").count() == 2
        assert page.locator("[onload], [onerror], [onmouseover], [href^=javascript]").count() == 0
        assert together(HOSTILE) in together(page.locator(".provenance").inner_text())
        assert together(HOSTILE) in together(page.locator(".meaning").first.text_content())
        text = findings.passages[0].text
        ranges = clusters(text)
        page.locator(".opening .text").scroll_into_view_if_needed()  # a long name pushes it down; it is drawn when near
        page.locator(".opening .text > span").first.wait_for()
        drawn = spans(page.locator(".opening .text"))
        assert [span["text"] for span in drawn] == [visible(text[start:stop]) for start, stop in ranges]
        page.locator(".opening .text > span", has_text="⟨U+202E⟩").first.hover()
        assert "⟨U+202E⟩" in page.locator("#reading").inner_text()
        assert page.title() != "broken"


def test_colours_lie_on_whole_characters(browser, hostile):
    findings, path = hostile
    with opened(browser, path) as shown:
        unit = shown.page.locator(".opening figcaption b").inner_text().rpartition(":")[2]
        shown.page.locator(".opening .text").scroll_into_view_if_needed()
        shown.page.locator(".opening .text > span").first.wait_for()
        values = findings.passages[0].values(LAYER, "hidden", int(unit))
        indices = PALETTES["diverging"].indices(SCALINGS["raw"](values))
        drawn = spans(shown.page.locator(".opening .text"))
        assert [span["kind"].split()[0] for span in drawn] == [
            f"c{indices[stop - 1]}" for _, stop in clusters(findings.passages[0].text)]


def test_every_view_bears_them(browser, hostile):
    with opened(browser, hostile[1]) as shown:
        page = shown.page
        page.locator(".opening figcaption a").click()
        assert together(LAYER) in together(page.locator("#unit-title").inner_text())
        assert together(HOSTILE) in together(page.locator("#unit-scores tbody").inner_text())
        assert together(HOSTILE) in together(page.locator("#unit-written").inner_text())
        page.locator("#unit-similar a").first.click()
        assert page.locator("#unit-title").is_visible()
        page.locator("#unit-read").click()
        assert together(LAYER) in together(page.locator("#read-columns input").input_value())
        page.get_by_role("link", name="The whole network").click()
        page.locator("canvas").hover(position={"x": 5, "y": 5})
        assert together(LAYER) in together(page.locator("#reading").inner_text())
        page.evaluate(f"location.hash = {json.dumps('#read-' + HOSTILE)}")
        assert page.locator("#read .text").first.is_visible()
        page.evaluate(f"location.hash = {json.dumps('#unit-' + HOSTILE)}")
        page.evaluate("location.hash = '#%E0%A4%A'")
        assert page.title() != "broken"


@pytest.mark.parametrize(("width", "scheme"), [(380, "light"), (1400, "dark")])
def test_no_width_needs_sideways_scrolling(browser, wide, hostile, width, scheme):
    for path in (wide, hostile[1]):
        with opened(browser, path, viewport={"width": width, "height": 800}, color_scheme=scheme) as shown:
            page = shown.page
            page.get_by_role("button", name="show all").click()
            page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
            first = page.locator(".opening figcaption a").get_attribute("href")
            for address in ("#findings", first, "#read", "#network"):
                page.evaluate(f"location.hash = {json.dumps(address)}")
                page.wait_for_timeout(30)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert page.locator("#legend").bounding_box()["height"] < 65  # two lines


def test_policy_stops_a_script_that_is_not_the_page_s_own(browser, path, tmp_path):
    tampered = tmp_path / "tampered.html"
    foreign = "<script>document.title='run'</script><p onclick='1'></p></main>"
    tampered.write_text(path.read_text("utf-8").replace("</main>", foreign), "utf-8")
    with opened(browser, tampered, quiet=False) as shown:
        assert shown.page.title() != "run"
        assert any("Content Security Policy" in complaint for complaint in shown.complaints)
