"""Units by themselves, held against plain arrays in float64: range, histograms, contexts, neighbours, gates."""

from dataclasses import replace

import numpy as np
import pytest

from probe.activations import Block
from probe.corpus import Segment
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.scan import ScanOptions, scan
from probe.scan.portrait import BANDS, WIDTH
from probe.scan.portraits import drawing
from probe.scan.portraits.histograms import histograms
from probe.scan.portraits.similarity import Similarity
from tests.scan.conftest import PLANTED
from tests.scan.recorded import Recorded

NAMES = "inside_quotes,word_start,column,whitespace"
OPTIONS = ScanOptions(patterns=NAMES, top=3, rolls=0, passage=200, passages=1)


@pytest.fixture(scope="module")
def held_out(corpus):
    return corpus.splits.test


@pytest.fixture(scope="module")
def arrays(recorded, held_out):
    """The activations on the confirmation text in float64, (layer, signal) → (N, U)."""
    held = recorded(0, 1).arrays
    return {source: array[held_out.start:held_out.stop].astype(np.float32).astype(np.float64)
            for source, array in held.items()}


@pytest.fixture(scope="module")
def halves(recorded, held_out):
    return recorded(0, held_out.start), recorded(held_out.start, held_out.stop)


@pytest.fixture(scope="module")
def findings(halves):
    return scan(*halves, OPTIONS, show=False)


def own(arrays, portrait):
    return arrays[portrait.layer, portrait.signal][:, portrait.unit]


def test_each_unit_that_was_found_has_one_portrait(findings, held_out):
    found = list(dict.fromkeys((each.layer, each.signal, each.unit) for each in findings.findings))
    assert {(each.layer, each.signal, each.unit) for each in findings.portraits} == set(found)
    assert len(findings.portraits) == len(found) < len(findings.findings)
    assert {each.characters for each in findings.portraits} == {len(held_out)}


def test_histograms_count_all_characters_and_those_inside_each_pattern(findings, arrays, corpus, held_out):
    labels = Labeller(parse_patterns(NAMES, "prose"), corpus).labels(held_out.start, held_out.stop)
    for portrait in findings.portraits:
        values = own(arrays, portrait)
        assert (portrait.low, portrait.high) == (values.min(), values.max())
        np.testing.assert_array_equal(portrait.counts, np.histogram(values, 40, (portrait.low, portrait.high))[0])
        for p, note in enumerate(findings.patterns):
            inside = values[labels[:, p] > 0.5] if note.kind == "boolean" else []
            expected = np.histogram(inside, 40, (portrait.low, portrait.high))[0]
            np.testing.assert_array_equal(portrait.inside[p], expected, err_msg=note.name)


def test_a_bin_holds_its_lower_edge_and_the_last_both():
    values = np.array([*range(41), 0.5, 39.5, 40, 7], np.float32)
    inside = np.stack([values == 7, values == 40]).astype(np.float32)
    counts, split = histograms(values, inside)
    np.testing.assert_array_equal(counts, np.histogram(values, 40)[0])
    assert (counts[7], counts[39], np.flatnonzero(split[0]), np.flatnonzero(split[1])) == (2, 4, [7], [39])


def test_contexts_are_the_places_nearest_to_the_quantiles_and_apart(findings, arrays, corpus, held_out):
    text = corpus.document(held_out.start, held_out.stop).text
    for portrait in findings.portraits:
        values = own(arrays, portrait)
        assert [context.band for context in portrait.contexts] == sorted([*range(len(BANDS))] * 4)
        for band, share in enumerate((0, 0.25, 0.5, 0.75, 1)):
            some = [context for context in portrait.contexts if context.band == band]
            places = [context.start + context.at - held_out.start for context in some]
            distances = np.abs(values - np.quantile(values, share))
            assert distances[places[0]] == distances.min()
            assert (np.diff(distances[places]) >= 0).all()
            assert min(abs(a - b) for a in places for b in places if a != b) >= WIDTH
            far = np.all([np.abs(np.arange(len(values)) - place) >= WIDTH for place in places[:-1]], axis=0)
            assert distances[places[-1]] == distances[far].min()
            for context in some:
                first = context.start - held_out.start
                assert context.text == text[first:first + len(context.text)]
                decoded = portrait.low + context.levels / 255 * (portrait.high - portrait.low)
                np.testing.assert_allclose(decoded, values[first:first + len(context.text)],
                                           atol=(portrait.high - portrait.low) / 509)
                assert len(context.text) == WIDTH or first == 0 or first + len(context.text) == len(text)


def test_neighbours_are_those_of_numpys_correlations(findings, arrays):
    names = [(*source, unit) for source in arrays for unit in range(40)]
    correlations = np.corrcoef(np.concatenate(list(arrays.values()), axis=1).T)
    for portrait in findings.portraits:
        row = names.index((portrait.layer, portrait.signal, portrait.unit))
        order = [place for place in np.argsort(correlations[row]) if place != row]
        for relations, places in ((portrait.similar, order[:-6:-1]), (portrait.opposite, order[:5])):
            assert [(each.layer, each.signal, each.unit) for each in relations] == [names[place] for place in places]
            np.testing.assert_allclose([each.correlation for each in relations], correlations[row, places], rtol=1e-9)


