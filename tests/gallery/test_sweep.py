"""Units have addresses that no layer's name can break."""

import re

from hypothesis import given
from hypothesis import strategies as st

from probe.gallery.sweep import Sweep


def test_addresses_of_a_run():
    sweep = Sweep.of({("1", "hidden"): range(4), ("2", "cell"): (3, 189)})
    assert sweep.address("2", "cell", 189) == "unit-2-cell-189"
    assert sweep.place("2", "cell", 189) == (1, 1)
    assert [source.label(3) for source in sweep.sources] == ["1:3", "2:3 cell"]
    assert sweep.count == 6


@given(st.sets(st.tuples(st.text(max_size=6), st.text(max_size=6)), min_size=1, max_size=8))
def test_names_of_any_kind_have_addresses_of_their_own(names):
    sweep = Sweep.of(dict.fromkeys(sorted(names), range(2)))
    addresses = [sweep.address(layer, signal, unit) for layer, signal in names for unit in range(2)]
    assert len(set(addresses)) == len(addresses)
    assert all(re.fullmatch(r"unit-[A-Za-z0-9_-]+-\d+", address) for address in addresses)


def test_long_names_make_no_long_names_of_files():
    sweep = Sweep.of({("x" * 5000, "hidden"): range(2), ("x" * 5000 + "y", "hidden"): range(2)})
    assert len({source.slug for source in sweep.sources}) == 2
    assert all(len(source.slug) < 120 for source in sweep.sources)
