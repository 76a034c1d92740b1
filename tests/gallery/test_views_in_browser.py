"""The page of one unit, the reader and the whole network, by mouse and by keyboard."""

import re

import numpy as np
import pytest

from probe.gallery import GalleryOptions, build_gallery
from probe.render import PALETTES
from tests.gallery.browsing import PALETTE, colours_of, opened, rgb, spans
from tests.gallery.derived import first_of


def test_a_card_leads_to_its_unit_and_the_way_back_is_kept(page, two):
    finding, _ = first_of(two)
    card = page.locator(".card:not([hidden]) h4 a", has_text=finding.label).last
    page.evaluate("history.scrollRestoration = 'manual'")  # not the browser's doing
    card.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    card.click()
    assert page.url.endswith(f"#unit-1-hidden-{finding.unit}")
    assert page.locator("#unit-title").inner_text() == f"Unit {finding.label} turns off inside quotes"
    assert page.title() == f"Unit {finding.label} turns off inside quotes"
    assert page.evaluate("scrollY") == 0
    assert page.locator("#findings").is_hidden()
    page.go_back()
    assert page.locator("#findings").is_visible()
    assert page.evaluate("scrollY") == pytest.approx(before, abs=2)
    page.go_forward()
    assert page.locator("#unit").is_visible()


def test_the_keyboard_alone_leads_to_a_unit_and_reads_it(page, two):
    finding, _ = first_of(two)
    page.locator(".opening figcaption a").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "unit-title"
    for _ in range(4):  # pattern, passage, beside other units, the text
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    values = two.passages[int(page.locator("#unit-passage").input_value())].values("1", "hidden", finding.unit)
    assert f"raw {values[0]:.3f}".replace("−", "-") in page.locator("#reading").inner_text()


def test_a_unit_s_text_and_line_are_those_chosen(page, two):
    finding, _ = first_of(two)
    page.goto(page.url + f"#unit-1-hidden-{finding.unit}")
    page.select_option("#unit-passage", "1")
    page.select_option("#unit-pattern", "2")
    passage = two.passages[1]
    shown = spans(page.locator("#unit .specimen .text"))
    assert "".join(span["text"] for span in shown) == passage.text
    assert [span["colour"] for span in shown] == colours_of(passage.values("1", "hidden", finding.unit))
    assert ["on4" in span["kind"].split() for span in shown] == (passage.labels[:, 2] > 0.5).tolist()
    assert page.locator("#unit .marked").inner_text() == "vowel"
    assert "upwards inside “vowel”" in page.locator("#unit .split").inner_text()


def test_contexts_stand_by_quantile_with_the_chosen_character_in_the_middle(page, two):
    finding, portrait = first_of(two)
    page.goto(page.url + f"#unit-1-hidden-{finding.unit}")
    bands = page.locator(".contexts section")
    assert bands.locator("h3").all_text_contents() == ["highest", "upper quarter", "median", "lower quarter", "lowest"]
    rows = [portrait.contexts[i] for i in range(len(portrait.contexts)) if portrait.contexts[i].band == 4]
    for row, context in zip(bands.first.locator(".context").all(), rows, strict=True):
        values = portrait.low + context.levels / 255 * (portrait.high - portrait.low)
        shown = spans(row)
        assert "".join(span["text"] for span in shown) == context.text.replace("\n", "↵")
        drawn = zip((span["colour"] for span in shown), colours_of(values), strict=True)
        # A value on the border of two colours may fall on either side.
        assert sum(one != other for one, other in drawn) <= 1
        assert row.locator(".chosen").inner_text() == context.text[context.at].replace("\n", "↵")
    quantile = [rgb(colour) for colour in PALETTE.light.colours]
    page.select_option("#scaling", "quantile")
    lowest = spans(bands.last.locator(".context").first.locator(".chosen"))[0]["colour"]
    highest = spans(bands.first.locator(".context").first.locator(".chosen"))[0]["colour"]
    assert quantile.index(lowest) < 4 and quantile.index(highest) > 20


