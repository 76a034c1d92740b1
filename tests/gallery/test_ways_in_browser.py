"""Finding one's way in a page: addresses, the way back, the keyboard, forced colours."""

import pytest

from tests.gallery.browsing import colours_of, opened, spans
from tests.gallery.derived import first_of


def test_the_unit_beside_a_unit_is_the_one_most_like_it(page, two):
    finding, portrait = first_of(two)
    page.goto(page.url + f"#read-0/1-hidden-{finding.unit}~0")
    page.get_by_role("button", name="one more unit beside it").click()
    assert page.locator("#read-columns input").nth(1).input_value() == f"1:{portrait.similar[0].unit}"


def test_an_address_of_no_unit_says_so(page):
    page.goto(page.url + "#unit-1-hidden-9999")
    assert page.get_by_text("No such unit here").is_visible()
    assert page.locator("#findings").is_visible()
    page.goto(page.url.partition("#")[0] + "#unit-1-hidden-5")
    assert page.get_by_text("No such unit here").is_hidden()


def test_the_way_back_leads_the_keyboard_back(page):
    link = page.locator(".opening figcaption a")
    link.focus()
    page.keyboard.press("Enter")
    page.go_back()
    assert link.evaluate("link => link === document.activeElement")


def test_contexts_are_one_stop_of_the_keyboard(page, two):
    page.goto(page.url + f"#unit-1-hidden-{first_of(two)[0].unit}")
    rows = page.locator(".context")
    assert rows.count() > 5 and page.locator(".context[tabindex='0']").count() == 1
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    assert rows.nth(1).evaluate("row => row === document.activeElement")
    assert page.locator(".context[tabindex='0']").count() == 1


def test_forced_colours_leave_the_colours_that_mean_something(page, two):
    finding, _ = first_of(two)
    page.emulate_media(forced_colors="active", color_scheme="light")
    page.goto(page.url + f"#unit-1-hidden-{finding.unit}")
    values = two.passages[int(page.locator("#unit-passage").input_value())].values("1", "hidden", finding.unit)
    assert [span["colour"] for span in spans(page.locator("#unit .specimen .text"))] == colours_of(values)
    fills = page.locator("#unit .histogram rect").evaluate_all("bars => bars.map(bar => getComputedStyle(bar).fill)")
    assert len(set(fills)) > 5


@pytest.mark.parametrize("width", [380, 1400])
def test_no_menu_of_the_legend_is_cut_and_every_one_has_its_caption(browser, wide, width):
    with opened(browser, wide, "#read", viewport={"width": width, "height": 900}) as shown:
        page = shown.page
        assert page.locator("#legend .name").evaluate_all("names => names.every(name => name.offsetWidth > 30)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = """() => Array.from(document.querySelectorAll("#legend select, #read select"))
          .map(select => [select.offsetWidth, (select.style.maxWidth = "none", select.offsetWidth)])
          .filter(([is, wants]) => is < wants)"""
        assert page.evaluate(cut) == []
