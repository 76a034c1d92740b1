import pytest

from probe.errors import UserError
from probe.patterns import (
    NETWORK_PATTERNS,
    PATTERNS,
    RegularExpression,
    network_patterns,
    parse_pattern,
    parse_patterns,
    pattern_named,
    patterns_for,
)

URL, SIX = RegularExpression.of("address", r"https?://\S+"), RegularExpression.of("six", "6")


def test_names_are_keys() -> None:
    assert all(name == entry.name for name, entry in PATTERNS.items())
    assert pattern_named("column") is PATTERNS["column"]


def test_unknown_names() -> None:
    with pytest.raises(UserError, match="no pattern is called 'inside_quote'; did you mean 'inside_quotes'"):
        pattern_named("inside_quote")
    with pytest.raises(UserError, match="no pattern is called 'zzz'; 'probe patterns list' names them"):
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


def names(chosen: tuple) -> list[str]:
    return [entry.name for entry in chosen]


def test_expressions_are_parted_at_outer_commas() -> None:
    written = r"""digit, shift(comma, 2) ,both=digit & ~char(',\",('), u=both | comma, (column>4)"""
    assert names(parse_patterns(written, "prose")) == ["digit", "shift(comma, 2)", "both", "u", "(column>4)"]
    written = "word_length == 1,long=word_length==9,column!=3,column <= 3"
    assert names(parse_patterns(written, "prose")) == ["word_length == 1", "long", "column!=3", "column <= 3"]


def test_own_patterns_come_along_and_may_be_named() -> None:
    assert names(parse_patterns("digit", "prose", [URL, SIX])) == ["digit", "address", "six"]
    assert names(parse_patterns("six,digit", "prose", [URL, SIX])) == ["six", "digit", "address"]
    assert names(parse_patterns("x=address & digit", "prose", [URL])) == ["x", "address"]
    assert parse_patterns("all,x=six|comma", "prose", [URL, SIX]) == (
        *patterns_for("prose"), URL, SIX, parse_pattern("x=six|comma", [SIX]))


def test_patterns_of_a_network_are_for_those_who_have_one() -> None:
    network = network_patterns()
    assert parse_patterns("all", "python", network=network) == (*patterns_for("python"), *network)
    assert parse_patterns("surprise,digit", "prose", network=network)[0] is NETWORK_PATTERNS["surprise"]
    with pytest.raises(UserError, match="'expects_space' is about a network that reads, and cannot be labelled here"):
        parse_patterns("expects_space", "prose", network=network_patterns(expected=False))
    with pytest.raises(UserError, match="'surprise' is about a network"):
        parse_patterns("surprise", "prose")


@pytest.mark.parametrize("name", ["all", "and", "a-b", "é", "1a", ""])
def test_names_that_cannot_be_used(name: str) -> None:
    with pytest.raises(UserError, match="the name of a pattern must be"):
        parse_patterns("digit", "prose", [RegularExpression.of(name, "a")])


def test_names_that_are_taken() -> None:
    for written, own in (("comma=digit", []), ("x=digit,x=comma", []), ("digit", [SIX, SIX]), ("surprise=digit", []),
                         ("digit", [RegularExpression.of("comma", "a")])):
        with pytest.raises(UserError, match="there is a pattern called"):
            parse_patterns(written, "prose", own)


def test_an_expression_of_another_language_is_refused() -> None:
    with pytest.raises(UserError, match="'docstring & comma' is for python; received a text in prose"):
        parse_patterns("docstring & comma", "prose")
    with pytest.raises(UserError, match="joins patterns of prose and of Python"):
        parse_patterns("docstring & inside_quotes", "prose")


def test_one_pattern() -> None:
    assert parse_pattern(" digit ") is PATTERNS["digit"]
    assert parse_pattern("six", [SIX]) is SIX
    assert parse_pattern("x = digit").name == "x"
