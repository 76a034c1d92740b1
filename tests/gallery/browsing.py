"""Opening pages in a browser, with all that they ask for and complain of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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


@contextmanager
def opened(browser: Browser, path: Path, fragment: str = "", *, quiet: bool = True, **context) -> Iterator[Opened]:
    """Open a page; at the end it must have asked for nothing but itself and complained of nothing."""
    view = Opened(browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **context}).new_page())
    view.page.on("request", lambda request: view.requests.append(request.url))
    view.page.on("console", lambda message: view.complaints.append(message.text))
    view.page.on("pageerror", lambda error: view.complaints.append(str(error)))
    view.page.goto(path.as_uri() + fragment)
    yield view
    if quiet:
        assert {url.partition("#")[0] for url in view.requests} == {path.as_uri()}
        assert view.complaints == []
    view.page.context.close()


def spans(text: Locator) -> list[dict]:
    """The characters of a coloured text as the browser shows them."""
    return text.evaluate(
        "text => Array.from(text.querySelectorAll('span[class], span:not(:has(span))')).filter(span => "
        "span.position !== undefined).map(span => ({text: span.textContent, kind: span.className, row: span.row, "
        "colour: getComputedStyle(span).backgroundColor, ink: getComputedStyle(span).color}))")


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


def colours_of(values: np.ndarray, scaling: str = "raw") -> list[str]:
    """Return the colours that a page gives to values."""
    return [rgb(PALETTE.light.colours[index]) for index in PALETTE.indices(SCALINGS[scaling](values))]
