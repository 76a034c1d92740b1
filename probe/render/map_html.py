"""Maps of attention as HTML: a fragment for notebooks and a page of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probe.errors import UserError
from probe.files import read_text, replace_text
from probe.render.map_panel import DOUBT, MapGrid, MapPanel, MapScale, legend_words, nats, probability, share
from probe.render.notebook import picture, stacked
from probe.render.page import TEMPLATES, cell_style, render_fragment, render_page, shade_properties
from probe.render.palette import ATTENTION, DIVERGING
from probe.render.theme import DARK, LIGHT, themed
from probe.render.token_label import OTHER_WHITE, WHITE, TokenLabel
from probe.render.wrapping import cut, width_of

SCOPE = ".probe-map"
# Columns from which on cells are small; letters from which on a label stands upright; the most of a label, and of a
# name where a cell is hovered.
MANY, UPRIGHT, LONGEST, NAMED = 20, 2, 24, 60
# Cells of all maps of a page: more would be tens of megabytes, which no browser lays out in a time that one waits.
MOST_CELLS = 60_000
# Red, for what helps when it is hidden and for doubt, and the lines between cells: on light and on dark.
OWN = ("--line:#a03a14;--lattice:#ece8df", "--line:#f3946c;--lattice:#2b2927")


def maps_fragment(panels: Sequence[MapPanel], title: str = "") -> str:
    """Return maps as HTML that brings its own colours, for a notebook's cell.

    Maps of more than 60,000 cells together are drawn as a picture.

    Args:
        panels: at least one.
        title: stands above, if there is one.
    """
    if _cells(panels) > MOST_CELLS:
        from probe.render.map_figure import maps_figure

        return stacked(picture(maps_figure(panels), "; ".join(panel.title for panel in panels)))
    return render_fragment("map_fragment.html", style=Markup(maps_style()), **maps_context(panels, title))


def write_maps(path: Path, panels: Sequence[MapPanel], title: str = "") -> Path:
    """Write maps as one offline page to ``path``, atomically; return it.

    Args:
        path: of the page.
        panels: at least one, each a card.
        title: stands above; the heading of the first map names the page unless told.

    Raises:
        UserError: they have more than 60,000 cells together, or the page cannot be written.
    """
    if (cells := _cells(panels)) > MOST_CELLS:
        raise UserError(f"a page shows maps of at most {MOST_CELLS:,} cells together (inputs × outputs × heads); "
                        f"received {cells:,}: show fewer maps, heads or tokens, or save a figure (.png, .svg, .pdf)")
    context = maps_context(panels, title)
    if not title:
        context["title"] = panels[0].title if len(panels) == 1 else "Maps of attention"
        if len(panels) == 1:
            context["panels"][0]["heading"] = ""  # said by the title already
    page = render_page("map_page.html", style=maps_style(), script=read_text(TEMPLATES / "map.js"), **context)
    replace_text(path, page)
    return path


def _cells(panels: Sequence[MapPanel]) -> int:
    return sum(panel.cells for panel in panels)


def maps_context(panels: Sequence[MapPanel], title: str) -> dict[str, Any]:
    """Return what the template of maps names."""
    scale = MapScale.of(panels)
    return {
        "title": title, "legend": legend_words(panels), "panels": [_panel(panel, scale) for panel in panels],
        "attention": ATTENTION, "effect": DIVERGING, "attention_ends": scale.attention_ends,
        "nats_ends": scale.nats_ends, "effects": any(panel.effects is not None for panel in panels),
        "probable": any(panel.probabilities is not None for panel in panels), "doubt": DOUBT,
        "doubtful": any(panel.doubtful(row) for panel in panels for row in range(len(panel.target))),
    }


def _panel(panel: MapPanel, scale: MapScale) -> dict[str, Any]:
    probabilities = [] if panel.probabilities is None else list(map(probability, panel.probabilities))
    rows = [_label(label) | {"probability": probabilities[label.place] if probabilities else "",
                             "doubtful": panel.doubtful(label.place)} for label in panel.rows]
    return {
        "heading": panel.heading, "text": panel.text, "leftward": panel.leftward, "remarks": panel.remarks,
        "rows": rows, "columns": list(map(_label, panel.columns)), "many": len(panel.source) >= MANY,
        "probable": bool(probabilities),
        "grids": [_grid(panel, grid, number, scale) for number, grid in enumerate(panel.grids)],
    }


def _label(label: TokenLabel) -> dict[str, Any]:
    long, white = width_of(label.letters) > UPRIGHT, label.letters in (*WHITE.values(), OTHER_WHITE)
    return {"shown": cut(label.letters, LONGEST), "name": cut(label.name, NAMED), "joins": label.joins,
            "place": label.place, "leftward": label.leftward, "long": long,
            "classes": " ".join(filter(None, ("long" if long else "", "white" if white else "")))}


def _grid(panel: MapPanel, grid: MapGrid, number: int, scale: MapScale) -> dict[str, Any]:
    write = nats if grid.effect else share
    steps, helps = grid.steps(scale).tolist(), grid.helps(scale).tolist()
    cells = [[{"classes": f"c{step}{' helps' if helped else ''}", "words": panel.words(number, row, column),
               "number": write(value)}
              for column, (step, helped, value) in enumerate(zip(*line, strict=True))]
             for row, line in enumerate(zip(steps, helps, grid.values.tolist(), strict=True))]
    return {"name": grid.name, "kind": "effects" if grid.effect else "attention", "first": number == 0, "cells": cells,
            "unit": "in nats" if grid.effect else ""}


def maps_style() -> str:
    """Return the style sheet of maps."""
    light, dark = (f"{kind};{own}" for kind, own in zip((LIGHT, DARK), OWN, strict=True))
    style = read_text(TEMPLATES / "map.css") + themed(SCOPE, light, dark)
    for scope, palette in ((f"{SCOPE} .attention", ATTENTION), (f"{SCOPE} .effects", DIVERGING)):
        style += themed(scope, shade_properties(palette.light), shade_properties(palette.dark))
        style += cell_style(palette.steps, scope)
    return style
