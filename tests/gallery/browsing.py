"""Opening pages in a browser, with all that they ask for and complain of."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from playwright.sync_api import Browser, Locator, Page

from probe.render import PALETTES, SCALINGS

PALETTE = PALETTES["diverging"]


@dataclass
class Opened:
    """A page with all that it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


# The tab of each browser in which one page after the other is opened: making one takes longer than most pages.
TABS: WeakKeyDictionary[Browser, Page] = WeakKeyDictionary()


@contextmanager
def opened(browser: Browser, path: Path, fragment: str = "", *, quiet: bool = True, color_scheme: str = "light",
           viewport: dict | None = None, java_script_enabled: bool = True) -> Iterator[Opened]:
    """Open a page; at the end it must have asked for nothing but itself and complained of nothing."""
    if not java_script_enabled:
        page = browser.new_context(java_script_enabled=False).new_page()
    elif not (page := TABS.pop(browser, None)) or page.is_closed():
        page = browser.new_context().new_page()
    page.goto("about:blank")
    page.set_viewport_size(viewport or {"width": 1400, "height": 1000})
    page.emulate_media(color_scheme=color_scheme, media="null", forced_colors="null")
    page.mouse.move(0, 0)
    view = Opened(page)
    listeners = {"request": lambda request: view.requests.append(request.url),
                 "console": lambda message: view.complaints.append(message.text),
                 "pageerror": lambda error: view.complaints.append(str(error))}
    for event, heard in listeners.items():
        page.on(event, heard)
    try:
        page.goto(path.as_uri() + fragment)
        yield view
        if quiet:
            assert {url.partition("#")[0] for url in view.requests} == {path.as_uri()}
            assert view.complaints == []
    finally:
        for event, heard in listeners.items():
            page.remove_listener(event, heard)
        if java_script_enabled and browser not in TABS:
            TABS[browser] = page
        else:
            page.context.close()


def spans(text: Locator) -> list[dict]:
    """The characters of a coloured text as the browser shows them."""
    return json.loads(text.evaluate(
        "text => JSON.stringify(Array.from(text.querySelectorAll('span[class], span:not(:has(span))')).filter(span => "
        "span.position !== undefined).map(span => ({text: span.textContent, kind: span.className, row: span.row, "
        "colour: getComputedStyle(span).backgroundColor, ink: getComputedStyle(span).color})))"))


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


def colours_of(values: np.ndarray, scaling: str = "raw") -> list[str]:
    """Return the colours that a page gives to values."""
    return [rgb(PALETTE.light.colours[index]) for index in PALETTE.indices(SCALINGS[scaling](values))]
