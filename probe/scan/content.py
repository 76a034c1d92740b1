"""What a findings folder holds, read as this version writes it and as nothing else: see docs/findings-schema.md."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from probe.activations import LayerSignal
from probe.activations.block import MOST_UNITS
from probe.scan.finding import Finding, Passage, PatternNote
from probe.scan.measures import LIMITS
from probe.scan.portrait import EXPECTED
from probe.scan.portraits.kept import alphabet_restored, portraits_restored, saturation_restored
from probe.scan.records import READER, recurrence_restored, restored
from probe.scan.settled import Settled
from probe.scan.typed import Unfit, array_of, number, of_type, whole

KEYS = frozenset({"arrays", "patterns", "units", "findings", "passages", "portraits", "saturation", "alphabet",
                  "provenance", "log"})
LOGGED = ("step", "loss", "validation_loss")
ROUNDING = 1e-6


def fields_of(content: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return what :class:`~probe.scan.findings.Findings` is made of, by name.

    Args:
        content: of the manifest.
        arrays: by name.

    Raises:
        Unfit: something is missing, of another type, or contradicts the rest.
    """
    for name in sorted((KEYS ^ content.keys()) - {"recurrence", "network"}):
        raise Unfit(f"{name[:40]!r} is missing" if name in KEYS else f"a strange key {name[:40]!r}")
    patterns = READER.read(tuple[PatternNote, ...], content["patterns"], "patterns")
    for place, note in enumerate(patterns):
        if note.kind not in ("boolean", "graded"):
            raise Unfit(f"patterns[{place}].kind is neither boolean nor graded")
    units = _units(content["units"])
    alphabet = alphabet_restored(content["alphabet"])
    passages = tuple(_passage(place, each, arrays, units, len(patterns), len(alphabet))
                     for place, each in enumerate(of_type(list, content["passages"], "passages")))
    findings = tuple(restored(each, f"findings[{place}]")
                     for place, each in enumerate(of_type(list, content["findings"], "findings")))
    names = {note.name for note in patterns}
    if len(names) < len(patterns):
        raise Unfit("patterns has a name twice")
    for place, finding in enumerate(findings):
        _check(finding, f"findings[{place}]", names, units, len(passages))
    count = sum(map(len, units.values()))
    made = content.get("recurrence")
    return {"patterns": patterns, "units": units, "findings": findings,
            "measures": _measures(arrays, (count, len(patterns))),
            "controls": _below("controls/", arrays, (len(patterns),)), "passages": passages,
            "portraits": portraits_restored(content["portraits"], arrays, units, len(patterns), alphabet),
            "saturation": saturation_restored(content["saturation"], arrays), "alphabet": alphabet,
            "provenance": _provenance(content["provenance"], names), "log": _log(content["log"]),
            "recurrence": None if made is None else recurrence_restored(made)}


def _units(made: Any) -> dict[LayerSignal, Sequence[int]]:
    units: dict[LayerSignal, Sequence[int]] = {}
    for place, row in enumerate(of_type(list, made, "units")):
        where = f"units[{place}]"
        if len(of_type(list, row, where)) != 3:
            raise Unfit(f"{where} is not [layer, signal, indices]")
        source = of_type(str, row[0], where), of_type(str, row[1], where)
        indices = tuple(whole(unit, where, 0, MOST_UNITS - 1) for unit in of_type(list, row[2], where))
        if source in units or len(set(indices)) < len(indices) or not indices:
            raise Unfit(f"{where} has something twice, or no unit")
        units[source] = indices
    if not units:
        raise Unfit("units is empty")
    return units


def _check(finding: Finding, where: str, patterns: set[str], units: Mapping[LayerSignal, Sequence[int]],
           passages: int) -> None:
    if finding.pattern not in patterns:
        raise Unfit(f"{where}.pattern is none of the patterns")
    if finding.unit not in units.get((finding.layer, finding.signal), ()):
        raise Unfit(f"{where}.unit is none of the units")
    whole(finding.rank, f"{where}.rank", 1)
    whole(finding.passage, f"{where}.passage", 0, passages - 1)
    for name in ("selection", "confirmation", "raw"):
        for field, value in getattr(finding, name).fields.items():
            _within(np.array(value), field, f"{where}.{name}")
    for name, field in (("interval", "correlation"), ("auc_interval", "auc")):
        interval = getattr(finding, name)
        _within(np.array([interval.low, interval.high]), field, f"{where}.{name}")
        if interval.low > interval.high:
            raise Unfit(f"{where}.{name} has a low end above its high one")
    for name in ("chance", "auc_chance"):
        p = getattr(finding, name).p
        if not (np.isnan(p) or 0 <= p <= 1):
            raise Unfit(f"{where}.{name} has a p that is no probability")


