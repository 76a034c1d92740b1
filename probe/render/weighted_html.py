"""Weighted texts as HTML: a fragment for notebooks and a page of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from probe.files import read_text, replace_text
from probe.render.page import TEMPLATES, cell_style, render_fragment, render_page, shade_properties
from probe.render.palette import FOR_AGAINST
from probe.render.signs import name_of, signed
from probe.render.table import cell
from probe.render.theme import DARK, LIGHT, themed
from probe.render.weighted_table import numbers_alone, written
from probe.render.weighted_text import BESIDE, PAD, WeightedText, captions_of, shared_notes, table_of
from probe.render.wrapping import cut

SCOPE = ".probe-weights"
# Strongest tokens of each sign that a card names, and columns of one; texts from which on the table of their facts is
# folded away; columns of a line that does not fit beside another text; facts that a narrow screen keeps.
LISTED, LONGEST, FOLDED, BESIDE_COLUMNS = 5, 30, 6, 44
KEPT = ("text", "asked", "probability", "truth")
# The line below what is against, on light and on dark; up to which share of all colours from the middle it is dotted.
LINE, WEAK = ("--line:#a03a14", "--line:#f3946c"), 1 / 6


@dataclass(frozen=True)
class Run:
    """Characters on a page: pieces of letters, each with the sign it needs, their classes, and what hovering says.

    Text between tokens has no classes and no title.
    """

    pieces: list[tuple[str, str]]
    classes: str = ""
    title: str = ""


def weighted_fragment(texts: tuple[WeightedText, ...], title: str = "") -> str:
    """Return weighted texts as HTML that brings its own colours, for a notebook's cell.

    Args:
        texts: at least one; several stand side by side where there is room, below a table of their facts.
        title: stands above several.
    """
    return render_fragment("weights_fragment.html", style=Markup(_style()), linked=False,
                           **_context(texts, title, False))


def write_weighted(path: Path, texts: tuple[WeightedText, ...], title: str = "", *, pads: bool = False) -> Path:
    """Write weighted texts as one offline page to ``path``, atomically; return it.

    Args:
        path: of the page.
        texts, title: as of :func:`weighted_fragment`.
        pads: whether the pads are drawn too.
    """
    page = render_page("weights_page.html", style=_style(), linked=True,
                       **_context(texts, title or texts[0].heading, pads))
    replace_text(path, page)
    return path


def runs(text: WeightedText) -> list[Run]:
    """Return a text as coloured cells and what stands between them."""
    signs = list(signed(text.text)) if text.text else []
    starts = np.array([start for start, _, _ in signs], np.int64)
    cells = text.cells
    steps = text.steps(np.array([each.weight for each in cells]))
    result, behind = [], 0
    for each, step in zip(cells, steps.tolist(), strict=True):
        if each.start > behind:
            result.append(Run([(text.text[behind:each.start], "")]))
        first, last = np.searchsorted(starts, (each.start, each.stop))
        pieces = list(_pieces(text.text, signs[first:last]))
        result.append(Run(pieces, _classes(step, text.palette.steps), each.title))
        behind = each.stop
    return result + ([Run([(text.text[behind:], "")])] if behind < len(text.text) else [])


def _classes(step: int, steps: int) -> str:
    """The classes of a colour's index: its own, which sign it stands for, and how strongly; the middle is no colour."""
    away = step - steps // 2
    if not away:
        return ""
    return f"c{step} {'against' if away < 0 else 'for'}{'' if abs(away) > WEAK * steps else ' weak'}"


def _pieces(text: str, signs: list[tuple[int, int, str]]) -> Iterator[tuple[str, str]]:
    """The letters of a cell, those with a sign by themselves."""
    plain = ""
    for start, stop, sign in signs:
        if not sign:
            plain += text[start:stop]
            continue
        if plain:
            yield plain, ""
        plain = ""
        yield text[start:stop], sign
    if plain:
        yield plain, ""


def _context(texts: tuple[WeightedText, ...], title: str, pads: bool) -> dict[str, Any]:
    several, shared = len(texts) > 1, shared_notes(texts)
    headers, rows = table_of(texts)
    columns = list(zip(*rows, strict=True))
    laws, methods = {text.law for text in texts}, {text.method for text in texts}
    above = f"law that it keeps: {texts[0].law}" if len(laws) == 1 and texts[0].law else ""
    told = {above, *shared}
    return {
        "title": title, "several": several, "headers": headers, "folded": len(texts) >= FOLDED,
        "rows": list(zip(*map(written, columns), strict=True)), "flush": list(map(numbers_alone, columns)),
        "kept": [header in KEPT for header in headers],
        "texts": [_of(text, caption, [note for note in text.last_notes if note not in told], several, pads)
                  for text, caption in zip(texts, _captions(texts), strict=True)],
        "method": texts[0].method if len(methods) == 1 and not (several and title) else "",
        "law": texts[0].law if above else "",
        "notes": [note for note in shared if note != above], "ends": texts[0].ends, "palette": texts[0].palette,
        "one_scale": len({text.scale for text in texts}) == 1, "long_lines": any(map(_long_lines, texts)),
    }


def _captions(texts: tuple[WeightedText, ...]) -> list[str]:
    """Captions without the method where the page tells it above."""
    return [texts[0].caption] if len(texts) == 1 else captions_of(texts)


def _long_lines(text: WeightedText) -> bool:
    """Whether the lines of a text, such as code, are too long to stand beside another."""
    lines = text.text.split("\n")
    return len(lines) > 1 and max(map(len, lines)) > BESIDE_COLUMNS


def _of(text: WeightedText, caption: str, notes: list[str], several: bool, pads: bool) -> dict[str, Any]:
    names, kinds, weights, titles = zip(*text.aside, strict=True) if text.aside else ((), (), (), ())
    classes = [_classes(step, text.palette.steps) for step in text.steps(np.array(weights)).tolist()]
    aside = list(zip(names, kinds, classes, titles, strict=True))
    facts = [] if several else [(name, written([value])[0]) for name, value in text.facts]
    strongest = [(kind, [(_named(text.text[each.start:each.stop]), text.words_of(each.weight)) for each in found])
                 for kind, found in text.strongest(LISTED) if found]
    return {"caption": caption, "warning": text.warning, "facts": facts, "runs": runs(text), "notes": notes,
            "strongest": strongest, "beside": BESIDE,
            "pads": [each for each in aside if each[1] == PAD] if pads else [],
            "aside": [each for each in aside if each[1] != PAD], "ends": text.ends}


def _named(letters: str) -> str:
    """A cell in a list: white space by its name, what is long cut."""
    return cut(name_of(letters) if len(letters) == 1 else cell(letters), LONGEST)


def _style() -> str:
    base = read_text(TEMPLATES / "weights.css") + themed(SCOPE, LIGHT, DARK)
    light, dark = (f"{shade_properties(shades)};{line}"
                   for shades, line in zip((FOR_AGAINST.light, FOR_AGAINST.dark), LINE, strict=True))
    colours = themed(SCOPE, light, dark)
    return base + colours + cell_style(FOR_AGAINST.steps, SCOPE)
