"""Untrained twins and ablated networks: the run's reading with other weights."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions, reading
from probe.corpus import Segment
from probe.model import ModelOptions
from probe.model.char_lstm import CharLSTM
from probe.model.variation import held_at, initial_weights
from probe.model.weights import weight_names
from tests.activations.collecting import collected
from tests.activations.training import trained
from tests.lstm_oracle import hard_sigmoid, losses, read_text, sigmoid

ONE = ExtractOptions(streams=1)


def test_weights_are_drawn_as_a_training_of_their_seed_draws_them(run):
    vocabulary = len(run.corpus.vocabulary)
    drawn = CharLSTM(run.model_options, vocabulary, seed=5)
    weights = initial_weights(run.model_options, vocabulary, 5)
    for name, weight in zip(weight_names(drawn), drawn.weights, strict=True):
        np.testing.assert_array_equal(weights[name], np.asarray(weight))


def test_a_seed_draws_one_twin_and_no_training_began_as_it(run):
    extraction = Extraction.of(run, Segment(0, 200))
    one, again, other = (extraction.untrained(seed).checkpoint.weights for seed in (5, 5, 6))
    began = initial_weights(run.model_options, len(run.corpus.vocabulary), 5)
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, again[name])
        assert weight.shape == began[name].shape
    for different in (other, began):
        assert not np.array_equal(one["lstm_1/kernel"], different["lstm_1/kernel"])
    recurrent = one["lstm_2/recurrent_kernel"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(10), atol=1e-5)  # as Keras draws it


def test_a_twin_reads_the_same_text_by_its_own_weights_and_says_so(run):
    extraction = Extraction.of(run, Segment(100, 800), options=ONE)
    twin = pickle.loads(pickle.dumps(extraction.untrained(3)))
    hidden, _ = read_text(run.corpus.ids[100:800], twin.checkpoint.weights, 2)
    values, loss, _ = collected(twin)
    np.testing.assert_allclose(values["2", "hidden"][100:800], hidden[1], atol=2e-6)
    assert np.isnan(loss).all()
    assert twin.provenance["variation"] == "untrained twin, seed 3"
    assert twin.provenance["weights"] != extraction.provenance["weights"]
    assert "variation" not in extraction.provenance


def test_readings_of_different_weights_may_take_turns(run):
    first, second = (Extraction.of(run, Segment(0, 600), options=replace(ONE, block=50)).untrained(seed)
                     for seed in (1, 2))
    alone = [collected(each)[0]["2", "hidden"] for each in (first, second)]
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        rows = slice(place * 50, place * 50 + 50)
        np.testing.assert_array_equal(one.activations["2", "hidden"][0], alone[0][rows])
        np.testing.assert_array_equal(other.activations["2", "hidden"][0], alone[1][rows])


def test_nothing_is_traced_for_a_second_network(run):
    extraction = Extraction.of(run, Segment(0, 300)).intact(300)
    list(extraction)
    traced = reading._predicted.experimental_get_tracing_count()
    for unit in range(3):
        list(extraction.ablated("1", unit, 0.5))
    assert reading._predicted.experimental_get_tracing_count() == traced


def held_lstm(x, kernel, recurrent, bias, unit, value, gate):
    """x (T, D) → h (T, U) in float64 where what reads h of ``unit``, if not None, is given ``value``."""
    kernel, recurrent, bias = (np.asarray(each, np.float64) for each in (kernel, recurrent, bias))
    h = c = np.zeros(len(recurrent))
    read = []
    for row in x:
        given = h.copy()
        if unit is not None:
            given[unit] = value
        i, f, g, o = np.split(row @ kernel + given @ recurrent + bias, 4)
        c = gate(f) * c + gate(i) * np.tanh(g)
        h = gate(o) * np.tanh(c)
        read.append(h.copy())
        if unit is not None:
            read[-1][unit] = value
    return np.stack(read)


def held_losses(ids, x, weights, layers, at, gate=sigmoid):
    """−log probability (N − 1,) with h of unit ``at[1]`` of layer ``at[0]`` held at ``at[2]``."""
    for layer in range(1, layers + 1):
        of = [weights[f"lstm_{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
        unit, value = at[1:] if at[0] == layer else (None, None)
        x = held_lstm(x, *of, unit, value, gate)
    return losses(ids, x @ weights["dense/kernel"].astype(np.float64) + weights["dense/bias"])


@pytest.mark.parametrize(("layer", "unit", "value"), [(1, 0, 0.4), (1, 7, -0.9), (2, 9, 0.7), (2, 3, 0.0)])
def test_an_ablated_network_is_one_whose_unit_is_held(run, layer, unit, value):
    ids = run.corpus.ids[100:801]
    # Weights large enough for one unit to matter much.
    intact = Extraction.of(run, Segment(100, 800), options=ONE)
    weights = {name: array * np.float32(3) for name, array in intact.checkpoint.weights.items()}
    intact = replace(intact, checkpoint=replace(intact.checkpoint, weights=weights))
    x = np.eye(len(run.corpus.vocabulary))[ids]
    expected = held_losses(ids, x, weights, 2, (layer, unit, value))
    ablated = intact.intact(700).ablated(str(layer), unit, value)
    loss = collected(ablated)[1][100:800]
    np.testing.assert_allclose(loss, expected, rtol=1e-4, atol=2e-5)
    assert abs(expected - held_losses(ids, x, weights, 2, (0, 0, 0))).max() > 0.01
    assert ablated.provenance["variation"] == f"h of unit {layer}:{unit} held at {value:.6g}"


@pytest.mark.parametrize("entrance", ["embedding", "scalar"])
def test_every_architecture_can_be_ablated_by_every_kernel(tmp_path, entrance):
    text = tmp_path / "text.txt"
    text.write_text("the cat said yes, and ran. " * 40, encoding="utf-8")
    model = ModelOptions(units=6, layers=1, input=entrance, embedding=5, recurrent_activation="hard_sigmoid")
    run = trained(text, tmp_path / "run", model)
    ids = run.corpus.ids[:300]
    extractions = [Extraction.of(run, Segment(0, 299), options=replace(ONE, kernel=kernel)).untrained(0)
                   for kernel in ("fused", "keras")]
    weights = extractions[0].checkpoint.weights
    table = weights["embedding/embeddings"] if entrance == "embedding" else \
        np.arange(len(run.corpus.vocabulary))[:, None] / len(run.corpus.vocabulary)
    expected = held_losses(ids, table[ids], weights, 1, (1, 2, 0.8), hard_sigmoid)
    intact = held_losses(ids, table[ids], weights, 1, (0, 0, 0), hard_sigmoid)
    for extraction, count in zip(extractions, (299, 60), strict=True):  # Keras takes milliseconds for each character
        loss = collected(extraction.intact(count).ablated("1", 2, 0.8))[1][:count]
        np.testing.assert_allclose(loss, expected[:count], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(collected(extraction.intact(50))[1][:50], intact[:50], rtol=1e-4)


def test_ablation_leaves_the_weights_that_it_is_given(run):
    weights = run.checkpoint("best").weights
    before = {name: array.copy() for name, array in weights.items()}
    edited = held_at(weights, 2, 4, 0.5)
    changed = {name for name in weights if not np.array_equal(edited[name], before[name])}
    assert changed == {"lstm_2/recurrent_kernel", "lstm_2/bias", "dense/kernel", "dense/bias"}
    for name, array in before.items():
        np.testing.assert_array_equal(weights[name], array)
    with pytest.raises(KeyError):
        held_at(weights, 3, 0, 0.5)


def test_a_reading_for_ablation_warms_up_for_a_fifth_of_its_time_at_most(run):
    extraction = Extraction.of(run, Segment(100, 2500), options=ExtractOptions(overlap=50, signals="cell", units="3",
                                                                               losses=False))
    intact = extraction.intact(2000)
    assert intact.streams == 10 and intact.segment == Segment(100, 2100)
    assert {source: len(units) for source, units in intact.units.items()} == {("1", "hidden"): 10, ("2", "hidden"): 10}
    assert extraction.intact(10**9).segment == extraction.segment
    assert extraction.intact(60).streams == 1
