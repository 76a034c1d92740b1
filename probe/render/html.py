"""Coloured text as HTML: a fragment for notebooks and a page of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from probe.files import read_text, replace_text
from probe.render.graphemes import clusters, visible
from probe.render.page import TEMPLATES, cell_style, palette_style, render_fragment, render_page
from probe.render.palette import Palette
from probe.render.scaling import Scaling


@dataclass(frozen=True)
class Cell:
    """One visible character on a page: what stands there, its classes, and what hovering says."""

    text: str
    classes: str
    title: str


def fragment(text: str, values: np.ndarray, scaling: Scaling, palette: Palette, caption: str) -> str:
    """Return a coloured text as HTML that brings its own colours, for a notebook's cell.

    Args:
        text: N characters.
        values: (N,) finite numbers.
        scaling: brings ``values`` to [0, 1].
        palette: gives each scaled value its colour.
        caption: a line above, or nothing.
    """
    return render_fragment("fragment.html", style=Markup(_style(palette)),
                           **_context(text, values, scaling, palette, caption))


def write_page(path: Path, text: str, values: np.ndarray, scaling: Scaling, palette: Palette, caption: str) -> Path:
    """Write a coloured text, given as to :func:`fragment`, as one offline page to ``path``, atomically; return it."""
    context = _context(text, values, scaling, palette, caption)
    replace_text(path, render_page("coloured_text.html", style=_style(palette), **context))
    return path


def cells(text: str, values: np.ndarray, scaling: Scaling, palette: Palette) -> list[Cell]:
    """Return the visible characters of a coloured text; a cluster wears the value after its last code point."""
    scaled = scaling(values)
    indices = palette.indices(scaled)
    result = []
    for start, stop in clusters(text):
        cluster, last = text[start:stop], stop - 1
        mark = {"\n": " newline", "\t": " tab"}.get(cluster, "")
        name = {"\n": "newline", "\t": "tab", " ": "space"}.get(cluster, visible(cluster))
        title = f"{name}: {values[last]:.3f}, scaled {scaled[last]:.3f}"
        result.append(Cell(cluster, f"c{indices[last]}{mark}", title))
    return result


def _context(text: str, values: np.ndarray, scaling: Scaling, palette: Palette, caption: str) -> dict[str, Any]:
    span = f"{values.min():.2f} to {values.max():.2f}".replace("-", "−") if len(values) else "none"
    return {
        "title": caption or "Coloured text", "caption": caption, "cells": cells(text, values, scaling, palette),
        "palette": palette, "scaling": scaling.meaning, "span": span,
    }


def _style(palette: Palette) -> str:
    base = read_text(TEMPLATES / "coloured_text.css")
    scope = f".probe-text.{palette.name}"  # a notebook may show texts of several palettes
    return base + palette_style(palette, scope) + cell_style(palette.steps, scope)
