"""The words, styles and scripts of one file of a gallery."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from probe.files import read_text
from probe.gallery import evidence
from probe.gallery.cards import Card, excerpt_of, groups, specimen
from probe.gallery.claims import SAID, Claims, claims
from probe.gallery.glossary import SHORT
from probe.gallery.heat_map import HeatMap, heat_map
from probe.gallery.live import LiveBox
from probe.gallery.loss_curve import loss_curve
from probe.gallery.options import GalleryOptions
from probe.gallery.page_data import PageData
from probe.gallery.provenance import listed
from probe.gallery.saturation import SIDE, panels
from probe.gallery.sentences import headline, plain, remainder, sentences, summary
from probe.gallery.sheets import Sheet, Sheets, folder_of, sheets
from probe.gallery.sweep import Source, Sweep
from probe.gallery.views import Views
from probe.gallery.wording import HEADINGS, behaviour, between, corrected, counted, last_characters, number, words
from probe.render import ALIGNMENTS, PALETTES
from probe.render.page import cell_style, palette_style, render_page
from probe.scan.finding import Finding
from probe.scan.findings import Findings

TEMPLATES = Path(__file__).parent / "templates"
# The script that begins when all others are there.
START = "start.js"
# What only pages need that hold the network itself.
LIVE = ("live", "live_forward")


@dataclass(frozen=True)
class Opening:
    """The text that opens the page: the ``finding`` it shows, its ``text``, the index of its ``specimen``, and the
    ``href`` of the unit's own page."""

    finding: Finding
    text: str
    specimen: int
    href: str


