"""The order of a heat map against scipy's trees."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage

from probe.gallery.heat_map import heat_map
from probe.render.seriation import order


@pytest.mark.parametrize(("rows", "columns"), [(3, 2), (40, 7), (90, 3)])
def test_every_branch_of_the_tree_lies_together(rows, columns):
    table = np.random.default_rng(rows).normal(0, 1, (rows, columns))
    found = order(table)
    assert sorted(found) == list(range(rows))
    place = np.argsort(found)
    branches = [[row] for row in range(rows)]
    for one, other, _, _ in linkage(table, "average"):
        branches.append(branches[int(one)] + branches[int(other)])
        assert np.ptp(place[branches[-1]]) == len(branches[-1]) - 1


def test_neighbours_are_nearer_than_in_a_tree_that_nobody_turned():
    table = np.random.default_rng(5).normal(0, 1, (80, 4))

    def way(leaves: np.ndarray) -> float:
        return float(np.linalg.norm(np.diff(table[leaves], axis=0), axis=1).sum())

    assert way(order(table)) < 0.95 * way(leaves_list(linkage(table, "average")))


@pytest.mark.parametrize("table", [np.zeros((0, 3)), np.zeros((1, 3)), np.zeros((5, 3)), np.ones((2, 2))])
def test_few_rows_and_equal_ones_have_an_order_too(table):
    assert sorted(order(table)) == list(range(len(table)))


def test_a_heat_map_leaves_out_patterns_that_no_unit_has():
    scores = np.array([[0.5, np.nan, -0.1], [-0.7, np.nan, 0.2], [0.1, np.nan, np.nan]])
    made = heat_map(scores)
    assert sorted(made.down) == [0, 2]
    assert sorted(made.across) == [0, 1, 2]
    assert made.most == 0.7
    assert made.strongest[made.down.tolist().index(0)] == [1, 0, 2]
    assert heat_map(np.full((3, 2), np.nan)) is None
