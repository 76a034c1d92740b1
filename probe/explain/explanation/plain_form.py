"""An explanation as plain values and back."""

import dataclasses
from typing import Any

import numpy as np

from probe.errors import UserError, quoted
from probe.explain.explanation.explanation import LawKept, TextExplanation
from probe.files import check_kind

KIND, VERSION = "text explanation", 1
NUMBERS = {"offsets": np.int64, "weights": np.float64, "pads": np.bool_, "norms": np.float64, "heatmap": np.float64}
WORDS = ("text", "target", "scored", "label", "method", "truth")
ABSENT = ("layer", "norms", "heatmap", "check", "scale")
LISTS = ("tokens", "notes")
# Fields that came later: files of version 1 may lack them.
LATER = {"truth": ""}


def plain(explanation: TextExplanation) -> dict[str, Any]:
    """Return an explanation as strings, finite numbers, booleans, lists and mappings of these."""
    values = {each.name: getattr(explanation, each.name) for each in dataclasses.fields(explanation)}
    for name, kind in NUMBERS.items():
        if values[name] is not None:
            values[name] = np.asarray(values[name], kind).tolist()
    check = explanation.check
    law = {"law": check.law, "expected": float(check.expected), "found": float(check.found)} if check else None
    return {"kind": KIND, "version": VERSION, **values, "score": float(explanation.score), "check": law,
            "scale": None if explanation.scale is None else float(explanation.scale),
            "pad_share": float(explanation.pad_share), "pads_masked": bool(explanation.pads_masked),
            "probabilities": {label: float(share) for label, share in explanation.probabilities.items()},
            **{name: list(values[name]) for name in LISTS}}


def explanation_of(values: Any) -> TextExplanation:
    """Return the explanation that :func:`plain` made ``values`` of.

    Raises:
        UserError: a field is missing, unknown or of another type, or kind or version are others.
    """
    names = {"kind", "version", *(each.name for each in dataclasses.fields(TextExplanation))}
    check_kind(values, "an explanation's JSON", KIND, VERSION)
    values = LATER | values
    if odd := sorted(map(str, names ^ set(values))):
        raise UserError(f"an explanation's JSON must have the fields {', '.join(sorted(names))}; "
                        f"missing or unknown: {quoted(', '.join(odd))}")
    fields = {name: value for name, value in values.items() if name not in ("kind", "version")}
    read: dict[str, Any] = {name: None if value is None and name in ABSENT else _read(name, value)
                            for name, value in fields.items()}
    return TextExplanation(**read)


def _read(name: str, value: Any) -> Any:
    if name in WORDS or name == "layer":
        return _of(name, value, str)
    if name in NUMBERS:
        return _array(name, value)
    if name in LISTS:
        return tuple(_of(name, each, str) for each in _of(name, value, list))
    if name == "check":
        return _law(_of(name, value, dict))
    if name == "probabilities":
        return {_of(name, label, str): _number(name, share) for label, share in _of(name, value, dict).items()}
    return _of(name, value, bool) if name == "pads_masked" else _number(name, value)


def _law(values: dict[str, Any]) -> LawKept:
    if set(values) != {"law", "expected", "found"}:
        raise UserError(f"check must have the fields law, expected, found; received {quoted(', '.join(values))}")
    return LawKept(_of("law", values["law"], str), _number("expected", values["expected"]),
                   _number("found", values["found"]))


def _array(name: str, value: Any) -> np.ndarray:
    """A list, or a list of equally long lists, of whole numbers, numbers or booleans."""
    kind, accepted = NUMBERS[name], {np.int64: (int,), np.bool_: (bool,), np.float64: (int, float)}[NUMBERS[name]]
    rows = [_of(name, row, list) if name == "offsets" or isinstance(row, list) else [row]
            for row in _of(name, value, list)]
    if any(type(each) not in accepted for row in rows for each in row) or len(set(map(len, rows))) > 1:
        raise UserError(f"{name} must be a list of {' or '.join(each.__name__ for each in accepted)} as an explanation "
                        f"writes it; received {quoted(str(value))}")
    try:
        array: np.ndarray = np.array(value, kind)
    except (ValueError, OverflowError) as error:
        raise UserError(f"{name} must be numbers of 64 bits; received {quoted(str(value))}") from error
    return array.reshape(0, 2) if name == "offsets" and not value else array


def _number(name: str, value: Any) -> float:
    if type(value) not in (int, float):
        raise UserError(f"{name} must be a number; received {quoted(repr(value))}")
    try:
        return float(value)
    except OverflowError as error:
        raise UserError(f"{name} must be a number; received one too large for a float") from error


def _of(name: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise UserError(f"{name} must be of type {kind.__name__}; received {quoted(repr(value))}")
    return value
