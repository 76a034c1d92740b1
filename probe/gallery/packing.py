"""What the page's script needs, as JSON values: passages, and activations and labels packed as bytes."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from probe.gallery.excerpt import excerpt
from probe.gallery.options import BY_SIGNAL
from probe.gallery.views import Views
from probe.gallery.wording import words
from probe.render import ALIGNMENTS, PALETTES
from probe.render.graphemes import clusters, visible
from probe.render.scaling import RAW
from probe.scan.finding import Finding, Passage
from probe.scan.findings import Findings


@dataclass
class Packing:
    """Collects the specimens of a page; what two of them share is packed once.

    Attributes:
        findings: where passages, activations and labels come from.
        length: characters of an excerpt.
    """

    findings: Findings
    length: int
    _specimens: list[dict[str, Any]] = field(default_factory=list)
    _passages: dict[int, dict[str, Any]] = field(default_factory=dict)
    _traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tracks: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def views(self) -> Views:
        """How activations are brought to colours."""
        return Views.of(self.findings)

    def add(self, units: Sequence[Finding]) -> int:
        """Add a specimen in which the reader chooses among ``units`` of one pattern; return its index."""
        choices = [
            {"unit": finding.label, "passage": self._passage(finding.passage), "trace": self._trace(finding),
             "track": self._track(finding), "excerpt": self.excerpt_of(finding)}
            for finding in units
        ]
        self._specimens.append({"pattern": words(units[0].pattern), "choices": choices})
        return len(self._specimens) - 1

    def excerpt_of(self, finding: Finding) -> tuple[int, int]:
        """Return the range of its passage in which ``finding`` is shown first."""
        passage = self.findings.passages[finding.passage]
        return excerpt(passage.text, self._labels(finding, passage), self.length)

    def data(self) -> dict[str, Any]:
        """Return all that was added, with what the script must know of palettes and scalings."""
        views = self.views
        return {
            "palettes": {name: palette.steps for name, palette in PALETTES.items()},
            "scalings": {name: views.meaning(name) for name in views.names},
            "reach": {name: views.reach(name) for name in views.names},
            "alignments": {name: alignment.shift for name, alignment in ALIGNMENTS.items()},
            "passages": self._passages, "traces": self._traces, "tracks": self._tracks, "specimens": self._specimens,
        }

    def _passage(self, index: int) -> int:
        if index not in self._passages:
            text = self.findings.passages[index].text
            ranges = clusters(text)
            spelt = {start: visible(text[start:stop]) for start, stop in ranges}
            self._passages[index] = {
                "text": text,
                "joined": [[start, stop] for start, stop in ranges if stop - start > 1],
                "spelt": {start: shown for start, shown in spelt.items() if shown != text[start:start + len(shown)]},
            }
        return index

    def _trace(self, finding: Finding) -> str:
        key = f"{finding.layer}:{finding.unit}/{finding.signal}/{finding.passage}"
        if key not in self._traces:
            passage = self.findings.passages[finding.passage]
            low, high = passage.scales[finding.layer, finding.signal]
            column = passage.levels(finding.layer, finding.signal, finding.unit)
            source = finding.layer, finding.signal
            self._traces[key] = {
                "bytes": base64_of(column), "low": float(low), "high": float(high),
                "ends": RAW.within(self.views.bounds[source]).ends,
                "by_signal": self.views.scaling(BY_SIGNAL, source).name,
            }
        return key

    def _track(self, finding: Finding) -> str:
        key = f"{finding.pattern}/{finding.passage}"
        if key not in self._tracks:
            passage = self.findings.passages[finding.passage]
            kind = next(note.kind for note in self.findings.patterns if note.name == finding.pattern)
            self._tracks[key] = packed_labels(self._labels(finding, passage), kind)
        return key

    def _labels(self, finding: Finding, passage: Passage) -> np.ndarray:
        column = next(i for i, note in enumerate(self.findings.patterns) if note.name == finding.pattern)
        return np.asarray(passage.labels[:, column])


def packed_labels(labels: np.ndarray, kind: str) -> dict[str, Any]:
    """Return labels (T,) as bits if ``kind`` is boolean, else as bytes between their lowest and highest value."""
    if kind == "boolean":
        return {"bits": base64_of(np.packbits(labels > 0.5))}
    low, high = (float(labels.min()), float(labels.max())) if len(labels) else (0.0, 0.0)
    share = (labels.astype(np.float64) - low) / (high - low) if high > low else np.zeros(len(labels))
    return {"bytes": base64_of(np.rint(share * 255)), "low": low, "high": high}


def base64_of(values: np.ndarray) -> str:
    """Return ``values`` (T,), whole numbers in 0..255, as base64 of one byte each."""
    return base64.b64encode(np.ascontiguousarray(values, np.uint8).tobytes()).decode("ascii")
