"""JSON values as what they were written from: dataclasses, whose annotations tell what each value must be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

# The largest whole number, in magnitude: what numpy holds.
LARGEST = (1 << 63) - 1


class Unfit(ValueError):
    """Values that nothing of ours has written; the message says where they are and what is wrong."""


@dataclass(frozen=True)
class Typed:
    """Reads JSON values as dataclasses and what these are made of.

    Attributes:
        names: what annotations call a class that their module does not import.
        ignored: keys that the objects of a dataclass may have besides its fields.
    """

    names: Mapping[str, type] = field(default_factory=dict)
    ignored: Mapping[type, frozenset[str]] = field(default_factory=dict)

    def read(self, kind: Any, value: Any, where: str) -> Any:
        """Return a JSON value as a ``kind``.

        Args:
            kind: a dataclass, whose fields are an object's keys, each of them there, or one of a single field, which is
                that field's value; ``float``, of which None is NaN; ``int``, ``str``, ``bool``; ``tuple[K, ...]``, a
                list; ``Mapping[str, K]``; ``K | None``.
            value: JSON values.
            where: they are, for messages.

        Raises:
            Unfit: the value is none.
        """
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (UnionType, Union):
            [other] = set(arguments) - {NoneType}
            return None if value is None else self.read(other, value, where)
        if origin is tuple:
            return tuple(self.read(arguments[0], each, f"{where}[{place}]")
                         for place, each in enumerate(of_type(list, value, where)))
        if origin is not None:
            return {name: self.read(arguments[1], each, f"{where}.{name:.40}")
                    for name, each in of_type(dict, value, where).items()}
        if is_dataclass(kind):
            return self._object(kind, value, where)
        if kind is float:
            return math.nan if value is None else number(value, where)
        return whole(value, where) if kind is int else of_type(kind, value, where)

    def _object(self, kind: Any, value: Any, where: str) -> Any:
        hints = get_type_hints(kind, localns=dict(self.names))
        known = {each.name for each in fields(kind)}
        if len(known) == 1:
            [name] = known
            return kind(self.read(hints[name], value, where))
        made = of_type(dict, value, where)
        ignored = self.ignored.get(kind, frozenset())
        for name in sorted(known - made.keys()):
            raise Unfit(f"{where} has no {name!r}")
        for name in sorted(made.keys() - known - ignored):
            raise Unfit(f"{where} has a strange key {name[:40]!r}")
        return kind(**{name: self.read(hints[name], made[name], f"{where}.{name}") for name in known})


def number(value: Any, where: str) -> float:
    """Return a value that is a finite number, not null; raise :class:`Unfit` if it is none."""
    if isinstance(value, float) and math.isfinite(value):
        return value
    return whole(value, where, named="number")


def whole(value: Any, where: str, least: int = -LARGEST, most: int = LARGEST, named: str = "whole number") -> int:
    """Return a value that is a whole number from ``least`` to ``most``; raise :class:`Unfit` if it is none."""
    if type(value) is not int or not least <= value <= most:
        raise Unfit(f"{where} is no {named}" + ("" if least == -LARGEST else f" from {least:,} to {most:,}"))
    return value


def of_type(kind: type, value: Any, where: str) -> Any:
    """Return a value that is of a type of JSON's; raise :class:`Unfit` if it is not."""
    if not isinstance(value, kind):
        raise Unfit(f"{where} is no {_NAMES[kind]}")
    return value


def array_of(name: str, arrays: Mapping[str, np.ndarray], shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Return an array of a shape and a kind of dtype, such as ``"f"``; raise :class:`Unfit` if it is not there."""
    if name not in arrays:
        raise Unfit(f"the array {name} is missing")
    array = arrays[name]
    if array.shape != shape or array.dtype.kind != kind:
        raise Unfit(f"the array {name} is {array.dtype} of shape {array.shape}, not {shape}")
    return array


_NAMES: Mapping[type, str] = {list: "list", dict: "object", str: "text", bool: "truth value"}
