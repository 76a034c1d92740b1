"""Patterns of dates as Babel and CLDR write them: fields, which are runs of one letter, and literal text between."""

import re
from collections.abc import Callable
from typing import TypeAlias

from babel.dates import tokenize_pattern

# A literal text, or the letter of a field and how often it stands.
Token: TypeAlias = str | tuple[str, int]

_COMMAS = re.compile("[,،]")
_LETTERS = re.compile("[A-Za-z]")


def tokens_of(pattern: str) -> tuple[Token, ...]:
    """Return the literals and the fields of ``pattern``, in its order."""
    return tuple(value for _, value in tokenize_pattern(pattern))


def pattern_of(tokens: tuple[Token, ...]) -> str:
    """Return the pattern that :func:`tokens_of` takes apart into ``tokens``."""
    return "".join(_quoted(token) if isinstance(token, str) else token[0] * token[1] for token in tokens)


def with_two_digits(pattern: str) -> str:
    """Return ``pattern`` with the last two digits of the year in place of all."""
    return _changed(pattern, lambda token: ("y", 2) if not isinstance(token, str) and token[0] == "y" else token)


def without_commas(pattern: str) -> str | None:
    """Return ``pattern`` without its commas, or None if it has none."""
    plain = _changed(pattern, lambda token: _COMMAS.sub("", token) if isinstance(token, str) else token)
    return None if plain == _changed(pattern, lambda token: token) else plain


def with_leading_zeros(pattern: str) -> str | None:
    """Return ``pattern`` with two digits of the day and the month, or None if it has them."""
    padded = _changed(pattern, lambda token: (token[0], 2) if token in (("d", 1), ("M", 1), ("L", 1)) else token)
    return None if padded == _changed(pattern, lambda token: token) else padded


def _changed(pattern: str, change: Callable[[Token], Token]) -> str:
    return pattern_of(tuple(changed for token in tokens_of(pattern) if (changed := change(token))))


def _quoted(literal: str) -> str:
    literal = literal.replace("'", "''")
    return f"'{literal}'" if _LETTERS.search(literal) else literal
