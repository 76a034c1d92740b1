"""Attention maps read back from plain values, which anybody may have written."""

import dataclasses
from typing import Any

import numpy as np

from probe.attention.maps.attention_map import KIND, VERSION, AttentionMap
from probe.errors import UserError, quoted
from probe.files import check_kind

RANKS = {"weights": 3, "probabilities": 1, "effects": 2}
ABSENT = ("probabilities", "effects")


def map_of(values: Any) -> AttentionMap:
    """Return the map that :meth:`AttentionMap.to_json` made ``values`` of.

    Raises:
        UserError: a field is missing, unknown or of another type, or kind or version are others.
    """
    check_kind(values, "an attention map's JSON", KIND, VERSION)
    names = {each.name for each in dataclasses.fields(AttentionMap)}
    if odd := sorted(map(str, names ^ (set(values) - {"kind", "version"}))):
        raise UserError(f"an attention map's JSON must have the fields kind, version, {', '.join(sorted(names))}; "
                        f"missing or unknown: {quoted(', '.join(odd))}")
    read: dict[str, Any] = {name: _read(name, values[name]) for name in names}
    return AttentionMap(**read)


def _read(name: str, value: Any) -> Any:
    if name == "heading" or (value is None and name in ABSENT):
        return value
    if not isinstance(value, list):
        raise UserError(f"{name} must be a list; received {quoted(repr(value))}")
    return _array(name, value, RANKS[name]) if name in RANKS else tuple(value)


def _array(name: str, value: list[Any], rank: int) -> np.ndarray:
    rows: list[Any] = value
    for _ in range(rank - 1):
        if not all(isinstance(row, list) for row in rows):
            raise UserError(f"{name} must be lists nested {rank} deep; received {quoted(repr(value))}")
        rows = [each for row in rows for each in row]
    if any(type(each) not in (int, float) for each in rows):
        raise UserError(f"{name} must be numbers; received {quoted(repr(value))}")
    try:
        return np.array(value, np.float64)
    except (ValueError, OverflowError) as error:
        raise UserError(f"{name} must be rows of one length, of numbers of 64 bits; received "
                        f"{quoted(repr(value))}") from error
