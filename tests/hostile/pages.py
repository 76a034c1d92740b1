"""Every kind of page, cell and drawing there is, with the same words in every place that takes words."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from probe.gallery import GalleryOptions, build_gallery
from probe.render import ColouredText, GatePlot, HeatMap, Histogram, LossCurve, save_figure
from probe.render.coloured_text import write_texts
from probe.render.gate_plot import GatePanel, GateTable
from probe.render.map_figure import maps_figure
from probe.render.map_html import maps_fragment, write_maps
from probe.render.map_panel import MapPanel
from probe.render.map_report import ReportTable, write_report
from probe.render.notebook import table_fragment
from probe.render.strip import Strip, strip_figure
from probe.render.weighted_figure import weighted_figure
from probe.render.weighted_html import weighted_fragment, write_weighted
from probe.render.weighted_text import PAD, WeightedText
from probe.scan.finding import PatternNote
from probe.scan.findings import Findings
from tests.gallery.derived import two_passages
from tests.gallery.live_networks import drawn_network
from tests.gallery.simulation import CONFIRMATION, SELECTION, simulated_findings

LOG = [{"step": step, "loss": 3 / step, "validation_loss": 3.1 / step} for step in (1, 2, 3)]


@cache
def simulated() -> Findings:
    return simulated_findings(SELECTION[:400], CONFIRMATION[:400])


def told_on(base: Findings, text: str) -> Findings:
    """The same findings on a passage of another text, whose numbers are those of the first again and again."""
    passage, length = base.passages[0], len(text)
    arrays = {field: np.resize(value, (length, value.shape[1])) for field in ("labels", "expected", "chances")
              if (value := getattr(passage, field)) is not None}
    levels = {source: np.resize(value, (length, value.shape[1])) for source, value in passage.activations.items()}
    return replace(base, passages=(replace(passage, text=text, activations=levels, **arrays),))


def findings_of(name: str, text: str, patterns: Sequence[str] = (), letter: str = "") -> Findings:
    """Findings whose every string is ``name``, on passages that begin with ``text``; patterns, and the first letter of
    the alphabet, may be called otherwise."""
    base = two_passages(told_on(simulated(), f"{text}\n\n{CONFIRMATION}"))
    layer, letter = f"1{name}".replace("\ud800", ""), letter or name

    def moved(source):
        return (layer, source[1]) if source[0] == "1" else source

    passages = tuple(replace(each, **{field: {moved(source): value for source, value in getattr(each, field).items()}
                                      for field in ("activations", "scales", "units")}) for each in base.passages)
    portraits = tuple(replace(
        each, layer=layer, similar=tuple(replace(other, layer=layer) for other in each.similar),
        opposite=tuple(replace(other, layer=layer) for other in each.opposite),
        written=tuple(replace(push, character=letter) for push in each.written)) for each in base.portraits)
    network = drawn_network("".join(sorted(set(CONFIRMATION + text) - set("\ud800\udc00\udffb"))), unknown=True)
    arrays = {key.replace("1/", f"{layer}/"): value for key, value in network.arrays.items()}
    called = {note.name: patterns[place % len(patterns)] if patterns else name
              for place, note in enumerate(base.patterns)}
    notes = tuple(PatternNote(note.name + called[note.name], called[note.name], name, note.kind)
                  for note in base.patterns)
    findings = tuple(replace(each, pattern=each.pattern + called[each.pattern], layer=layer) for each in base.findings)
    return replace(
        base, patterns=notes, findings=findings, passages=passages, portraits=portraits,
        saturation={layer: base.saturation["1"]},
        units={moved(source): units for source, units in base.units.items()},
        alphabet=(letter, *base.alphabet), provenance={name: {"path": name, "list": [name], "command": name}},
        network=replace(network, layers=(layer,), arrays=arrays))


def galleries(name: str, text: str, patterns: Sequence[str], folder: Path) -> list[Path]:
    """A gallery in one file with the network in it, and the index and pages of one that is divided."""
    found = findings_of(name, text, patterns)
    whole = build_gallery(found, folder / "whole.html", GalleryOptions(live=True, excerpt=100_000))
    build_gallery(found, folder / "divided.html", GalleryOptions(largest=0.05))
    pages = sorted((folder / "divided-pages").rglob("*.html"))
    return [whole, folder / "divided.html", *(next(each for each in pages if each.name.startswith(kind))
                                              for kind in ("units", "passage"))]


def coloured(name: str, text: str) -> ColouredText:
    values = np.sin(np.arange(len(text)))
    return ColouredText(text, values, caption=name, marks=values > 0, marked=name)


def panel(name: str, tokens: Sequence[str]) -> MapPanel:
    count = len(tokens)
    weights = np.full((2, 3, count), 1 / count)
    return MapPanel(tuple(tokens), tuple(tokens[:3]), weights, np.array([0.5, 0.95, 1.0]), np.ones((3, count)),
                    name, (name, name), (name, name))


def weighted(name: str, text: str) -> WeightedText:
    offsets = np.array([(place, place + 1) for place in range(0, len(text), 2)] + [(0, 0)] * 3, np.int64)
    kinds = ("",) * (len(offsets) - 2) + (PAD, name)
    weights = np.cos(np.arange(len(offsets)))
    names = tuple(name[(start := 20 * place % max(1, len(name))):start + 30] for place in range(len(offsets)))
    return WeightedText(text, names, offsets, weights, kinds, 1.0, ((name, name), (name, 0.5)), name,
                        ((name, name),), (name,), verdict=name, warning=name, law=name)


def gates(name: str) -> GatePlot:
    shares = np.array([0.25, 0.5])
    table = GateTable(name, (name, name), [(name, 0.5)], name)
    panels = tuple(GatePanel(name, gate, (0, 1), shares, shares) for gate in ("forget_gate", name))
    return GatePlot(panels, name, (table,))


def other_pages(name: str, text: str, tokens: Sequence[str], folder: Path) -> list[Path]:
    """Pages that load no script, or that of maps alone, and a page of a notebook's cells.

    One page of each kind holds all of the text or of the tokens; what shows them again holds a part.
    """
    made, less, part = panel(name, tokens), panel(name, tokens[::8]), text[:300]
    sheet = ReportTable(name, (name, name), ((name, name), (name, 0.5)))
    cells = [coloured(name, text[::2])._repr_html_(), weighted_fragment((weighted(name, part),) * 2, name),
             maps_fragment((less,), name), table_fragment((name, name), [(name, 0.5)], name), gates(name)._repr_html_(),
             Histogram(np.array([1, 2]), np.array([2, 1]), -1, 1, name, name)._repr_html_()]
    notebook = folder / "notebook.html"
    notebook.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>cells</title>{''.join(cells)}", "utf-8")
    return [write_texts(folder / "text.html", [coloured(name, text), coloured(name, part)]),
            write_maps(folder / "map.html", (made, less), name),
            write_report(folder / "report.html", name, [sheet], findings=[name], notes=[name], panels=[less],
                         maps_title=name),
            write_weighted(folder / "weights.html", (weighted(name, text),), pads=True),
            write_weighted(folder / "several.html", (weighted(name, part),) * 6, name),
            gates(name).to_html(folder / "gates.html"), notebook]


def drawings(name: str, text: str, tokens: Sequence[str], folder: Path) -> list[Path]:
    """Figures as SVG; every letter of a text is drawn by itself, half of them in traces and in weights."""
    shown, half = coloured(name, text), coloured(name, text[::2])
    strip = Strip(tuple(tokens), np.ones(len(tokens)), np.zeros(len(tokens), bool), 1.0, None, name, name)
    figures = {
        "text": shown.figure(), "traces": half.trace_figure(half), "gates": gates(name).figure(),
        "histogram": Histogram(np.array([1, 2]), np.array([2, 1]), -1, 1, name, name).figure(),
        "heat": HeatMap(np.ones((2, 2)), [name, name], [name, name], name).figure(),
        "loss": LossCurve.of(LOG).figure(name), "map": maps_figure((panel(name, tokens),)),
        "weights": weighted_figure((weighted(name, text[1::2]),), 80), "strip": strip_figure((strip,)),
    }
    return [save_figure(figure, folder / f"{kind}.svg") for kind, figure in figures.items()]
