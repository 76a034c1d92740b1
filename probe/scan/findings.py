"""What a scan found, and the folder that holds it: all that a gallery needs, and nothing that runs code."""

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations import LayerSignal
from probe.errors import UserError, quoted
from probe.files import (
    check_writable,
    is_leftover,
    read_bundle,
    read_folder,
    read_manifest,
    replace_bytes,
    replace_text,
    whole_folder,
    write_bundle,
    write_manifest,
)
from probe.options import named
from probe.render.graphemes import visible
from probe.scan.content import fields_of
from probe.scan.finding import CLAIMS, Finding, Passage, PatternNote
from probe.scan.portrait import GateShares, Portrait
from probe.scan.portraits.kept import portrait_arrays, portrait_records
from probe.scan.records import flat, plain, record, recurrence_record
from probe.scan.recurrence import Recurrence
from probe.scan.remarks import UNRANKED, remarks
from probe.scan.tables import csv_text, in_columns, settled_words, standing, strongest_first, summary
from probe.scan.typed import Unfit
from probe.scan.views import FindingsViews
from probe.scan.weights import FILE as NETWORK
from probe.scan.weights import Network

KIND, VERSION = "findings", 4
MANIFEST, ARRAYS, TABLE = "findings.json", "arrays.safetensors", "findings.csv"


