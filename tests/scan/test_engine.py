"""The order in which parts are merged: the same tree everywhere, never many at a time."""

import math

from hypothesis import given
from hypothesis import strategies as st

from probe.scan.engine import in_pairs


def level_by_level(each: list) -> object:
    while len(each) > 1:
        each = [tuple(each[place:place + 2]) if place + 1 < len(each) else each[place]
                for place in range(0, len(each), 2)]
    return each[0]


@given(st.integers(1, 200))
def test_neighbours_are_merged_level_by_level_and_few_wait(parts):
    waiting, most = 0, 0

    def collected():
        nonlocal waiting, most
        for part in range(parts):
            waiting += 1
            most = max(most, waiting)
            yield part

    def merge(first, second):
        nonlocal waiting
        waiting -= 1
        return first, second

    assert in_pairs(collected(), merge) == level_by_level(list(range(parts)))
    assert most <= math.log2(parts) + 2
    assert waiting == 1
