"""Findings as JSON values and back: nested records for the findings folder, flat ones for tables."""

import math
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import numpy as np

from probe.scan.controls.ablation import Ablation
from probe.scan.controls.logistic import Probe
from probe.scan.evidence import Chance, Interval, Scores, Untrained
from probe.scan.finding import CLAIMS, Finding
from probe.scan.recurrence import Recurrence, Recurring
from probe.scan.typed import Typed, Unfit

PARTS: dict[str, type] = {"interval": Interval, "auc_interval": Interval, "margin": Interval, "chance": Chance,
                          "auc_chance": Chance, "untrained": Untrained}
SCORED = ("selection", "confirmation", "raw")
# Reads what is written here; the keys that it passes over follow from the rest.
READER = Typed({"Ablation": Ablation, "Probe": Probe},
               {Finding: frozenset({"status"}), Recurring: frozenset({"in_runs", "since", "best_since"})})


def record(finding: Finding) -> dict[str, Any]:
    """Return a finding as nested JSON values, None where a number is not defined."""
    made: dict[str, Any] = {}
    for each in fields(finding):
        value = getattr(finding, each.name)
        if isinstance(value, Scores):
            value = value.fields
        elif each.name == "ngrams":
            value = [scores.fields for scores in value]
        elif each.name == "probes":
            value = [asdict(probe) for probe in value]
        elif is_dataclass(value) and not isinstance(value, type):
            value = asdict(value)
        made[each.name] = plain(value)
    return {**made, "status": list(finding.status)}


def restored(made: Any, where: str = "finding") -> Finding:
    """Return the finding of a :func:`record`.

    Raises:
        Unfit: it is none; the message begins with ``where``.
    """
    finding: Finding = READER.read(Finding, made, where)
    return finding


def flat(finding: Finding) -> dict[str, Any]:
    """Return a finding as one row of a table: JSON values, None where a number is not defined."""
    row: dict[str, Any] = {name: getattr(finding, name) for name in ("pattern", "rank", "layer", "signal", "unit")}
    row["status"] = ", ".join(finding.status)
    for name in SCORED:
        row |= {f"{name}_{field}": value for field, value in getattr(finding, name).fields.items()}
    for name in PARTS:
        row |= {f"{name}_{field}": value for field, value in asdict(getattr(finding, name)).items()}
    for order, scores in enumerate(finding.ngrams, start=1):
        row |= {f"ngram_{order}_{field}": value for field, value in scores.fields.items()}
    if finding.ablation is not None:
        row |= {f"ablation_{field}": value for field, value in asdict(finding.ablation).items()
                if isinstance(value, int | float)}
    for probe, words in zip(finding.probes, ("one", "few", "layer"), strict=False):
        row |= {f"probe_{words}_{name}": getattr(probe, name) for name in ("auc", "average_precision", "correlation")}
    return {name: plain(value) for name, value in row.items()}


def recurrence_record(recurrence: Recurrence) -> dict[str, Any]:
    """Return what recurs as nested JSON values, with the counts and first checkpoints that follow from it."""
    made: dict[str, Any] = plain(asdict(recurrence))
    for each, finding in zip(made["findings"], recurrence.findings, strict=True):
        each["in_runs"] = {claim: finding.count(claim) for claim in CLAIMS}
        each["since"] = {claim: recurrence.since(finding, claim) for claim in CLAIMS}
        each["best_since"] = recurrence.best_since(finding)
    return made


def recurrence_restored(made: Any) -> Recurrence:
    """Return what recurs of a :func:`recurrence_record`.

    Raises:
        Unfit: it is none.
    """
    recurrence: Recurrence = READER.read(Recurrence, made, "recurrence")
    runs, steps = len(recurrence.runs), len(recurrence.checkpoints)
    if recurrence.checkpoint not in (recurrence.checkpoints or (None,)):
        raise Unfit("recurrence.checkpoint is none of the checkpoints")
    for place, each in enumerate(recurrence.findings):
        if [len(each.runs), len(each.best), len(each.same)] != [runs, steps, steps]:
            raise Unfit(f"recurrence.findings[{place}] has not as many networks as were looked at")
        for seen in (each.own, *each.runs, *each.best, *each.same):
            if seen is not None and seen.claims.keys() != set(CLAIMS):
                raise Unfit(f"recurrence.findings[{place}] has other claims than {', '.join(CLAIMS)}")
    return recurrence


def plain(value: Any) -> Any:
    """Return JSON values: numpy's numbers as Python's, None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":  # number by number this takes long
        numbers = value.astype(object)
        numbers[~np.isfinite(value)] = None
        return numbers.tolist()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