@dataclass(frozen=True, repr=False)
class Findings(FindingsViews):
    """The result of a scan.

    Attributes:
        patterns: the P patterns scanned.
        units: (layer, signal) → index in its layer of each unit scanned.
        findings: the best units of each pattern, ordered by pattern and rank.
        measures: name such as ``"selection/correlation"`` → (units, P) float64, rows in the order of ``units``.
        controls: what is known of each pattern apart from the units (P,) float64, by name: ``"ngram_3/auc"``,
            ``"untrained/best"``, ``"chance/threshold"``, ``"chance/q"``, ``"correlation_time"`` and the like.
        passages: stretches of the confirmation text.
        provenance: corpus, run, checkpoint, versions, options: JSON values.
        log: the run's records of loss, oldest first.
        recurrence: what other runs or other checkpoints have of the same patterns; None if none were looked at.
        portraits: of each distinct unit of the findings; none if none were asked for.
        saturation: layer → how the gates of all of its units that were scanned stand; empty if none were read.
        alphabet: the characters that a network tells apart, "" for all others, as ``expected`` of passages names them.
        network: what was scanned, for a page that runs it; None unless it was asked for.
    """

    patterns: tuple[PatternNote, ...]
    units: Mapping[LayerSignal, Sequence[int]]
    findings: tuple[Finding, ...]
    measures: Mapping[str, np.ndarray]
    controls: Mapping[str, np.ndarray]
    passages: tuple[Passage, ...]
    provenance: Mapping[str, Any]
    log: tuple[Mapping[str, Any], ...] = field(default=())
    recurrence: Recurrence | None = None
    portraits: tuple[Portrait, ...] = ()
    saturation: Mapping[str, GateShares] = field(default_factory=dict)
    alphabet: tuple[str, ...] = ()
    network: Network | None = None

    def __repr__(self) -> str:
        """Return one line; ``print`` shows what was found."""
        return (f"Findings({len(self.findings):,} of {sum(map(len, self.units.values())):,} units × "
                f"{len(self.patterns)} patterns)")

    def __str__(self) -> str:
        found = {finding.pattern for finding in self.findings}
        absent = [pattern.name for pattern in self.patterns if pattern.name not in found]
        best = self.only(top=self.shown).findings
        below = remarks(self.findings, strongest_first(best), "'probe findings' with --top")
        if absent:
            below.append(f"{UNRANKED}: {visible(', '.join(absent))}")
        parts = ["\n".join([summary(best), *below])]
        if "settled" in self.provenance:
            parts.append(settled_words(self.provenance["settled"]))
        return "\n\n".join(parts + ([str(self.recurrence)] if self.recurrence else []))

    @property
    def shown(self) -> int:
        """How many units of each pattern a table shows: the best, or all that a first look has settled."""
        return int(self.provenance["settled"]["top"]) if "settled" in self.provenance else 1

    def only(self, *, top: int | None = None, pattern: str | None = None, layer: str | None = None,
             signal: str | None = None, status: str | None = None) -> "Findings":
        """Return the findings that meet every condition given, with what recurs of their patterns and the portraits of
        their units; all else stays.

        Args:
            top: the best so many of each pattern, of those that meet the other conditions.
            pattern, layer, signal: their names.
            status: a claim that the evidence bears, such as ``"learned"``.

        Raises:
            UserError: no such pattern, layer, signal or claim.
        """
        named_ones = {"pattern": (pattern, [note.name for note in self.patterns]),
                      "layer": (layer, [name for name, _ in self.units]),
                      "signal": (signal, [name for _, name in self.units]), "status": (status, CLAIMS)}
        for kind, (name, names) in named_ones.items():
            if name is not None:
                named(kind, name, dict.fromkeys(names))
        met = (finding for finding in self.findings
               if pattern in (None, finding.pattern) and layer in (None, finding.layer)
               and signal in (None, finding.signal) and (status is None or status in finding.status))
        count: Counter[str] = Counter()
        kept = []
        for finding in met:
            count[finding.pattern] += 1
            if top is None or count[finding.pattern] <= top:
                kept.append(finding)
        recurrence = self.recurrence and self.recurrence.only({finding.pattern for finding in kept})
        units = {(each.layer, each.signal, each.unit) for each in kept}
        portraits = tuple(each for each in self.portraits if (each.layer, each.signal, each.unit) in units)
        return replace(self, findings=tuple(kept), recurrence=recurrence, portraits=portraits)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat record a finding: JSON values, None where a number is not defined."""
        return map(flat, self.findings)

    def all_rows(self) -> Iterator[dict[str, Any]]:
        """Yield one flat record for every unit and pattern, not the best alone; None for what was not tested."""
        units = [(layer, signal, unit) for (layer, signal), indices in self.units.items() for unit in indices]
        tested = {(each.pattern, each.layer, each.signal, each.unit): each for each in self.findings}
        measures, controls = ([(name.replace("/", "_"), arrays[name]) for name in in_columns(arrays)]
                              for arrays in (self.measures, self.controls))
        for p, pattern in enumerate(self.patterns):
            of_units = {name: plain(values[:, p]) for name, values in measures}
            of_all = {name: plain(values[p]) for name, values in controls}
            for row, (layer, signal, unit) in enumerate(units):
                yield {"pattern": pattern.name, "layer": layer, "signal": signal, "unit": unit,
                       **standing(tested.get((pattern.name, layer, signal, unit))),
                       **{name: values[row] for name, values in of_units.items()}, **of_all}

    def to_csv(self, path: str | Path) -> Path:
        """Write every unit × pattern as a CSV table, empty where a number is not defined, and return its path."""
        replace_text(Path(path), csv_text(list(self.all_rows())))
        return Path(path)

    def to_json(self, path: str | Path) -> Path:
        """Write the findings and their provenance as JSON and return its path."""
        content: dict[str, Any] = {"provenance": dict(self.provenance), "findings": list(self.rows())}
        if self.recurrence is not None:
            content["recurrence"] = recurrence_record(self.recurrence)
        replace_text(Path(path), json.dumps(content, indent=1, allow_nan=False) + "\n")
        return Path(path)

    def to_pandas(self) -> Any:
        """Return the findings as a ``pandas.DataFrame``, a row each.

        Raises:
            UserError: pandas is not installed.
        """
        return _optional("pandas").DataFrame(list(self.rows()))

    def to_parquet(self, path: str | Path) -> Path:
        """Write every unit × pattern as a Parquet table and return its path.

        Raises:
            UserError: pyarrow is not installed.
        """
        _optional("pyarrow")
        parquet = _optional("pyarrow.parquet")
        content = io.BytesIO()
        parquet.write_table(_optional("pyarrow").Table.from_pylist(list(self.all_rows())), content)
        replace_bytes(Path(path), content.getvalue())
        return Path(path)

    def save(self, folder: str | Path) -> Path:
        """Write the findings folder that ``docs/findings-schema.md`` describes, whole or not at all; return its path.

        Raises:
            UserError: the folder holds something else than findings, or cannot be written.
        """
        folder = Path(folder)
        check_folder(folder)
        arrays = {f"measures/{name}": values for name, values in self.measures.items()}
        arrays |= {f"controls/{name}": values for name, values in self.controls.items()}
        arrays |= portrait_arrays(self.portraits, self.saturation)
        for place, passage in enumerate(self.passages):
            arrays[f"passages/{place}/labels"] = passage.labels
            if passage.expected is not None and passage.chances is not None:
                arrays |= {f"passages/{place}/expected": passage.expected, f"passages/{place}/chances": passage.chances}
            arrays |= {f"passages/{place}/{layer}/{signal}": values
                       for (layer, signal), values in passage.activations.items()}
        with whole_folder(folder) as aside:
            sha256 = write_bundle(aside / ARRAYS, arrays)
            self.to_csv(aside / TABLE)
            write_manifest(aside / MANIFEST, KIND, VERSION, {
                "arrays": sha256,
                "patterns": [asdict(pattern) for pattern in self.patterns],
                "units": [[layer, signal, list(indices)] for (layer, signal), indices in self.units.items()],
                "findings": list(map(record, self.findings)),
                "passages": [{"start": passage.start, "text": passage.text,
                              "scales": [[layer, signal, low, high]
                                         for (layer, signal), (low, high) in passage.scales.items()]}
                             for passage in self.passages],
                "portraits": portrait_records(self.portraits),
                "saturation": {layer: list(shares.units) for layer, shares in self.saturation.items()},
                "alphabet": list(self.alphabet),
                "provenance": dict(self.provenance), "log": [dict(record) for record in self.log],
                "recurrence": None if self.recurrence is None else recurrence_record(self.recurrence),
                "network": None if self.network is None else self.network.save(aside),
            })
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> "Findings":
        """Read a findings folder.

        Raises:
            UserError: missing, damaged, of another schema version, or not what this one writes.
        """
        return read_folder(Path(folder), cls._of)

    @classmethod
    def _of(cls, folder: Path) -> "Findings":
        if not folder.exists():
            raise UserError(f"{folder}: no such folder; 'probe scan' makes one")
        if not (folder / MANIFEST).exists():
            raise UserError(f"{folder}: holds no findings; 'probe scan RUN' writes them into RUN/findings")
        content = read_manifest(folder / MANIFEST, KIND, VERSION)
        arrays = read_bundle(folder / ARRAYS, str(content.get("arrays")))
        try:
            made = content.get("network")
            return cls(**fields_of(content, arrays), network=None if made is None else Network.load(folder, made))
        except Unfit as error:
            raise UserError(f"{folder / MANIFEST}: not findings that this version wrote: {error}") from error


def check_folder(folder: str | Path) -> None:
    """Raise :class:`UserError` if findings cannot be saved in ``folder``: something is there, or nobody may write."""
    folder = Path(folder)
    read_folder(folder, _check_replaceable)
    check_writable(folder.parent)


def _check_replaceable(folder: Path) -> None:
    try:
        names = {each.name for each in folder.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise UserError(f"{folder}: is a file; name a new folder for the findings") from error
    if names and MANIFEST not in names:
        raise UserError(f"{folder}: is not empty and holds no findings; name a new folder")
    others = sorted(name for name in names - {MANIFEST, ARRAYS, TABLE, NETWORK} if not is_leftover(folder / name))
    if others:
        raise UserError(f"{folder}: holds what no scan wrote ({', '.join(map(quoted, others[:3]))}) beside findings, "
                        "which would go too; move it, or name a new folder")


def _optional(module: str) -> Any:
    """Import what not everybody has."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise UserError(f"{package} is not installed; 'pip install {package}' brings it") from error