def _measures(arrays: Mapping[str, np.ndarray], shape: tuple[int, int]) -> dict[str, np.ndarray]:
    found = _below("measures/", arrays, shape)
    for name, values in found.items():
        _within(values, name.rpartition("/")[2], f"the array measures/{name}")
    return found


def _within(values: np.ndarray, field: str, where: str) -> None:
    """Raise :class:`Unfit` where a field is what it cannot be; NaN stands for none."""
    least, most = LIMITS.get(field, (-np.inf, np.inf))
    if ((values < least - ROUNDING) | (values > most + ROUNDING)).any():
        raise Unfit(f"{where} has {field} outside {least} to {most}")


def _passage(place: int, made: Any, arrays: Mapping[str, np.ndarray], units: Mapping[LayerSignal, Sequence[int]],
             patterns: int, alphabet: int) -> Passage:
    where = f"passages[{place}]"
    if of_type(dict, made, where).keys() != {"start", "text", "scales"}:
        raise Unfit(f"{where} has other keys than start, text and scales")
    start, text = whole(made["start"], f"{where}.start", 0), of_type(str, made["text"], f"{where}.text")
    scales: dict[LayerSignal, tuple[float, float]] = {}
    for row in of_type(list, made["scales"], f"{where}.scales"):
        if len(of_type(list, row, f"{where}.scales")) != 4 or (row[0], row[1]) not in units:
            raise Unfit(f"{where}.scales is not of [layer, signal, low, high]")
        low, high = (number(end, f"{where}.scales") for end in row[2:])
        if low > high:
            raise Unfit(f"{where}.scales has a low end above its high one")
        scales[row[0], row[1]] = low, high
    if scales.keys() != units.keys():
        raise Unfit(f"{where}.scales has not every layer and signal")
    labels = array_of(f"passages/{place}/labels", arrays, (len(text), patterns), "f")
    activations = {source: array_of(f"passages/{place}/{source[0]}/{source[1]}", arrays, (len(text), len(indices)), "u")
                   for source, indices in units.items()}
    return Passage(start, text, labels, activations, scales, units,
                   *_expected(f"passages/{place}", arrays, len(text), alphabet))


def _expected(where: str, arrays: Mapping[str, np.ndarray], length: int,
              alphabet: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The most probable next characters, and their probabilities."""
    if not {f"{where}/expected", f"{where}/chances"} & arrays.keys():
        return None, None
    shape = length, min(EXPECTED, alphabet)
    expected = array_of(f"{where}/expected", arrays, shape, "i")
    chances = array_of(f"{where}/chances", arrays, shape, "f")
    if expected.size and not (expected.min() >= 0 and expected.max() < alphabet):
        raise Unfit(f"the array {where}/expected names a character that is none of the alphabet")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise Unfit(f"the array {where}/chances has a number that is no probability")
    return expected, chances


def _provenance(made: Any, patterns: set[str]) -> Mapping[str, Any]:
    provenance: Mapping[str, Any] = of_type(dict, made, "provenance")
    if "settled" in provenance:
        Settled.restored(provenance["settled"], patterns)
    return provenance


def _log(made: Any) -> tuple[Mapping[str, Any], ...]:
    for place, each in enumerate(of_type(list, made, "log")):
        record = of_type(dict, each, f"log[{place}]")
        for name in LOGGED:
            if name in record:
                number(record[name], f"log[{place}].{name}")
        if "step" not in record:
            raise Unfit(f"log[{place}] has no step")
    return tuple(made)


def _below(prefix: str, arrays: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array_of(name, arrays, shape, "f") for name in arrays if name.startswith(prefix)}
