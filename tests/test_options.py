"""Options hold to what their fields declare, whatever they are given."""

import dataclasses
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.options import Options, check_options, named, option


@dataclass(frozen=True)
class Sample(Options):
    count: int = option(3, "a count", minimum=1, maximum=9)
    share: float = option(0.5, "a share", above=0, below=1)
    word: str = option("one", "a word", choices=("one", "two"))
    name: str = option("", "a name")
    switch: bool = option(False, "a switch")
    limit: int | None = option(None, "a limit", minimum=1, extends=True)
    minutes: float | None = option(None, "a time", above=0, extends=True)


ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.binary(max_size=2),
                     st.complex_numbers(), st.just([1]), st.just(10**400), st.integers(0, 10), st.floats(-1, 2),
                     st.sampled_from(["one", "two"]))
# What each field accepts, in words of its own: the exact type, then the bounds.
ACCEPTED = {
    "count": lambda v: type(v) is int and v in range(1, 10),
    "share": lambda v: type(v) is float and 0 < v < 1,
    "word": lambda v: type(v) is str and v in {"one", "two"},
    "name": lambda v: type(v) is str,
    "switch": lambda v: type(v) is bool,
    "limit": lambda v: v is None or (type(v) is int and 1 <= v < 2**63),
    "minutes": lambda v: v is None or (type(v) in {int, float} and 0 < v < 2**1024 and v != float("inf")),
}


@pytest.mark.parametrize("name", ACCEPTED)
@given(value=ANYTHING)
def test_a_value_is_taken_exactly_if_it_is_of_the_type_and_within_the_bounds(name, value):
    if ACCEPTED[name](value):
        assert getattr(Sample(**{name: value}), name) is value
    else:
        with pytest.raises(UserError, match=f"^--{name} must be .*; received "):
            Sample(**{name: value})


@pytest.mark.parametrize(("wrong", "words"), [
    ({"count": 1.5}, "--count must be a whole number; received 1.5"),
    ({"count": True}, "--count must be a whole number; received True"),
    ({"count": "3"}, "--count must be a whole number; received '3'"),
    ({"count": None}, "--count must be a whole number; received None"),
    ({"count": 0}, "--count must be at least 1; received 0"),
    ({"count": 10}, "--count must be at most 9; received 10"),
    ({"share": float("nan")}, "--share must be a finite number; received nan"),
    ({"share": True}, "--share must be a finite number; received True"),
    ({"share": 0}, "--share must be above 0; received 0"),
    ({"share": 1}, "--share must be below 1; received 1"),
    ({"minutes": float("inf")}, "--minutes must be a finite number; received inf"),
    ({"word": "three"}, "--word must be one of one, two; received 'three'"),
    ({"word": ["one"]}, "--word must be text; received ['one']"),
    ({"switch": 1}, "--switch must be true or false; received 1"),
    ({"limit": 2.0}, "--limit must be a whole number; received 2.0"),
    ({"limit": 2**63}, "--limit must be within ±9223372036854775807; received 9223372036854775808"),
    ({"limit": 10**5000}, "--limit must be within ±9223372036854775807; received a number of 16,610 bits"),
    ({"limit": -10**5000}, "--limit must be at least 1; received a number of 16,610 bits"),
    ({"word": "x" * 999}, f"--word must be one of one, two; received '{'x' * 299}…"),
])
def test_a_refusal_names_the_flag_what_is_accepted_and_what_was_received(wrong, words):
    with pytest.raises(UserError) as caught:
        Sample(**wrong)
    assert str(caught.value) == words


def test_a_replacement_is_checked_too():
    with pytest.raises(UserError, match="--count"):
        dataclasses.replace(Sample(), count=0)


def test_a_class_may_add_checks_of_its_own():
    @dataclass(frozen=True)
    class Paired(Sample):
        def __post_init__(self):
            super().__post_init__()
            if self.count > 5 and self.switch:
                raise UserError("too much")

    with pytest.raises(UserError, match="--count"):
        Paired(count=0)
    with pytest.raises(UserError, match="too much"):
        Paired(count=6, switch=True)


def test_a_dataclass_that_is_not_derived_can_be_checked():
    @dataclass(frozen=True)
    class Loose:
        count: int = option(3, "a count")

    check_options(Loose(4))
    with pytest.raises(UserError, match="--count must be a whole number; received 'x'"):
        check_options(Loose("x"))


def test_what_a_field_declares_can_be_read():
    declared = {field.name: field.metadata for field in dataclasses.fields(Sample)}
    assert [name for name, metadata in declared.items() if metadata["extends"]] == ["limit", "minutes"]
    assert declared["word"]["choices"] == ("one", "two") and declared["name"]["help"] == "a name"
    assert "minimum" not in declared["share"] and declared["count"]["maximum"] == 9


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5), st.text(max_size=5))
def test_what_is_named_is_found_and_nothing_else(registry, name):
    if name in registry:
        assert named("colour", name, registry) == registry[name]
    else:
        with pytest.raises(UserError, match=r"^no colour is called "):
            named("colour", name, registry)


def test_a_near_name_is_suggested_and_else_all_are_listed():
    with pytest.raises(UserError) as caught:
        named("colour", "gren", {"red": 1, "green": 2})
    assert str(caught.value) == "no colour is called 'gren'; did you mean 'green'?"
    with pytest.raises(UserError) as caught:
        named("colour", "xyz", {"red": 1, "green": 2})
    assert str(caught.value) == "no colour is called 'xyz'; accepted are red, green"
