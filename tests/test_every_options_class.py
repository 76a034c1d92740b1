"""Every class of options, whatever is given for any of its fields: made as declared, or refused in a line."""

import dataclasses
import importlib
import inspect
import re
import sys
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.errors import UserError
from probe.explain.registry import METHODS, method_class
from probe.options import Options
from tests.cli.nonsense import NUMBERS, TEXTS

ROOT = Path(__file__).resolve().parents[1]
DERIVED = re.compile(r"^class \w+\(\w*Options\):", re.MULTILINE)
NUMBERS_OF_ALL_KINDS = st.one_of(st.integers(), st.floats(), st.integers(-3, 70), st.floats(-1, 2),
                                 st.sampled_from([10**400, -10**5000, 2**63, -2**63, 5e-324, 1e308]))
ANYTHING = st.one_of(NUMBERS_OF_ALL_KINDS, st.none(), st.booleans(), st.text(), st.sampled_from(TEXTS),
                     st.sampled_from(NUMBERS), st.binary(max_size=3), st.lists(st.integers(), max_size=2),
                     st.complex_numbers(),
                     st.lists(st.sampled_from(["1", "2-", "nan", "-", "0.5", "all"])).map(",".join))
MOST = sys.float_info.max


def every_class() -> list[type]:
    """All that derive from Options and declare some, and the methods of explanation, whose settings are alike."""
    for path in sorted((ROOT / "probe").rglob("*.py")):
        if DERIVED.search(path.read_text("utf-8")):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for name in METHODS:
        method_class(name)
    found, waiting = [], [Options]
    while waiting:
        below = [kind for kind in waiting.pop().__subclasses__() if kind.__module__.startswith("probe.")]
        found += below
        waiting += below
    return [kind for kind in found if not inspect.isabstract(kind) and declared(kind)]


def declared(kind: type) -> list[dataclasses.Field]:
    """The fields that a command has as options."""
    return [field for field in dataclasses.fields(kind) if "help" in field.metadata]


def test_all_are_found():
    assert {"TrainOptions", "ScanOptions", "DateOptions", "RecordOptions", "IntegratedGradients", "GradCam"} <= {
        kind.__name__ for kind in every_class()}


@pytest.mark.parametrize("kind", every_class(), ids=lambda kind: kind.__name__)
@settings(max_examples=40)
@given(data=st.data())
def test_a_field_holds_what_is_declared_or_is_refused(kind, data):
    field = data.draw(st.sampled_from(declared(kind)))
    choices = field.metadata.get("choices")
    value = data.draw(st.one_of(ANYTHING, st.sampled_from(choices)) if choices else ANYTHING)
    try:
        made = kind(**{field.name: value})
    except UserError:
        return
    assert getattr(made, field.name) is value
    assert _is_declared(value, typing.get_type_hints(kind)[field.name], field.metadata)


def _is_declared(value: Any, hint: Any, declared: Any) -> bool:
    kinds = typing.get_args(hint) or (hint,)
    if value is None:
        return type(None) in kinds
    if type(value) is not kinds[0] and not (kinds[0] is float and type(value) is int):
        return False
    if type(value) in (int, float) and not abs(value) <= (2**63 - 1 if kinds[0] is int else MOST):
        return False
    lowest, highest = declared.get("minimum", declared.get("above")), declared.get("maximum", declared.get("below"))
    return (("choices" not in declared or value in declared["choices"]) and (lowest is None or value >= lowest)
            and (highest is None or value <= highest) and ("above" not in declared or value != lowest)
            and ("below" not in declared or value != highest))
