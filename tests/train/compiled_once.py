"""Many trainings in one process, with a network that is compiled only once."""

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import pytest

from probe.model.engine import tf

_kept: dict[Any, Any] = {}


def compile_once_in(patch: pytest.MonkeyPatch, module: ModuleType, names: Iterable[str]) -> None:
    """Let every training of the same network take what functions made for the first, set back to what it was when new.

    What is kept lives on, so that its ids stay its own.

    Args:
        patch: undoes it.
        module: where a training looks the functions up.
        names: of what makes networks, optimizers and compiled functions.
    """
    makers: dict[str, Callable] = {name: getattr(module, name) for name in names}

    def once(name: str) -> Callable:
        def make(*given: Any, **named: Any) -> Any:
            devices = id(tf.distribute.get_strategy())  # what is made for some devices is not for others
            key = module.__name__, name, devices, *map(_key, (*given, *named.items()))
            if key not in _kept:
                made = makers[name](*given, **named)
                _kept[key] = made, [(variable, variable.numpy()) for variable in getattr(made, "variables", ())]
            made, variables = _kept[key]
            for variable, value in variables:
                variable.assign(value)
            return made

        return make

    for name in makers:
        patch.setattr(module, name, once(name))


def compile_anew() -> None:
    """Let the next training compile anew, as in a process of its own."""
    _kept.clear()


def _key(given: Any) -> Any:
    """What tells an argument from others: itself if it has variables, or a model that has; else how it is written."""
    if isinstance(given, tuple):
        return tuple(map(_key, given))
    if hasattr(given, "variables"):
        return id(given)
    return (id(given.model), given.dtype) if hasattr(given, "model") else str(given)
