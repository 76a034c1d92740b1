"""Changes to files and to the JSON in them, as a disk or a stranger makes them, and how they are refused."""

import copy
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from probe.errors import UserError

# Values of every kind that JSON has, and some that programs stumble over.
ODD: list[Any] = [None, True, "x", "\ud800\n", 1.5, -1, 10**30, [], [1], [[0, 1]], {}, {"a": 1}, "x" * 9999]


def damaged(content: bytes, bits: int) -> list[bytes]:
    """Return the bytes of a file cut short, at each kilobyte among others, and with single bits turned.

    Args:
        content: of the file.
        bits: how many are turned, one in each.
    """
    chance = np.random.default_rng(0)
    made = [content[:end] for end in {0, 1, *range(0, len(content), 1024), len(content) - 2}]
    for place in chance.choice(len(content), bits):
        flipped = bytearray(content)
        flipped[place] ^= 1 << chance.integers(8)
        made.append(bytes(flipped))
    return made


def places(value: Any, where: tuple = (), *, ends: bool = False) -> list[tuple]:
    """Return each place in a JSON value, as the keys that lead to it; with ``ends`` the first and last alone of a
    list."""
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list) else []
        inner = inner[:1] + inner[1:][-1:] if ends else inner
    return [each for key, below in inner for each in ((*where, key), *places(below, (*where, key), ends=ends))]


def changed_at(content: Any, place: tuple, *value: Any) -> Any:
    """Return a copy of JSON values with another ``value`` at a place, or with nothing there if none is given."""
    made = at = copy.deepcopy(content)
    for key in place[:-1]:
        at = at[key]
    if value:
        at[place[-1]] = value[0]
    else:
        del at[place[-1]]
    return made


def refusal(reading: Callable[[], object]) -> str | None:
    """Return how a reading is refused; None if it is not."""
    try:
        reading()
    except UserError as error:
        return str(error)
    return None


def refused(reading: Callable[[], object], longest: int = 600) -> None:
    """Assert that a reading is refused in one printable line of fewer than ``longest`` characters, and in 16 MB."""
    tracemalloc.start()
    try:
        with pytest.raises(UserError) as raised:
            reading()
        assert tracemalloc.get_traced_memory()[1] < 1 << 24
    finally:
        tracemalloc.stop()
    assert str(raised.value).isprintable() and len(str(raised.value)) < longest, raised.value