def test_without_a_network_nothing_is_said_of_the_next_character(findings):
    assert findings.alphabet == () and findings.saturation == {}
    assert all(each.expected is None and each.chances is None for each in findings.passages)
    assert all((each.written, each.measured, each.half_life) == ((), (), None) for each in findings.portraits)


def test_as_many_characters_are_read_as_was_asked_for(halves, arrays):
    some = scan(*halves, replace(OPTIONS, portraits=1000), show=False)
    assert {each.characters for each in some.portraits} == {1000}
    quoting = next(each for each in some.portraits if (each.layer, each.unit) == ("1", PLANTED["inside_quotes"]))
    values = own(arrays, quoting)[:1000]
    assert (quoting.low, quoting.high) == (values.min(), values.max())
    none = scan(*halves, replace(OPTIONS, portraits=0), show=False)
    assert (none.portraits, none.saturation) == ((), {})


def similarity_of(blocks, chosen):
    similarity = Similarity(blocks.units, chosen)
    for block in blocks:
        similarity.update(block)
    return similarity


def test_neighbours_do_not_depend_on_how_the_text_is_cut(halves):
    chosen = [(("1", "hidden"), 17), (("2", "hidden"), 5)]
    whole, cut = similarity_of(halves[1], chosen), similarity_of(replace(halves[1], block=37), chosen)
    np.testing.assert_allclose(cut.correlations(), whole.correlations(), rtol=0, atol=1e-12)
    assert [[each.unit for each in side] for pair in cut.relations() for side in pair] == \
        [[each.unit for each in side] for pair in whole.relations() for side in pair]


def test_neighbours_are_told_of_units_far_from_zero_and_not_of_constants():
    generator = np.random.default_rng(0)
    wave = generator.normal(size=5000)
    hidden = np.stack([wave, 1000 + 0.01 * (wave + generator.normal(size=5000)), np.full(5000, 0.3), -wave],
                      axis=1).astype(np.float32)
    values = {("1", "hidden"): hidden, ("1", "cell"): 2 * hidden[:, ::-1]}
    similarity = Similarity({source: range(4) for source in values}, [(("1", "hidden"), 0), (("1", "hidden"), 2)])
    for first in range(0, 5000, 999):
        rows = slice(first, first + 999)
        block = Block(np.array([first]), {source: array[np.newaxis, rows] for source, array in values.items()},
                      np.zeros((1, len(hidden[rows]))))
        similarity.update(block)
    expected = np.corrcoef(np.concatenate(list(values.values()), axis=1)[:, [0, 1]].astype(np.float64).T)[0, 1]
    (similar, opposite), constant = similarity.relations()
    assert constant == ((), ())
    # The cell's unit 3 is twice h of unit 0, and the cell's unit 0 another signal of the unit itself.
    assert [(each.signal, each.unit) for each in similar] == [("cell", 3), ("hidden", 1), ("cell", 2)]
    assert [(each.signal, each.unit) for each in opposite] == [("hidden", 3)]
    assert similar[0].correlation == pytest.approx(1) and opposite[0].correlation == pytest.approx(-1)
    assert similar[1].correlation == pytest.approx(expected, rel=1e-6)


def test_gates_that_were_recorded_are_told_and_what_is_no_gate_is_not(corpus, held_out):
    generator = np.random.default_rng(2)
    hidden = np.tanh(generator.normal(size=(len(corpus), 6)))
    forget = generator.beta(0.4, 0.4, size=(len(corpus), 6)).astype(np.float32)

    def found(gate):
        arrays = {("1", "hidden"): hidden, ("1", "forget_gate"): gate}
        halves = (Recorded(corpus, segment, arrays) for segment in (Segment(0, held_out.start), held_out))
        return scan(*halves, OPTIONS, show=False)

    findings = found(forget)
    [(layer, shares)] = findings.saturation.items()
    values = forget[held_out.start:held_out.stop].astype(np.float64)
    assert (layer, shares.units) == ("1", tuple(range(6)))
    np.testing.assert_allclose(shares.left[1], (values < 0.1).mean(axis=0))
    np.testing.assert_allclose(shares.right[1], (values > 0.9).mean(axis=0))
    assert np.isnan(shares.left[[0, 2]]).all() and np.isnan(shares.right[[0, 2]]).all()
    half_lives = -np.log(2) / np.log(values).mean(axis=0)
    np.testing.assert_allclose(shares.half_life, half_lives, rtol=1e-5)
    assert {each.half_life for each in findings.portraits} == {float(shares.half_life[each.unit])
                                                              for each in findings.portraits}
    strange = found(forget * 3)
    assert strange.saturation == {} and strange.portraits


@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_most_probable_are_found_as_sorting_finds_them_the_lowest_of_equals_first(size):
    shares = np.random.default_rng(0).integers(0, 4, (200, 7)).astype(np.float32)  # hardly a row without equals
    found = drawing._most_probable(shares, size)
    np.testing.assert_array_equal(found, np.argsort(-shares, axis=1, kind="stable")[:, :size])
