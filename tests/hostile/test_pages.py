"""Hostile words in every page, cell and drawing: nothing runs, loads or reorders, and there is nothing but what the
templates make of tame words."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.hostile.pages import drawings, galleries, other_pages
from tests.hostile.strings import AWKWARD, PAYLOADS, SHORT, TEXT
from tests.hostile.watching import assert_made_by_templates, census, watched

TAME = "tame words"
TAME_TEXT = "A plain text,\n\twith a few lines  \nand\u00a0no harm in it. " * 8
TAME_TOKENS = ("a", " ", "long", "שלום", "نور", "\n") * 10
# A text short enough to be drawn letter by letter.
DRAWN = "".join(PAYLOADS[::9])[:250] + "".join(AWKWARD.values())[:400:3]


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """Where hostile and tame pages go; the hostile folder has a hostile name."""
    base = tmp_path_factory.mktemp("pages")
    made = base / "<svg onload=ran(1)>\"'`%3Cscript%3E&lt;{{7*7}}${ran(1)}", base / "tame"
    for folder in made:
        folder.mkdir()
    return made


def views_of_gallery(page: Page) -> Iterator[None]:
    """Open every view, unfold what is folded, point at what speaks."""
    for button in page.get_by_role("button", name="show all").all():
        button.click()
    for address in page.evaluate("Array.from(document.querySelectorAll('.view'), view => view.id)"):
        if address != "unit":
            page.evaluate(f"location.hash = {json.dumps('#' + address)}")
        page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        yield
    for link in page.locator("#findings .card h4 a, .panels a").all()[:1]:
        page.evaluate("href => { location.hash = href.slice(href.indexOf('#')); }", link.get_attribute("href"))
    unit = page.evaluate("""document.querySelector("#unit")
        && Object.keys(JSON.parse(document.querySelector("#data").textContent).units)[0]""")
    if unit:
        page.evaluate(f"location.hash = {json.dumps('#' + unit)}")
        page.locator("#unit .text span").first.hover()
        yield
    if page.locator("canvas").count():
        page.evaluate("location.hash = '#network'")
        page.locator("canvas").first.hover(position={"x": 3, "y": 3})
        yield
    if page.locator(".live-works").count():
        page.evaluate("location.hash = '#write'")
        page.locator(".live-next li").nth(4).wait_for()
        yield


def views_of_page(page: Page) -> Iterator[None]:
    if page.locator("td.cell").count():
        page.locator("td.cell").first.dispatch_event("pointerover")
    yield


def compare(browser: Browser, hostile: list[Path], tame: list[Path], views: Callable[[Page], Iterator[None]]) -> None:
    """Hold each hostile page against its tame one; one tab shows all that are tame, another all that are hostile."""
    assert [path.name[:4] for path in hostile] == [path.name[:4] for path in tame]
    with watched(browser, tame[0]) as usual, watched(browser, hostile[0]) as shown:
        for plain, attacked in zip(tame, hostile, strict=True):
            if plain is not tame[0]:
                usual.open(plain)
                shown.open(attacked)
            expected = [census(usual.page) for _ in views(usual.page)]
            kinds = {kind for each in expected for kind in (*each["counts"], *each["attributes"])}
            for like, _ in zip(expected, views(shown.page), strict=True):
                assert_made_by_templates(shown.page, like, kinds)


@pytest.fixture(scope="module")
def attacked(folders) -> list[Path]:
    """Galleries of hostile findings; their patterns are called all that could run."""
    called = [" ".join(PAYLOADS[place::7]) for place in range(7)]
    return galleries(SHORT, "".join(AWKWARD.values()) + TEXT[-1500:], called, folders[0])


def test_galleries(browser, folders, attacked):
    compare(browser, attacked, galleries(TAME, TAME_TEXT, [TAME], folders[1]), views_of_gallery)


def test_addresses_that_somebody_wrote(browser, attacked):
    with watched(browser, attacked[0], "#unit-" + PAYLOADS[0]) as shown:
        addresses = [f"#{start}{each.replace(chr(0xd800), '')}" for start, every in
                     (("", 5), ("unit-", 5), ("read-0/1-hidden-0~", 25))  # the reader draws its whole text each time
                     for each in (*PAYLOADS[::every], SHORT)]
        opened = shown.page.evaluate("""async addresses => {
          const opened = [];
          for (const address of addresses) {
            const changed = new Promise(done => addEventListener("hashchange", done, {once: true}));
            location.hash = address;
            await changed;
            opened.push(document.querySelectorAll(".view:not([hidden])").length);
          }
          return opened;
        }""", addresses)
        shown.page.wait_for_timeout(200)
        assert opened == [1] * len(addresses)


@pytest.mark.parametrize("kind", [0, 1, 2], ids=["whole", "index", "units"])
def test_an_address_of_anything_or_of_nothing_shows_one_view_that_is_filled(kind, browser, attacked):
    """Also one beside all views, of the unit's view without a unit, and of a reader that only other pages have."""
    for name in ("", "unit", "legend", *(["read-0/1-hidden-0~" + PAYLOADS[0]] if kind else [])):
        with watched(browser, attacked[kind], f"#{name}") as shown:
            [view] = shown.page.locator(".view:not([hidden])").all()
            assert view.locator("h1").inner_text().strip()
            assert view.inner_text().strip() != view.locator("h1").inner_text().strip()
            assert not kind or shown.page.locator("#read").count() == 0


def test_other_pages_and_cells(browser, folders):
    hostile, tame = folders
    compare(browser, other_pages(SHORT, TEXT, (*PAYLOADS, *AWKWARD.values()), hostile),
            other_pages(TAME, TAME_TEXT, TAME_TOKENS, tame), views_of_page)


def test_drawings(browser, folders):
    hostile, tame = folders
    tokens = (*PAYLOADS[::16], *AWKWARD.values())[:40]
    compare(browser, drawings(SHORT, DRAWN, tokens, hostile), drawings(TAME, TAME_TEXT[:100], TAME_TOKENS, tame),
            views_of_page)
