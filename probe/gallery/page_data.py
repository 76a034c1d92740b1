"""What the script of one file of a gallery needs, as JSON values, and the activations that it decodes by units.

Names and sentences come with what is invisible in them spelt out, as the templates write it; texts come with what
stands for each character.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from probe.gallery.cards import Card
from probe.gallery.glossary import SHORT
from probe.gallery.options import BY_SIGNAL
from probe.gallery.packing import base64_of, packed_labels, packed_rows, packed_scores, packed_shares, packed_text
from probe.gallery.portrait import character_name, packed_portrait, standing_words
from probe.gallery.sheets import Sheet, Sheets
from probe.gallery.sweep import Sweep
from probe.gallery.unit_words import evidence_by_unit, evidence_of, opening, title
from probe.gallery.views import Views
from probe.gallery.wording import words
from probe.render import ALIGNMENTS, PALETTES
from probe.render.graphemes import visible
from probe.render.scaling import RAW
from probe.scan.findings import Findings

# Of a portrait, what the histogram on a card needs.
DRAWN = ("low", "high", "counts", "inside")


@dataclass(frozen=True)
class PageData:
    """Findings as scripts read them.

    Attributes:
        findings: where everything comes from.
        sweep: their units.
        views: how activations are brought to colours.
    """

    findings: Findings
    sweep: Sweep
    views: Views

    def of(self, sheet: Sheet, sheets: Sheets, cards: Sequence[Card], specimens: Sequence[Any]) -> dict[str, Any]:
        """Return the JSON values of one file."""
        made: dict[str, Any] = {**self._always, "specimens": specimens, "files": self._files(sheet, sheets),
                                "cards": [card.order for card in cards] if "findings" in sheet.views else []}
        read = {passage for passage, _ in sheet.held}
        made["passages"] = [passage if index in read else {"where": passage["where"], "length": passage["length"]}
                            for index, passage in enumerate(self._passages)]
        made["held"] = {f"{passage}-{source}": None if places is None else list(places)
                        for (passage, source), places in sheet.held.items()}
        made["units"] = self._units(sheet) if "unit" in sheet.views else {}
        whole = "unit" in sheet.views
        made["portraits"] = {address: portrait if whole else {name: portrait[name] for name in DRAWN}
                             for address, portrait in self._portraits.items()
                             if "findings" in sheet.views or address in made["units"]}
        return made

    def activations(self, sheet: Sheet) -> Iterator[tuple[str, str]]:
        """Yield the name and the packed activations of each passage and source that a file holds."""
        for (passage, source), places in sheet.held.items():
            each = self.sweep.sources[source]
            levels = self.findings.passages[passage].activations[each.layer, each.signal]
            yield f"{passage}-{source}", packed_rows(levels if places is None else levels[:, list(places)])

    @cached_property
    def confirmed(self) -> np.ndarray:
        """Correlations (units, P) float64 on the confirmation text, NaN where one was not computed."""
        return self._scores("confirmation")

    def _scores(self, text: str) -> np.ndarray:
        shape = self.sweep.count, len(self.findings.patterns)
        return np.asarray(self.findings.measures.get(f"{text}/correlation", np.full(shape, np.nan)), np.float64)

    @cached_property
    def _always(self) -> dict[str, Any]:
        views = self.views
        return {
            "palettes": {name: {"steps": palette.steps, "first": palette.first, "last": palette.last}
                         for name, palette in PALETTES.items()},
            "scalings": {name: visible(views.meaning(name)) for name in views.names},
            "reach": {name: views.reach(name) for name in views.names},
            "alignments": {name: alignment.shift for name, alignment in ALIGNMENTS.items()},
            "glossary": SHORT,
            "patterns": [{"name": visible(words(note.name)), "kind": note.kind, "meaning": visible(note.meaning)}
                         for note in self.findings.patterns],
            "sources": [self._source(index) for index in range(len(self.sweep.sources))],
            "alphabet": [character_name(character) for character in self.findings.alphabet],
            "confirmed": packed_scores(self.confirmed), "chosen": packed_scores(self._scores("selection")),
        }

    def _source(self, index: int) -> dict[str, Any]:
        each = self.sweep.sources[index]
        source = each.layer, each.signal
        return {
            "layer": visible(each.layer), "suffix": visible(each.suffix), "slug": each.slug, "units": list(each.units),
            "first": each.first, "ends": RAW.within(self.views.bounds[source]).ends,
            "by_signal": self.views.scaling(BY_SIGNAL, source).name,
            "scales": [passage.scales[source] for passage in self.findings.passages],
        }

    @cached_property
    def _passages(self) -> list[dict[str, Any]]:
        made = []
        for passage in self.findings.passages:
            packed = {**packed_text(passage.text), "where": f"{passage.start:,}",
                      "tracks": [packed_labels(passage.labels[:, column], note.kind)
                                 for column, note in enumerate(self.findings.patterns)]}
            if passage.expected is not None and passage.chances is not None:
                packed["expected"] = base64_of(passage.expected.astype("<u2"))
                packed["chances"] = packed_shares(passage.chances)
                packed["guesses"] = passage.expected.shape[1]
            made.append(packed)
        return made

    @cached_property
    def _portraits(self) -> dict[str, dict[str, Any]]:
        return {self.sweep.address(each.layer, each.signal, each.unit):
                packed_portrait(each, self.sweep, self.findings.saturation) for each in self.findings.portraits}

    @cached_property
    def _found(self) -> dict[tuple[str, str, int], list[Any]]:
        return evidence_by_unit(self.findings)

    def _units(self, sheet: Sheet) -> dict[str, dict[str, Any]]:
        """What the own pages of units say, by address."""
        notes = {note.name: note for note in self.findings.patterns}
        columns = {name: column for column, name in enumerate(notes)}
        made = {}
        for source, places in sorted({(source, tuple(places) if places is not None else None)
                                      for (_, source), places in sheet.held.items()}, key=lambda each: each[0]):
            each = self.sweep.sources[source]
            kind = each.layer, each.signal
            spread = [passage.activations[kind].std(axis=0) * (passage.scales[kind][1] - passage.scales[kind][0])
                      for passage in self.findings.passages]
            telling = np.argmax(spread, axis=0)
            for place in places if places is not None else range(len(each.units)):
                unit = each.units[place]
                found = self._found.get((each.layer, each.signal, unit), [])
                best = found[0] if found else None
                address = self.sweep.address(each.layer, each.signal, unit)
                made[address] = {
                    "title": visible(title(each, unit, best, notes)),
                    "opening": visible(opening(each, unit, best, self.confirmed[each.first + place],
                                               self.findings.patterns)),
                    "passage": best.passage if best else int(telling[place]),
                    "evidence": [evidence_of(finding, columns[finding.pattern]) for finding in found],
                }
                if self._portraits and address not in self._portraits:
                    made[address]["bare"] = standing_words(unit, self.findings.saturation.get(each.layer))
        return made

    def _files(self, sheet: Sheet, sheets: Sheets) -> dict[str, Any] | None:
        if not sheets.pages:
            return None
        return {"index": sheet.link(sheets.index.file),
                "units": [[[first, sheet.link(file)] for first, file in files] for files in sheets.units],
                "readers": [[sheet.link(file) for file in files] for files in sheets.readers]}
