"""The site of the documentation, built once: every public name and every page is on it, and nothing from elsewhere."""

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.gallery.browsing import opened

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

ROOMS = {path.parent.name: ast.parse(path.read_text("utf-8"))
         for path in sorted((ROOT / "probe").glob("*/__init__.py"))}
LOADED = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)="([^"]*)"')


def exported(module: ast.Module) -> list[str]:
    """What a module names in ``__all__``, without importing it."""
    return [name for node in module.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
            for name in ast.literal_eval(node.value)]


class Told(HTMLParser):
    """The paragraphs below the heading of each name on a page of the reference."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.told: dict[str, str] = {}
        self._name, self._paragraph = "", False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("h2", "h3", "h4") and "doc-heading" in (given.get("class") or ""):
            self._name = given["id"]
        self._paragraph = tag == "p"

    def handle_data(self, data):
        if self._paragraph and self._name:
            self.told[self._name] = self.told.get(self._name, "") + data.strip()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site; a warning ends the build (with --quiet none would)."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html")}


@pytest.mark.parametrize("room", [room for room, module in ROOMS.items() if exported(module)])
def test_every_public_name_is_told_of(pages, room):
    told = Told(pages[f"reference/{room}.html"]).told
    assert [name for name in exported(ROOMS[room]) if not told.get(f"probe.{room}.{name}")] == []


def test_docstrings_are_shown_as_they_are_meant(pages):
    shown = {name: " ".join(re.sub(r"<[^>]*>", "", html).split()) for name, html in pages.items()
             if name.startswith("reference/")}
    scan, train, attention, explain = (shown[f"reference/{room}.html"] for room in
                                       ("scan", "train", "attention", "explain"))
    assert "units kept as findings for each pattern; at least 1 and at most 50." in scan  # help and bounds of an option
    assert "top: int = 5" in scan  # and its default
    assert "low, high: its ends. high float low, high: its ends." in scan  # two names told of in one entry
    assert "peak learning rate of Adam; above 0 and at most 1,000." in train  # an option of a class above it
    assert "updates in one pass over the training split" in train  # the docstring of what is overridden
    assert "(T, S) float64 nats, T one more than output has characters: log-probability" in attention  # a colon
    assert "token → id." in explain[explain.index("WordTokenizer dataclass"):]  # the fields of a class above it
    assert [name for name, text in shown.items() if re.search(r":[a-z]+:`|``|::", text)] == []


def test_every_page_is_built_and_in_the_navigation(pages):
    """That none is left out of the navigation is a warning, which ends the build."""
    sources = {page.relative_to(DOCS).with_suffix(".html").as_posix() for page in DOCS.rglob("*.md")}
    assert sources <= pages.keys()
    start = Path("index.html")
    linked = {target.partition("#")[0] for target in re.findall(r'class="md-nav__link[^>]*href="([^"]*)"|href="([^"]*)"'
                                                                r'[^>]*class="md-nav__link', pages[start.name])
              for target in target if target}
    assert sources - {"index.html"} <= linked


def test_nothing_is_loaded_from_elsewhere(pages):
    for name, html in pages.items():
        loaded = LOADED.findall(html)
        assert len(loaded) > 3 and [target for target in loaded if "//" in target] == [], name


def test_pages_that_are_opened_from_files_can_be_searched_and_ask_nobody(site, browser):
    with opened(browser, site / "reference" / "scan.html", quiet=False) as view:
        field = view.page.locator(".md-search__input")
        field.click()
        expect(field).to_be_focused()
        view.page.wait_for_function("window.__index !== undefined")
        field.press_sequentially("pooled deviations")
        found = view.page.locator(".md-search-result__item h1", has_text="Cohen's d")
        expect(found).to_be_visible(timeout=20_000)
    assert view.requests and {url.partition(":")[0] for url in view.requests} == {"file"}
    assert view.complaints == []