def test_pushes_relations_memory_and_scores(page, two):
    finding, portrait = first_of(two)
    page.goto(page.url + f"#unit-1-hidden-{finding.unit}")
    written = page.locator("#unit-written tr").all_inner_texts()
    assert len(written) == len(portrait.written)
    assert written[0].split("\t")[1] == f"+{portrait.written[0].change:.2f}"
    away = [push for push in portrait.measured if push.change < 0]
    assert page.locator("#unit-measured tr.away").count() == len(away)
    similar = page.locator("#unit-similar li").all_inner_texts()
    assert similar == [f"unit 1:{each.unit} {each.correlation:.2f}" for each in portrait.similar]
    memory = page.locator("#unit-memory li").all_inner_texts()
    assert memory[0].startswith("Half of what its cell holds is gone after ")
    assert [line.split(" gate")[0] for line in memory[1:]] == ["Its input", "Its forget", "Its output"]
    scores = dict(line.split("\t")[::2] for line in page.locator("#unit-scores tbody tr").all_inner_texts())
    for p, note in enumerate(two.patterns):
        r = two.measures["confirmation/correlation"][finding.unit, p]
        assert scores.get(note.name.replace("_", " ")) == (None if np.isnan(r) else f"{r:.2f}".replace("-", "−")
                                                           .replace("−0.00", "0.00"))
    page.locator("#unit-opposite a").first.click()
    assert page.url.endswith(f"#unit-1-hidden-{portrait.opposite[0].unit}")


def test_a_unit_without_findings_is_shown_too_and_nothing_is_claimed(page, two):
    other = next(unit for unit in range(48) if unit not in {f.unit for f in two.findings})
    page.goto(page.url + f"#unit-1-cell-{other}")
    assert page.locator("#unit-title").inner_text() == f"Unit 1:{other} cell"
    assert "not among the best units of any pattern" in page.locator("#unit-opening").inner_text()
    assert page.locator("#unit-contexts, #unit-evidence, #unit-pushes, #unit-values").filter(visible=True).count() == 0
    assert page.get_by_text("Only units among the findings were read closer").is_visible()
    gates = page.locator("#unit-memory li").all_inner_texts()
    assert [line.split(" gate")[0] for line in gates] == ["Its input", "Its forget", "Its output"]
    assert f"open at {two.saturation['1'].right[1, other]:.0%}"[:-1] in gates[1]
    chosen = int(page.locator("#unit-passage").input_value())
    values = two.passages[chosen].values("1", "cell", other)
    found = [span["colour"] for span in spans(page.locator("#unit .specimen .text"))]
    assert found == colours_of(values, "stretched")


def test_evidence_of_every_finding_of_the_unit(page, two):
    finding, _ = first_of(two)
    page.goto(page.url + f"#unit-1-hidden-{finding.unit}")
    evidence = page.locator("#unit-evidence section")
    own = [f for f in two.findings if f.unit == finding.unit]
    assert evidence.count() == len(own)
    first = evidence.first.inner_text()
    assert "Number 1 for this pattern." in first and "Is it used? Without it the network" in first
    evidence.first.locator("summary").click()
    scores = evidence.first.locator("table").inner_text()
    assert f"AUC\t{finding.selection.auc:.3f}\t{finding.confirmation.auc:.3f}" in scores


def test_reader_lays_units_side_by_side(page, two):
    page.get_by_role("link", name="Reader").click()
    assert page.locator("#read .text").count() == 1
    page.get_by_role("button", name="one more unit beside it").click()
    box = page.locator("#read-columns input").nth(1)
    box.fill("1:5 cell")
    box.press("Enter")
    page.locator("#read-columns select").nth(1).select_option(label="whitespace")
    page.select_option("#read-passage", "1")
    passage = two.passages[1]
    first, second = page.locator("#read .text").all()
    assert "".join(span["text"] for span in spans(first)) == passage.text
    assert [span["colour"] for span in spans(second)] == colours_of(passage.values("1", "cell", 5), "stretched")
    assert ["on4" in span["kind"].split() for span in spans(second)] == (passage.labels[:, 1] > 0.5).tolist()
    assert first.bounding_box()["y"] == second.bounding_box()["y"]
    first.locator("span").nth(7).hover()
    assert second.locator(".at").evaluate("span => span.order") == 7
    page.reload()
    assert page.locator("#read-columns input").nth(1).input_value() == "1:5 cell"
    assert page.locator("#read-passage").input_value() == "1"
    page.get_by_role("button", name="away").first.click()
    assert page.locator("#read .text").count() == 1


