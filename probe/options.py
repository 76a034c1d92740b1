"""Declaring an option once, for the library and the command line alike.

An options class is a frozen dataclass whose fields are made by :func:`option`. The library takes the
dataclass as its argument; ``probe.cli`` turns the same fields into flags.
"""

import dataclasses
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from probe.errors import UserError


def option(default: Any, help: str, *, choices: Sequence[str] | None = None, minimum: float | None = None,
           maximum: float | None = None, above: float | None = None, below: float | None = None) -> Any:
    """Declare one field of an options dataclass.

    Args:
        default: value if the user gives none.
        help: one line for the flag's help text.
        choices: accepted values of a string.
        minimum, maximum: closed bounds of a number.
        above, below: open bounds of a number.
    """
    bounds = {"choices": choices, "minimum": minimum, "maximum": maximum, "above": above, "below": below}
    metadata = {"help": help, **{name: bound for name, bound in bounds.items() if bound is not None}}
    return dataclasses.field(default=default, metadata=metadata)


def check_options(options: Any) -> None:
    """Raise :class:`UserError` for the first field of ``options`` that lies outside its declared bounds."""
    for field in dataclasses.fields(options):
        value, bounds = getattr(options, field.name), field.metadata
        if value is None:
            continue
        accepted = _violated(value, bounds)
        if accepted is not None:
            raise UserError(f"--{field.name.replace('_', '-')} must be {accepted}; received {value!r}")


def _violated(value: Any, bounds: Mapping[str, Any]) -> str | None:
    """What the value should have been, if it lies outside; NaN fails every comparison and is refused too."""
    if "choices" in bounds and value not in bounds["choices"]:
        return f"one of {', '.join(bounds['choices'])}"
    for name, words, holds in (("minimum", "at least", operator.ge), ("maximum", "at most", operator.le),
                               ("above", "above", operator.gt), ("below", "below", operator.lt)):
        if name in bounds and not holds(value, bounds[name]):
            return f"{words} {bounds[name]}"
    return None
