"""Finding a pattern by its name, and giving a name to one."""

import keyword
from collections.abc import Iterable, Mapping
from typing import TypeVar

from probe.errors import UserError, quoted
from probe.options import did_you_mean
from probe.patterns.pattern import Pattern

Entry = TypeVar("Entry", bound=Pattern)


def pattern_among(name: str, known: Mapping[str, Entry]) -> Entry:
    """Return the pattern of ``known`` that is called ``name``.

    Raises:
        UserError: there is none; a near one is suggested.
    """
    if name in known:
        return known[name]
    hint = did_you_mean(name, known) or "; 'probe patterns list' names them"
    raise UserError(f"no pattern is called {quoted(name)}{hint}")


def with_own(known: Mapping[str, Pattern], own: Iterable[Pattern]) -> dict[str, Pattern]:
    """Return ``known`` and the patterns of a user's own.

    Raises:
        UserError: a name is taken, or could not be used in an expression.
    """
    together = dict(known)
    for entry in own:
        check_name(entry.name, together)
        together[entry.name] = entry
    return together


def check_name(name: str, taken: Mapping[str, Pattern]) -> None:
    """Refuse a name that is taken or could not be used in an expression."""
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or name == "all":
        raise UserError("the name of a pattern must be a word of letters, digits and _, and not 'all' or a keyword of "
                        f"Python; received {quoted(name)}")
    if name in taken:
        raise UserError(f"there is a pattern called {quoted(name)} already; choose another name")
