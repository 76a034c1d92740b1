"""Units × patterns: numbers where they belong, like beside like, and no colour where there is no number."""

import numpy as np
import pytest

from probe.errors import UserError
from probe.render import HeatMap


def blocks(seed: int) -> tuple[HeatMap, np.ndarray, np.ndarray]:
    """A map of three kinds of units and of patterns in no order, and the kind of each."""
    random = np.random.default_rng(seed)
    units, patterns = random.permutation(np.repeat(range(3), 6)), random.permutation(np.repeat(range(3), 4))
    values = np.where(units[:, None] == patterns, 0.8, 0.0) * np.where(units[:, None] == 2, -1, 1)
    return HeatMap(values + random.normal(0, 0.02, values.shape), [f"1:{u}" for u in range(18)],
                   [f"p{p}" for p in range(12)]), units, patterns


@pytest.mark.parametrize("seed", range(3))
def test_like_lies_beside_like_and_each_number_keeps_its_names(seed):
    heat_map, units, patterns = blocks(seed)
    ordered = heat_map.clustered()
    rows, columns = ([int(name[name.startswith("1:") + 1:]) for name in names]
                     for names in (ordered.units, ordered.patterns))
    np.testing.assert_array_equal(ordered.values, heat_map.values[np.ix_(rows, columns)])
    assert (np.diff(units[rows]) != 0).sum() == (np.diff(patterns[columns]) != 0).sum() == 2


def test_the_figure_has_each_number_in_its_cell_and_none_where_there_is_none():
    heat_map = HeatMap(np.array([[0.5, np.nan], [-0.25, 0.125]]), ["1:0", "1:7"], ["inside_quotes", "vowel"])
    axes, bar = heat_map.figure().axes
    mesh = axes.collections[0]
    np.testing.assert_array_equal(mesh.get_array().filled(9), [[0.5, 9], [-0.25, 0.125]])
    assert mesh.get_clim() == (-0.5, 0.5) and axes.yaxis_inverted()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["inside quotes", "vowel"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1:0", "1:7"]
    assert bar.get_xlabel() == "correlation; grey: none"


def test_many_units_are_not_named():
    heat_map = HeatMap(np.ones((500, 2)), [f"1:{u}" for u in range(500)], ["a", "b"])
    axes = heat_map.figure().axes[0]
    assert axes.get_yticklabels() == [] and axes.get_ylabel() == "500 units"


def test_words_name_the_strongest_unit_of_each_pattern():
    values = np.array([[0.5, np.nan, 0.2], [-0.75, np.nan, 0.1]])
    heat_map = HeatMap(values, ["1:0", "<b>"], ["quotes", "none", "vowel"])
    assert heat_map.strongest() == [("quotes", "<b>", -0.75), ("vowel", "1:0", 0.2)]
    assert str(heat_map).split("\n")[1].split() == ["quotes", "<b>", "−0.750"]
    assert "quotes: &lt;b&gt; −0.750; vowel: 1:0 0.200" in heat_map._repr_html_()


@pytest.mark.parametrize(("values", "complaint"), [(np.zeros((2, 3)), "a row a unit"),
                                                   (np.full((1, 2), np.nan), "needs a number")])
def test_what_is_no_map_is_refused(values, complaint):
    with pytest.raises(UserError, match=complaint):
        HeatMap(values, ["1:0"], ["a", "b"])
