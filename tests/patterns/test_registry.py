import pytest

from probe.errors import UserError
from probe.patterns import PATTERNS, parse_patterns, pattern_named, patterns_for


def test_names_are_keys() -> None:
    assert all(name == entry.name for name, entry in PATTERNS.items())
    assert pattern_named("column") is PATTERNS["column"]


def test_unknown_names() -> None:
    with pytest.raises(UserError, match="no pattern is called 'inside_quote'; did you mean 'inside_quotes'"):
        pattern_named("inside_quote")
    with pytest.raises(UserError, match="no pattern is called 'zzz'; accepted are inside_quotes, "):
        pattern_named("zzz")


def test_languages() -> None:
    prose, python = patterns_for("prose"), patterns_for("python")
    assert pattern_named("inside_quotes") in prose and pattern_named("inside_quotes") not in python
    assert pattern_named("docstring") in python and pattern_named("docstring") not in prose
    assert set(prose) | set(python) == set(PATTERNS.values())


def test_parse() -> None:
    assert parse_patterns(" column, digit,column ,", "prose") == (pattern_named("column"), pattern_named("digit"))
    assert parse_patterns("all", "python") == patterns_for("python")
    with pytest.raises(UserError, match="'docstring' is for python; received a text in prose"):
        parse_patterns("column,docstring", "prose")
    with pytest.raises(UserError, match="no patterns given; received ' ,'"):
        parse_patterns(" ,", "prose")
    with pytest.raises(UserError, match="did you mean 'digit'"):
        parse_patterns("digits", "prose")