@dataclass(frozen=True)
class Gallery:
    """All files of one gallery.

    Attributes:
        findings: what it shows.
        options: how it looks.
        file: name of its index.
        edition: number of the folder that holds its other files.
    """

    findings: Findings
    options: GalleryOptions
    file: str
    edition: int = 1

    def page(self, sheet: Sheet) -> str:
        """Return one file as HTML."""
        data = self._data.of(sheet, self.sheets, self._cards, self._specimens)
        if "network" in sheet.views:
            data["maps"] = [{"source": self._sweep.sources.index(source), "across": each.across.tolist(),
                             "down": each.down.tolist(), "most": each.most} for source, each in self._maps]
        live = LiveBox.of(self.findings, self._claims) if self.options.live and sheet == self.sheets.index else None
        script, style = _joined("js", live is not None), _joined("css", live is not None) + _colours()
        context = self._overview(sheet) if sheet == self.sheets.index else {}
        return render_page(
            "gallery.html", folder=TEMPLATES, style=style, script=script, data=data, live=live, views=sheet.views,
            title=self._title(sheet), options=self.options, short=SHORT, parts=self._parts(sheet), palettes=PALETTES,
            scalings={name: self._views.meaning(name) for name in self._views.names}, alignments=ALIGNMENTS,
            scaling=self._views.opening(self.options.scaling), activations=list(self._data.activations(sheet)),
            expects=bool(self.findings.alphabet), words=words, number=number, **context)

    @cached_property
    def sheets(self) -> Sheets:
        """How the gallery is divided into files."""
        shown = [(each["source"], each["place"], each["passage"]) for each in self._specimens]
        lengths = [len(passage.text) for passage in self.findings.passages]
        return sheets(self.file, self._sweep, lengths, self.options.largest, shown, self.edition)

    @cached_property
    def _sweep(self) -> Sweep:
        return Sweep.of(self.findings.units)

    @cached_property
    def _views(self) -> Views:
        return Views.of(self.findings)

    @cached_property
    def _data(self) -> PageData:
        return PageData(self.findings, self._sweep, self._views)

    @cached_property
    def _claims(self) -> Claims:
        return claims(self.findings)

    @cached_property
    def _groups(self) -> list[Any]:
        return groups(self.findings, self._claims, self._sweep, self.options)

    @cached_property
    def _cards(self) -> list[Card]:
        return [card for group in self._groups for card in group.cards]

    @cached_property
    def _first(self) -> tuple[Finding, tuple[int, int]] | None:
        clearest = self._claims.clearest
        if clearest is None or clearest.finding is None:
            return None
        return clearest.finding, excerpt_of(self.findings, clearest.finding, self.options.excerpt)

    @cached_property
    def _specimens(self) -> list[dict[str, Any]]:
        """The texts of the cards, then the one that opens the page."""
        made = [specimen(card.finding, card.excerpt, self._sweep, group.index)
                for group in self._groups for card in group.cards]
        if self._first:
            finding, shown = self._first
            column = [note.name for note in self.findings.patterns].index(finding.pattern)
            made.append(specimen(finding, shown, self._sweep, column))
        return made

    def _href(self, sheet: Sheet, layer: str, signal: str, unit: int) -> str:
        file = self.sheets.unit_file(*self._sweep.place(layer, signal, unit))
        return f"{sheet.link(file)}#{self._sweep.address(layer, signal, unit)}"

    def _parts(self, sheet: Sheet) -> list[tuple[str, str, str]]:
        index = sheet.link(self.sheets.index.file)
        return [("findings", f"{index}#findings", "Findings"),
                ("read", f"{sheet.link(self.sheets.readers[0][0])}#read", "Reader"),
                ("network", f"{index}#network", "The whole network"),
                *([("write", f"{index}#write", "Write for it")] if self.options.live else []),
                ("", "#words", "What the words mean")]

    def _title(self, sheet: Sheet) -> str:
        told = headline(self._claims)
        return told if sheet == self.sheets.index else f"{self.file}: {Path(sheet.file).stem}"

    def _overview(self, sheet: Sheet) -> dict[str, Any]:
        """Return what the index shows beside the rest."""
        made, provenance = self._claims, listed(self.findings.provenance)
        return {
            "headline": headline(made), "plain": plain(made), "summary": summary(made), "remainder": remainder(made),
            "sentences": sentences(made), "made": made, "opening": self._opening(sheet), "groups": self._groups,
            "trained": bool(self.findings.log), "outcomes": HEADINGS,
            "confirmed_too": any(finding.confirmation.fields for finding in self.findings.findings),
            "reached": [name for name in HEADINGS if any(card.outcome == name for card in self._cards)],
            "portrayed": self._portrayed,
            "href_of": lambda card: self._href(sheet, card.finding.layer, card.finding.signal, card.finding.unit),
            "layers": list(dict.fromkeys(layer for layer, _ in self.findings.units)),
            "kinds": list(dict.fromkeys(signal for _, signal in self.findings.units)),
            "sources": self._sweep.sources, "maps": self._maps, "notes": self.findings.patterns,
            "confirmed": self._data.confirmed, "gates": panels(self.findings.saturation, self._leading(sheet)),
            "side": SIDE, "curve": loss_curve(self.findings.log), "provenance": list(provenance),
            "behaviour": behaviour, "between": between, "counted": counted, "last_characters": last_characters,
            "corrected": corrected, "evidence": evidence, "said": SAID,
            "pages_beside": folder_of(self.file) if self.sheets.pages else "",
        }

    @cached_property
    def _portrayed(self) -> frozenset[str]:
        return frozenset(self._sweep.address(each.layer, each.signal, each.unit) for each in self.findings.portraits)

    def _opening(self, sheet: Sheet) -> Opening | None:
        if self._first is None:
            return None
        finding, (start, stop) = self._first
        return Opening(finding, self.findings.passages[finding.passage].text[start:stop], len(self._specimens) - 1,
                       self._href(sheet, finding.layer, finding.signal, finding.unit))

    def _leading(self, sheet: Sheet) -> Any:
        """Return the way from a layer and a unit to the page of its first signal; nowhere if none was scanned."""
        signals: dict[tuple[str, int], str] = {}
        for source in self._sweep.sources:
            for unit in source.units:
                signals.setdefault((source.layer, unit), source.signal)
        return lambda layer, unit: (self._href(sheet, layer, signals[layer, unit], unit)
                                    if (layer, unit) in signals else "")

    @cached_property
    def _maps(self) -> list[tuple[Source, HeatMap]]:
        made = [(source, heat_map(self._data.confirmed[source.first:source.first + len(source.units)]))
                for source in self._sweep.sources]
        return [(source, each) for source, each in made if each is not None]


def _joined(kind: str, live: bool) -> str:
    """Return our styles, or our scripts in one scope of their own."""
    files = sorted((path for path in TEMPLATES.glob(f"*.{kind}") if live or not path.stem.startswith(LIVE)),
                   key=lambda path: (path.name == START, path.name))
    joined = "\n".join(read_text(path) for path in files)
    return f'"use strict";\n(() => {{\n{joined}}})();\n' if kind == "js" else joined


def _colours() -> str:
    steps = max(palette.steps for palette in PALETTES.values())
    palettes = "".join(palette_style(palette, f":root[data-palette={name}]") for name, palette in PALETTES.items())
    return palettes + cell_style(steps, "") + "".join(f".histogram .c{step}{{fill:var(--c{step})}}" for step in
                                                      range(steps))
