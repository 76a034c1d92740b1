"""The order in which parts are merged: the same tree everywhere, never many at a time."""

import math
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from probe.corpus import Segment
from probe.scan.engine import in_pairs, parts_of


@dataclass(frozen=True)
class Text:
    segment: Segment

    def part(self, start: int, stop: int) -> "Text":
        return Text(Segment(start, stop))


@given(st.integers(0, 1000), st.integers(1, 5000), st.integers(1, 12))
def test_parts_cover_a_text_and_have_512_characters_at_least(start, length, parts):
    cut = [part.segment for part in parts_of(Text(Segment(start, start + length)), parts)]
    assert (cut[0].start, cut[-1].stop) == (start, start + length)
    assert all(one.stop == other.start for one, other in zip(cut, cut[1:], strict=False))
    assert len(cut) == min(parts, max(1, length // 512))
    assert len(cut) == 1 or min(map(len, cut)) >= 512


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
