"""Cells of a notebook: what they hold, and what a browser makes of them in light, in dark and on paper."""

import html.parser

import numpy as np
import pytest

from probe.render import PALETTES, ColouredText, GatePlot, HeatMap, Histogram, LossCurve
from probe.render.gate_plot import GatePanel
from probe.render.html import fragment
from probe.render.map_html import maps_fragment
from probe.render.map_panel import MapPanel
from probe.render.notebook import stacked, table_fragment
from probe.render.palette import FOR_AGAINST
from probe.render.weighted_html import weighted_fragment
from probe.render.weighted_text import WeightedText

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"onmouseover='x' </style></textarea>\u202e\u2028\x00"
TEXT = ColouredText("one \ntwo", np.linspace(-1, 1, 8), caption=HOSTILE, marks=np.arange(8) % 2 == 0, marked=HOSTILE)
OTHER = ColouredText("three", np.linspace(-1, 1, 5), palette=PALETTES["article"])
LOG = [{"step": step, "loss": 3 / step} for step in (1, 2, 3)]
WEIGHTED = WeightedText(HOSTILE, ("a", "b"), np.array([[0, 1], [1, 2]]), np.array([-1.0, 1.0]), ("", ""), 1.0,
                        ((HOSTILE, HOSTILE), ("logit", 1.0)), HOSTILE, ((HOSTILE, 1.0),), (HOSTILE,))
MAP = MapPanel((HOSTILE, "a"), (HOSTILE,), np.array([[[0.25, 0.75]]]), np.array([0.5]), np.array([[-1.0, 1.0]]),
               HOSTILE, (HOSTILE,))
CELLS = {
    "map": maps_fragment((MAP,), HOSTILE),
    "weights": weighted_fragment((WEIGHTED,)), "several weights": weighted_fragment((WEIGHTED, WEIGHTED), HOSTILE),
    "text": TEXT._repr_html_(), "table": table_fragment(("pattern", "r"), [(HOSTILE, 0.5), ("b", None)], HOSTILE),
    "histogram": Histogram(np.array([1, 2]), np.array([2, 1]), -1, 1, HOSTILE, HOSTILE)._repr_html_(),
    "heat map": HeatMap(np.ones((1, 1)), [HOSTILE], [HOSTILE])._repr_html_(),
    "loss": LossCurve.of(LOG)._repr_html_(),
    "gates": GatePlot((GatePanel(HOSTILE, "forget_gate", [0], np.ones(1), np.zeros(1)),), HOSTILE)._repr_html_(),
}


class Elements(html.parser.HTMLParser):
    """Every element with its attributes, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_has_no_script_no_ids_and_classes_of_its_own(cell):
    elements = Elements(cell).elements
    allowed = {"style", "figure", "figcaption", "pre", "span", "p", "i", "div", "table", "caption", "thead", "tbody",
               "tr", "th", "td", "img", "section", "svg", "line", "text", "circle", "title", "b", "h1", "bdi", "small"}
    assert {tag for tag, _ in elements} <= allowed
    assert not [name for _, fields in elements for name in fields if name.startswith("on") or name == "id"]
    assert all(fields["src"].startswith("data:image/svg+xml;base64,") for tag, fields in elements if tag == "img")
    assert next(fields["class"] for tag, fields in elements if tag != "style").startswith("probe-")
    assert not set("\x00\u202e\u2028") & set(cell)


def test_what_this_room_did_not_make_is_escaped_where_cells_are_stacked():
    assert "<script>" not in stacked(CELLS["text"], HOSTILE)
    assert stacked(CELLS["text"], CELLS["table"]) == CELLS["text"] + CELLS["table"]


def test_every_rule_of_a_style_is_about_our_own_classes():
    import re

    for cell in CELLS.values():
        for style in re.findall("<style>(.*?)</style>", cell, re.DOTALL):
            rules = re.sub(r"@media[^{]*\{", "", style)
            for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", rules):
                assert all(".probe-" in selector for selector in selectors.split(",")), selectors


def test_numbers_stand_in_columns_flush_right_and_a_table_without_headers_has_none():
    elements = Elements(table_fragment(("a", "b"), [("x", 1.5), ("y", None)])).elements
    assert [fields.get("class") for tag, fields in elements if tag == "td"] == ["short", "number", "short", "number"]
    assert [fields.get("class") for tag, fields in elements if tag == "th"] == [None, "number"]
    assert not [tag for tag, _ in Elements(table_fragment(("", ""), [("a", "b")])).elements if tag == "th"]
    assert "no rows" in table_fragment(("a",), [], "no rows")


def test_several_texts_of_a_cell_share_one_style():
    cell = fragment([TEXT.shown, TEXT.shown.bare, OTHER.shown])
    assert cell.count("<style>") == 1 and cell.count("<figure") == 3 and cell.count("laid on") == 2


LIGHT = ['data-jp-theme-light="true"', 'data-vscode-theme-kind="vscode-light"', ""]
DARK = ['data-jp-theme-light="false"', 'data-vscode-theme-kind="vscode-dark"', ""]


@pytest.mark.parametrize(("attribute", "scheme", "shades"), [
    *[(attribute, "dark" if attribute else "light", "light") for attribute in LIGHT],
    *[(attribute, "light" if attribute else "dark", "dark") for attribute in DARK],
])
def test_a_cell_is_as_light_as_its_notebook_and_paper_is_always_light(browser, attribute, scheme, shades):
    page = browser.new_context(color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_content(f"<!doctype html><body {attribute}>{stacked(*CELLS.values(), OTHER._repr_html_())}")

    def ends() -> list[str]:
        return page.evaluate("""() => Array.from(document.querySelectorAll(".probe-text"), text =>
            Array.from(text.querySelectorAll("pre span"), cell => getComputedStyle(cell).backgroundColor)
            .filter((_, place, all) => place === 0 || place === all.length - 1)).flat()""")

    def wanted(kind: str) -> list[str]:
        return ["rgb({}, {}, {})".format(*bytes.fromhex(colour[1:])) for palette in (TEXT.palette, OTHER.palette)
                for colour in (getattr(palette, kind).colours[0], getattr(palette, kind).colours[-1])]

    assert ends() == wanted(shades)
    signed = page.evaluate("""() => Array.from(document.querySelectorAll(".probe-weights pre [title]"), cell =>
        getComputedStyle(cell)).map(style => [style.backgroundColor, style.borderBottomColor == "rgba(0, 0, 0, 0)"])""")
    assert signed[:2] == [["rgb({}, {}, {})".format(*bytes.fromhex(getattr(FOR_AGAINST, shades).colours[end][1:])),
                           bare] for end, bare in ((0, False), (-1, True))]
    lightness = page.evaluate("() => getComputedStyle(document.querySelector('.probe-table')).backgroundColor")
    assert lightness == {"light": "rgb(255, 254, 251)", "dark": "rgb(22, 21, 20)"}[shades]
    page.emulate_media(media="print")
    assert ends() == wanted("light")
    kept = page.evaluate("() => getComputedStyle(document.querySelector('.probe-text pre')).printColorAdjust")
    assert kept == "exact"
    assert page.evaluate("() => Array.from(document.images, image => image.naturalWidth > 0)") == [True] * 3
    assert complaints == []
    page.context.close()
