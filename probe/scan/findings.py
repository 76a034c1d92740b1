"""What a scan found, and the folder that holds it: all that a gallery needs, and nothing that runs code."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.files import read_bundle, read_manifest, replace_text, whole_folder, write_bundle, write_manifest
from probe.scan.summary import summary

SCHEMA_VERSION = 1
MANIFEST, ARRAYS, TABLE = "findings.json", "arrays.safetensors", "findings.csv"


@dataclass(frozen=True)
class PatternNote:
    """A pattern as a page needs it: ``name``, one-line ``meaning``, ``group``, and ``kind`` (boolean or graded)."""

    name: str
    meaning: str
    group: str
    kind: str


@dataclass(frozen=True)
class Scores:
    """What a unit or a control reaches on one text.

    Attributes:
        correlation: Pearson's r (point-biserial for a boolean pattern), in [−1, 1].
        auc: probability that the value is higher inside the pattern than outside, ties counting half, in [0, 1];
            NaN for graded patterns and where one of the two classes does not occur.
    """

    correlation: float
    auc: float


@dataclass(frozen=True)
class Finding:
    """One unit that ranks high for one pattern.

    Attributes:
        pattern: name of the pattern.
        rank: 1 for the unit with the highest score on the selection text.
        layer: layer, counted from 1.
        signal: what was recorded of the unit, ``"hidden"`` for h.
        unit: index of the unit in its layer, from 0.
        selection: scores on the text on which the units were ranked.
        confirmation: scores on the text that neither training nor ranking saw.
        last_character: what a prediction from the last character alone reaches on the confirmation text, its table
            being fitted on the selection text. The sign of a unit is arbitrary, that of this control is not: compare
            magnitudes.
        passage: index of the passage where it is best looked at.
    """

    pattern: str
    rank: int
    layer: int
    signal: str
    unit: int
    selection: Scores
    confirmation: Scores
    last_character: Scores
    passage: int

    @property
    def label(self) -> str:
        """``layer:unit`` as pages and tables name it, for example ``"2:189"``."""
        return f"{self.layer}:{self.unit}"


@dataclass(frozen=True)
class Passage:
    """A stretch of the confirmation text with what every unit did on it.

    Attributes:
        start: position of its first character in the scanned text.
        text: T characters.
        labels: (T, P) float32, a column per pattern of the findings.
        activations: (layer, signal) → (T, U) uint8; value = low + byte / 255 · (high − low).
        scales: (layer, signal) → (low, high).
    """

    start: int
    text: str
    labels: np.ndarray
    activations: Mapping[tuple[int, str], np.ndarray]
    scales: Mapping[tuple[int, str], tuple[float, float]]

    def values(self, layer: int, signal: str, unit: int) -> np.ndarray:
        """Return the raw activations (T,) float32 of one unit, to the 1/255 of the scale at which they are kept."""
        low, high = self.scales[layer, signal]
        return (low + self.activations[layer, signal][:, unit] * np.float32((high - low) / 255)).astype(np.float32)


@dataclass(frozen=True)
class Findings:
    """The result of a scan.

    Attributes:
        patterns: the P patterns scanned.
        units: (layer, signal) → number of units scanned.
        findings: the best units of each pattern, ordered by pattern and rank.
        measures: name such as ``"selection/correlation"`` → (units, P) float64, rows in the order of ``units``.
        controls: name such as ``"last_character/auc"`` → (P,) float64.
        passages: stretches of the confirmation text.
        provenance: corpus, run, checkpoint, versions, options: JSON values.
        log: the run's records of loss, oldest first.
    """

    patterns: tuple[PatternNote, ...]
    units: Mapping[tuple[int, str], int]
    findings: tuple[Finding, ...]
    measures: Mapping[str, np.ndarray]
    controls: Mapping[str, np.ndarray]
    passages: tuple[Passage, ...]
    provenance: Mapping[str, Any]
    log: tuple[Mapping[str, Any], ...] = field(default=())

    def __str__(self) -> str:
        found = {finding.pattern for finding in self.findings}
        absent = [pattern.name for pattern in self.patterns if pattern.name not in found]
        return summary(self.findings) + (f"\nnot in this text: {', '.join(absent)}" if absent else "")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat record a finding: JSON values, None where a number is not defined."""
        for finding in self.findings:
            yield {
                "pattern": finding.pattern, "rank": finding.rank, "layer": finding.layer, "signal": finding.signal,
                "unit": finding.unit,
                **{f"{name}_{field}": _number(getattr(scores, field))
                   for name, scores in (("selection", finding.selection), ("confirmation", finding.confirmation),
                                        ("last_character", finding.last_character))
                   for field in ("correlation", "auc")},
            }

    def all_rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat record for every unit and pattern, not the best alone."""
        units = [(layer, signal, unit) for (layer, signal), count in self.units.items() for unit in range(count)]
        for p, pattern in enumerate(self.patterns):
            for row, (layer, signal, unit) in enumerate(units):
                yield {"pattern": pattern.name, "layer": layer, "signal": signal, "unit": unit,
                       **{name.replace("/", "_"): _number(values[row, p]) for name, values in self.measures.items()},
                       **{name.replace("/", "_"): _number(values[p]) for name, values in self.controls.items()}}

    def to_csv(self, path: str | Path) -> Path:
        """Write every unit × pattern as a CSV table, empty where a number is not defined, and return its path."""
        text = io.StringIO(newline="")
        rows = list(self.all_rows())
        writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["pattern"])
        writer.writeheader()
        writer.writerows(rows)
        replace_text(Path(path), text.getvalue())
        return Path(path)

    def to_json(self, path: str | Path) -> Path:
        """Write the findings and their provenance as JSON and return its path."""
        content = {"provenance": dict(self.provenance), "findings": list(self.rows())}
        replace_text(Path(path), json.dumps(content, indent=1, allow_nan=False) + "\n")
        return Path(path)

    def save(self, folder: str | Path) -> Path:
        """Write the findings folder that ``docs/findings-schema.md`` describes, whole or not at all; return its path.

        Raises:
            UserError: the folder holds something else than findings, or cannot be written.
        """
        folder = Path(folder)
        if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
            raise UserError(f"{folder}: is not empty and holds no findings; name a new folder")
        arrays = {f"measures/{name}": values for name, values in self.measures.items()}
        arrays |= {f"controls/{name}": values for name, values in self.controls.items()}
        for number, passage in enumerate(self.passages):
            arrays[f"passages/{number}/labels"] = passage.labels
            arrays |= {f"passages/{number}/{layer}/{signal}": values
                       for (layer, signal), values in passage.activations.items()}
        with whole_folder(folder) as aside:
            sha256 = write_bundle(aside / ARRAYS, arrays)
            self.to_csv(aside / TABLE)
            write_manifest(aside / MANIFEST, "findings", SCHEMA_VERSION, {
                "arrays": sha256,
                "patterns": [asdict(pattern) for pattern in self.patterns],
                "units": [[layer, signal, count] for (layer, signal), count in self.units.items()],
                "findings": [{**row, "passage": finding.passage}
                             for row, finding in zip(self.rows(), self.findings, strict=True)],
                "passages": [{"start": passage.start, "text": passage.text,
                              "scales": [[layer, signal, low, high]
                                         for (layer, signal), (low, high) in passage.scales.items()]}
                             for passage in self.passages],
                "provenance": dict(self.provenance), "log": [dict(record) for record in self.log],
            })
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> "Findings":
        """Read a findings folder.

        Raises:
            UserError: missing, damaged, or of another schema version.
        """
        folder = Path(folder)
        if not (folder / MANIFEST).exists():
            raise UserError(f"{folder}: holds no findings; 'probe scan RUN --out {folder}' writes them")
        content = read_manifest(folder / MANIFEST, "findings", SCHEMA_VERSION)
        arrays = read_bundle(folder / ARRAYS, content["arrays"])
        return cls(
            patterns=tuple(PatternNote(**pattern) for pattern in content["patterns"]),
            units={(layer, signal): count for layer, signal, count in content["units"]},
            findings=tuple(_finding(row) for row in content["findings"]),
            measures=_below("measures/", arrays), controls=_below("controls/", arrays),
            passages=tuple(_passage(number, passage, arrays) for number, passage in enumerate(content["passages"])),
            provenance=content["provenance"], log=tuple(content["log"]))


def _below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _finding(row: Mapping[str, Any]) -> Finding:
    def scores(name: str) -> Scores:
        values = (row[f"{name}_correlation"], row[f"{name}_auc"])
        return Scores(*(float("nan") if value is None else value for value in values))

    return Finding(row["pattern"], row["rank"], row["layer"], row["signal"], row["unit"], scores("selection"),
                   scores("confirmation"), scores("last_character"), row["passage"])


def _passage(number: int, passage: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Passage:
    scales = {(layer, signal): (low, high) for layer, signal, low, high in passage["scales"]}
    activations = {(layer, signal): arrays[f"passages/{number}/{layer}/{signal}"] for layer, signal in scales}
    return Passage(passage["start"], passage["text"], arrays[f"passages/{number}/labels"], activations, scales)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