def test_a_unit_that_is_not_there_is_told(page):
    page.goto(page.url + "#read")
    box = page.locator("#read-columns input").first
    before = spans(page.locator("#read .text"))
    box.fill("7:7")
    box.press("Enter")
    assert "There is no unit 7:7 here" in box.evaluate("box => box.validationMessage")
    assert spans(page.locator("#read .text")) == before
    box.blur()
    assert re.fullmatch(r"1:\d+", box.input_value())
    box.fill("5")
    box.press("Enter")
    assert page.locator("#read-columns input").first.input_value() == "1:5"


def test_heat_map_tells_and_opens_what_is_pointed_at(page, two):
    page.get_by_role("link", name="The whole network").click()
    canvas, reading = page.locator("canvas").first, page.locator("#reading")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    unit, name, told = re.fullmatch(r"unit (1:\d+) · (.+) · correlation (.+)", reading.inner_text()).groups()
    p = [note.name for note in two.patterns].index(name.replace(" ", "_"))
    r = two.measures["confirmation/correlation"][int(unit[2:]), p]
    assert float(told.replace("−", "-")) == pytest.approx(r, abs=0.0051)
    most = np.nanmax(np.abs(two.measures["confirmation/correlation"]))
    shown = canvas.evaluate("""canvas => { const map = JSON.parse(document.getElementById('data').textContent).maps[0];
        return [map.across, map.down, Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width,
            canvas.height).data)]; }""")
    table = np.round(two.measures["confirmation/correlation"][:48][np.ix_(shown[0], shown[1])], 2).T
    indices = PALETTE.indices((1 + np.nan_to_num(table) / most).ravel() / 2)
    pixels = np.array(shown[2]).reshape(-1, 4)[:, :3].tolist()
    expected = [list(bytes.fromhex("dcd7cc" if unknown else PALETTE.light.colours[index][1:]))
                for index, unknown in zip(indices, np.isnan(table).ravel(), strict=True)]
    at = expected.index([0xdc, 0xd7, 0xcc])  # no correlation has a colour of its own
    assert pixels[at] == expected[at] and np.isnan(table).sum() == 1
    assert sum(one != other for one, other in zip(pixels, expected, strict=True)) <= 3  # on the border of two colours
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#unit-1-hidden-{unit[2:]}")


def test_gates_lead_to_their_units(page, two):
    page.goto(page.url + "#network")
    points = page.locator(".panels").first.locator("circle")
    assert points.count() == 3 * 48
    gates = two.saturation["1"]
    told = f"1:0: open {gates.right[0, 0]:.3f}, closed {gates.left[0, 0]:.3f}"
    assert points.nth(0).locator("title").text_content() == told
    x = float(points.nth(0).get_attribute("cx"))
    assert x == pytest.approx(200 * gates.right[0, 0], abs=0.06)
    points.nth(3).click(force=True)
    assert re.search(r"#unit-1-hidden-\d+$", page.url)


def test_a_divided_gallery_is_one_for_its_reader(browser, two, tmp_path):
    path = build_gallery(two, tmp_path / "l #1.html", GalleryOptions(largest=0.06))
    finding, _ = first_of(two)
    with opened(browser, path, quiet=False, color_scheme="light") as shown:
        page = shown.page
        page.select_option("#palette", "article")
        page.locator(".card:not([hidden]) h4 a").first.click()
        page.wait_for_url(re.compile("units-1-hidden"))
        assert page.locator("#palette").input_value() == "article"
        article = {rgb(colour) for colour in PALETTES["article"].light.colours}
        assert {span["colour"] for span in spans(page.locator("#unit .specimen .text"))} <= article
        assert "turns" in page.locator("#unit-title").inner_text()
        assert len(spans(page.locator("#unit .specimen .text"))) == len(two.passages[0].text)
        page.locator("#unit-read").click()
        page.wait_for_url(re.compile("passage-0-1-hidden"))
        assert len(spans(page.locator("#read .text"))) == len(two.passages[0].text)
        page.select_option("#read-passage", "1")
        page.wait_for_url(re.compile("passage-1-1-hidden"))
        assert page.locator("#palette").input_value() == "article"
        assert "".join(span["text"] for span in spans(page.locator("#read .text"))) == two.passages[1].text
        page.get_by_role("link", name="Findings").click()
        page.wait_for_url(re.compile("l%20%231.html"))
        assert finding.label in page.locator("h1").first.inner_text()
        assert shown.complaints == []
        assert all(url.startswith("file:") for url in shown.requests)
