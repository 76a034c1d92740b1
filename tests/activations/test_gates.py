"""Gate statistics against numpy on whole arrays, and on gates whose answer is known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.activations.gates import GATES, GateStatistics
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.errors import UserError
from tests.scan.recorded import Recorded

CHARACTERS = 903


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("a line of nine words that nobody ever needs\n" * 21, encoding="utf-8")
    return Corpus.read(path, CorpusOptions(splits="0.5,0.2,0.3"))


def gates(characters: int, units: int = 7) -> dict[tuple[str, str], np.ndarray]:
    """Gates that are often saturated, with values on the very borders of saturation, in two layers."""
    generator = np.random.default_rng(3)
    arrays = {}
    for layer in ("1", "other"):
        for gate in GATES:
            values = generator.beta(0.3, 0.3, (characters, units)).astype(np.float32)
            values[5:9, 2] = 0.1, 0.9, np.nextafter(np.float32(0.1), 0), np.nextafter(np.float32(0.9), 1)
            arrays[layer, gate] = np.clip(values, np.float32(1e-30), 1)
    return arrays


def blocks(corpus: Corpus, arrays: dict[tuple[str, str], np.ndarray], start: int = 0, stop: int = CHARACTERS,
           block: int = 100) -> Recorded:
    padded = {source: np.concatenate([array, np.full((len(corpus) - len(array), array.shape[1]), 0.5, np.float32)])
              for source, array in arrays.items()}
    return Recorded(corpus, Segment(start, stop), padded, block)


def forget(*columns: list[float] | float) -> dict[tuple[str, str], np.ndarray]:
    """A forget gate of one layer: a unit for each column, a number standing for a gate that never moves."""
    length = max((len(column) for column in columns if isinstance(column, list)), default=10)
    stacked = [column if isinstance(column, list) else [column] * length for column in columns]
    return {("1", "forget_gate"): np.array(stacked, np.float32).T}


def statistics_of(corpus: Corpus, arrays: dict[tuple[str, str], np.ndarray]) -> GateStatistics:
    return GateStatistics.of(blocks(corpus, arrays, stop=len(next(iter(arrays.values())))), show=False)


@pytest.mark.parametrize("block", [1, 64, 1000])
def test_fractions_and_half_lives_are_those_of_whole_arrays(corpus, block):
    arrays = gates(CHARACTERS)
    found = GateStatistics.of(blocks(corpus, arrays, block=block), show=False)
    assert found.characters == CHARACTERS
    for (layer, gate), values in arrays.items():
        exact = values.astype(np.float64)
        np.testing.assert_array_equal(found.left(layer, gate), np.mean(exact < 0.1, axis=0))
        np.testing.assert_array_equal(found.right(layer, gate), np.mean(exact > 0.9, axis=0))
    for layer in ("1", "other"):
        rates = np.log(arrays[layer, "forget_gate"].astype(np.float64)).mean(axis=0)
        np.testing.assert_allclose(found.half_life(layer), np.log(0.5) / rates, rtol=1e-6)


@pytest.mark.parametrize("bias", [-3.0, 0.0, 1.0, 6.0])
def test_a_gate_that_never_moves_halves_what_is_held_after_its_half_life(corpus, bias):
    gate = 1 / (1 + math.exp(-bias))
    found = statistics_of(corpus, forget(gate))
    assert found.half_life("1")[0] == pytest.approx(-math.log(2) / math.log(gate), rel=1e-4)
    assert gate ** found.half_life("1")[0] == pytest.approx(0.5, rel=1e-4)


def test_a_gate_that_is_always_open_never_forgets_and_one_that_was_ever_closed_forgets_all(corpus):
    found = statistics_of(corpus, forget(1.0, [0.5, 0.0, 0.5, 0.25], 0.0, [1.0, 1.0, 0.0, 1.0]))
    np.testing.assert_array_equal(found.half_life("1"), [np.inf, 0, 0, 0])
    np.testing.assert_array_equal(found.retention["1"].resets, [0, 1, 4, 1])
    np.testing.assert_allclose(found.half_life_between_resets("1"), [np.inf, 3 / 4, np.nan, np.inf])


def test_long_stretches_of_one_value_are_counted_in_full(corpus):
    found = GateStatistics.of(blocks(corpus, forget([0.05] * 900, [0.95] * 900, [0.0] * 900), stop=900, block=1000),
                              show=False)
    np.testing.assert_array_equal(found.saturation["1", "forget_gate"].left, [900, 0, 900])
    np.testing.assert_array_equal(found.saturation["1", "forget_gate"].right, [0, 900, 0])
    np.testing.assert_array_equal(found.retention["1"].resets, [0, 0, 900])


@given(cut=st.integers(1, CHARACTERS - 1), second=st.integers(1, CHARACTERS - 1))
def test_parts_merge_to_the_whole_in_any_order(corpus, cut, second):
    arrays = gates(CHARACTERS)
    first, last = sorted((cut, second))
    bounds = sorted({0, first, last, CHARACTERS})
    parts = [GateStatistics.of(blocks(corpus, arrays, start, stop), show=False)
             for start, stop in zip(bounds, bounds[1:], strict=False)]
    whole = GateStatistics.of(blocks(corpus, arrays), show=False)
    merged = parts[-1]
    for part in parts[:-1]:
        merged = merged.merge(part)
    assert merged.characters == whole.characters
    for source, saturation in whole.saturation.items():
        np.testing.assert_array_equal(merged.saturation[source].left, saturation.left)
        np.testing.assert_array_equal(merged.saturation[source].right, saturation.right)
    np.testing.assert_allclose(merged.half_life("1"), whole.half_life("1"), rtol=1e-12)


def test_only_statistics_of_the_same_units_merge(corpus):
    found = statistics_of(corpus, forget(0.5, 0.7))
    for other in (statistics_of(corpus, forget(0.5)), statistics_of(corpus, gates(20, 3)),
                  replace(found, units={"1": (0, 5)})):
        with pytest.raises(UserError, match="same units and gates"):
            found.merge(other)


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_what_is_no_gate_is_refused_with_its_place(corpus, value):
    with pytest.raises(UserError, match=r"lie in 0 to 1; received .* in forget_gate of layer 1"):
        statistics_of(corpus, forget([0.5, value, 0.5]))


def test_without_gates_there_is_nothing_to_count(corpus):
    with pytest.raises(UserError, match=r"at least one of the signals input_gate.*received hidden"):
        GateStatistics.of(blocks(corpus, {("1", "hidden"): np.zeros((CHARACTERS, 2))}), show=False)


def test_a_layer_without_a_forget_gate_has_fractions_and_no_half_life(corpus):
    found = statistics_of(corpus, {("1", "output_gate"): np.full((30, 2), 0.95, np.float32)})
    assert list(found.rows()) == [{"layer": "1", "unit": unit, "characters": 30, "output_gate_left": 0.0,
                                   "output_gate_right": 1.0} for unit in (0, 1)]
    assert "output" in str(found) and "longest memory" not in str(found)


def test_rows_hold_every_unit_under_its_own_index_and_no_infinity(corpus):
    found = replace(statistics_of(corpus, forget(1.0, 0.5, [0.0, 0.5])), units={"1": (4, 9, 17)})
    rows = list(found.rows())
    assert [row["unit"] for row in rows] == [4, 9, 17]
    assert [row["half_life"] for row in rows] == [None, pytest.approx(1), 0.0]
    assert [row["resets"] for row in rows] == [0, 0, 1]
    assert rows[2]["half_life_between_resets"] == pytest.approx(1)


def test_tables_name_the_units_that_remember_integrate_and_forget(corpus):
    found = statistics_of(corpus, forget(0.95, 0.05, 0.5, [0.999] * 5 + [0.8] * 5))
    tables = {table.title.split(":")[0]: table for table in found.tables(top=2)}
    assert [row[0] for row in tables["longest memory"].rows] == ["1:0", "1:3"]
    assert [row[0] for row in tables["forget gate open longest"].rows] == ["1:0", "1:3"]
    assert tables["forget gate closed longest"].rows[0][0] == "1:1"
    assert tables["gates"].rows == [("1", "forget", 4, 0.0, pytest.approx(0.25), 1, 1)]
    assert "columns count the units" in " ".join(str(found).split())
    assert "resets" not in str(found)
    assert "resets" in str(statistics_of(corpus, forget([0.0, 1.0])))


def test_a_unit_is_in_no_table_of_what_it_never_does(corpus):
    found = statistics_of(corpus, forget(0.95, [0.5] * 9 + [0.05], 0.5, 0.0))
    tables = {table.title: [row[0] for row in table.rows] for table in found.tables()}
    assert tables["forget gate closed longest"] == ["1:3", "1:1"]
    assert tables["forget gate open longest"] == ["1:0"]
    assert tables["longest memory"] == ["1:0", "1:2", "1:1"]
    assert "forget gate closed longest" not in str(statistics_of(corpus, forget(0.5, 0.95)))


def test_units_with_resets_are_ranked_by_what_they_keep_between_them(corpus):
    found = statistics_of(corpus, forget([0.0] + [0.5] * 9, [0.0] + [0.9] * 9, [0.3] * 10))
    tables = {table.title: [row[0] for row in table.rows] for table in found.tables()}
    assert tables["longest memory"] == ["1:2", "1:1", "1:0"]


def test_it_is_shown_as_page_notebook_terminal_and_figure(corpus, tmp_path):
    found = statistics_of(corpus, gates(50))
    page = found.to_html(tmp_path / "gates.html").read_text("utf-8")
    assert page.count("<circle") == found._repr_html_().count("<circle") == 2 * 3 * 7
    assert "longest memory" in page and "longest memory" in str(found)
    assert len(found.figure().axes) == 6
