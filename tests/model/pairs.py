"""Cases in which any two values of two parameters meet, in place of all cases.

What code for vectors gets wrong lies between two parameters: units and a machine's lanes, streams and its rows.
"""

import itertools
from collections.abc import Sequence
from typing import Any

# True tries every case: two thousand more of them, in many minutes.
EVERY_CASE = False


def paired(*parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return cases, a value of each parameter in each; every two values of two parameters are in one of them."""
    cases = list(itertools.product(*(range(len(values)) for values in parameters)))
    chosen = cases if EVERY_CASE else []
    left = set() if EVERY_CASE else {pair for case in cases for pair in _pairs(case)}
    while left:
        best = max(cases, key=lambda case: len(left & _pairs(case)))
        chosen.append(best)
        left -= _pairs(best)
    return [tuple(values[place] for values, place in zip(parameters, case, strict=True)) for case in chosen]


def _pairs(case: tuple[int, ...]) -> set[tuple[tuple[int, int], ...]]:
    return set(itertools.combinations(enumerate(case), 2))
