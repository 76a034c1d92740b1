"""Declaring an option once, for the library and the command line alike.

An options class is a frozen dataclass that derives from :class:`Options` and whose fields are made by :func:`option`.
The library takes it as an argument; ``probe.cli`` turns the same fields into flags.
"""

import dataclasses
import difflib
import operator
import sys
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from probe.errors import UserError, quoted

TYPES = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text"}
# What arrays, files and machine code can hold: no option means anything beyond.
LARGEST_WHOLE = 2**63 - 1
# Characters of a value that a message repeats.
SHOWN = 300

Entry = TypeVar("Entry")


@dataclasses.dataclass(frozen=True)
class Options:
    """Base of all options classes: what is made of it holds to what its fields declare.

    Raises:
        UserError: a value has another type than its annotation says, or lies outside its bounds.
    """

    def __post_init__(self) -> None:
        check_options(self)


def option(default: Any, help: str, *, choices: Sequence[str] | None = None, minimum: float | None = None,
           maximum: float | None = None, above: float | None = None, below: float | None = None,
           extends: bool = False) -> Any:
    """Declare one field of an options class: a bool, an int, a float or a str, or one of these or None.

    Args:
        default: value if the user gives none.
        help: one line for the flag's help text.
        choices: accepted values of a string.
        minimum, maximum: closed bounds of a number.
        above, below: open bounds of a number.
        extends: whether what was begun with one value may go on with another.
    """
    bounds = {"choices": choices, "minimum": minimum, "maximum": maximum, "above": above, "below": below}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return dataclasses.field(default=default, metadata={"help": help, "extends": extends, **given})


def check_options(options: Any) -> None:
    """Raise :class:`UserError` for the first field of ``options`` that is not of its type or outside its bounds.

    A float may be given as an int; a bool is not a number; numbers must be finite, and whole ones within 64 bits.
    """
    hints = typing.get_type_hints(type(options))
    for field in dataclasses.fields(options):
        check_value(field.name, getattr(options, field.name), hints[field.name], field.metadata)


def check_value(name: str, value: Any, hint: Any, declared: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` if a value is not what a field of options takes.

    Args:
        name: of the field.
        value: what was given for it.
        hint: its annotation: bool, int, float or str, or one of these or None.
        declared: its bounds, as :func:`option` keeps them.
    """
    kinds = typing.get_args(hint) or (hint,)
    if value is None and type(None) in kinds:
        return
    accepted = TYPES[kinds[0]] if not _is(value, kinds[0]) else _violated(value, declared)
    if accepted is None and kinds[0] is int and abs(value) > LARGEST_WHOLE:
        accepted = f"within ±{LARGEST_WHOLE}"
    if accepted is not None:
        near = did_you_mean(value, declared["choices"]) if "choices" in declared and isinstance(value, str) else ""
        raise UserError(f"--{name.replace('_', '-')} must be {accepted}; received {_shown(value)}{near}")


def _shown(value: Any) -> str:
    """A value as a message repeats it."""
    if isinstance(value, int) and value.bit_length() > SHOWN:  # of too many digits Python writes none
        return f"a number of {value.bit_length():,} bits"
    written = repr(value)
    return written if len(written) <= SHOWN else f"{written[:SHOWN]}…"


def _is(value: Any, kind: type) -> bool:
    if kind is float:  # compared, because an int may be too large to become a float; NaN and the infinities fail
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _violated(value: Any, bounds: Mapping[str, Any]) -> str | None:
    """What the value should have been, if it lies outside."""
    if "choices" in bounds and value not in bounds["choices"]:
        return f"one of {', '.join(bounds['choices'])}"
    for name, words, holds in (("minimum", "at least", operator.ge), ("maximum", "at most", operator.le),
                               ("above", "above", operator.gt), ("below", "below", operator.lt)):
        if name in bounds and not holds(value, bounds[name]):
            return f"{words} {bounds[name]}"
    return None


def named(kind: str, name: str, registry: Mapping[str, Entry]) -> Entry:
    """Return what ``registry`` holds under ``name``.

    Args:
        kind: what is sought, for the message, for example ``"palette"``.
        name: of the entry.
        registry: name → entry.

    Raises:
        UserError: there is none of that name; a near one is suggested, else all are listed.
    """
    if name in registry:
        return registry[name]
    hint = did_you_mean(name, registry) or f"; accepted are {', '.join(registry)}"
    raise UserError(f"no {kind} is called {quoted(name)}{hint}")


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return what a message adds where one of ``names`` is near to ``name``: ``"; did you mean 'digit'?"``, or else
    nothing."""
    near = nearest(name, names)
    return "" if near is None else f"; did you mean {quoted(near)}?"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return which of ``names`` is written most like ``name``, in whatever case; None if none is near."""
    folded = {each.casefold(): each for each in names}
    near = difflib.get_close_matches(name.casefold(), folded, 1)
    return folded[near[0]] if near else None
