"""Conductance of layers, units and states, against a published case, linear ends and a float64 LSTM."""

from functools import cache

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import attribute
from probe.explain.attribution import Attribution
from probe.explain.question.network import Network
from probe.model.engine import keras
from tests.explain.networks import CASES, FULL, KNOWN, LENGTH, inputs, logits, network, table_of
from tests.explain.toys import chain, conductance_case, dense
from tests.lstm_oracle import lstm

TARGET = 1
STACKS = {"lstm": ("lower", "upper"), "one_lstm": ("only",)}
pytestmark = pytest.mark.usefixtures("eager")


@cache
def found(name: str, method: str, **settings: object) -> Attribution:
    return attribute(network(name), inputs(name)[0], method=method, target=TARGET, **settings)


@pytest.mark.parametrize("layer", ["second", 1])
def test_the_published_case(layer: str | int) -> None:
    x = np.array([[0.0, 100.0, 0.0]])
    attribution = attribute(conductance_case(), x, method="layer_conductance", layer=layer, target=0, steps=100,
                            quadrature="riemann_right")
    np.testing.assert_allclose(attribution.heatmap, [[[90, 100, 100, 100]]], rtol=1e-6)
    np.testing.assert_allclose(attribution.tokens, [[0, 390, 0]], rtol=1e-6)
    np.testing.assert_allclose(attribution.check.error, 0, atol=1e-4)


def test_where_the_gradient_is_taken() -> None:
    """y = x², f = y² from 0 to 1: Σ g Δy over n intervals, by hand."""
    numbers = keras.Input((1,))
    y = keras.layers.Multiply(name="square")([numbers, numbers])
    model = keras.Model(numbers, dense([[1]])(keras.layers.Multiply()([y, y])))
    points = (np.arange(5) / 4) ** 2
    for quadrature, slopes in (("riemann_right", 2 * points[1:]), ("riemann_left", 2 * points[:-1]),
                               ("trapezoid", points[1:] + points[:-1])):
        attribution = attribute(model, np.ones((1, 1)), method="layer_conductance", layer="square", target=0, steps=4,
                                quadrature=quadrature)
        np.testing.assert_allclose(attribution.heatmap, [[[(slopes * np.diff(points)).sum()]]], rtol=1e-6)


def returned(name: str, layer: str, table: np.ndarray) -> np.ndarray:
    """What a layer of the float64 network puts out, with these vectors of the tokens."""
    model = network(name, "float64")
    model.get_layer("embedding").embeddings.assign(table)
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    output = np.asarray(part(inputs(name)[0]))
    kept = network(name).get_layer("embedding").embeddings.numpy()
    model.get_layer("embedding").embeddings.assign(kept)
    return output


@cache
def linear_end() -> np.ndarray:
    """(2, T, 6): what a bidirectional layer adds to the score, which is a mean over real tokens and a Dense."""
    table, ids = table_of("bidirectional"), CASES["bidirectional"].ids
    moved = returned("bidirectional", "both", table) - returned("bidirectional", "both", np.zeros_like(table))
    kernel = network("bidirectional").get_layer("labels").kernel.numpy()[:, TARGET]
    real = (ids != 0)[..., None]
    return np.where(real, moved / real.sum(axis=1, keepdims=True) * kernel, 0)


def test_units_of_a_layer_before_a_linear_end() -> None:
    attribution = found("bidirectional", "layer_conductance", layer="both")
    np.testing.assert_allclose(attribution.heatmap, linear_end(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(attribution.tokens, linear_end().sum(axis=2), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(attribution.check.error, 0, atol=1e-5)
    assert any("own place" in note for note in attribution.notes)


def test_what_drives_a_unit() -> None:
    through = found("bidirectional", "neuron_conductance", layer="both", unit=1, position=4)
    np.testing.assert_allclose(through.tokens.sum(axis=1), linear_end()[:, 4, 1], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(through.check.error, 0, atol=1e-4)
    assert not through.tokens[:, 5:].any() and through.tokens[:, 2:5].all()  # a forward unit, and what it has read
    own = found("bidirectional", "neuron_integrated_gradients", layer="both", unit=1, position=4)
    table = table_of("bidirectional")
    now, before = (returned("bidirectional", "both", rows)[:, 4, 1] for rows in (table, np.zeros_like(table)))
    np.testing.assert_allclose(own.scores, now, atol=1e-5)
    np.testing.assert_allclose(own.tokens.sum(axis=1), now - before, atol=1e-5)
    real = (CASES["bidirectional"].ids != 0).sum(axis=1, keepdims=True)
    weight = network("bidirectional").get_layer("labels").kernel.numpy()[1, TARGET] / real
    np.testing.assert_allclose(through.tokens, own.tokens * weight, rtol=1e-3, atol=1e-6)


def test_convolutions_and_layers_without_time() -> None:
    positions = found("convolutions", "layer_conductance", layer=1, steps=400)
    difference = logits("convolutions", FULL) - logits("convolutions", FULL, np.zeros_like(table_of("convolutions")))
    np.testing.assert_allclose(positions.heatmap.sum(axis=(1, 2)), difference[:, TARGET], atol=1e-4)
    np.testing.assert_allclose(positions.tokens.sum(axis=1), difference[:, TARGET], atol=1e-4)
    assert positions.heatmap.shape == (2, LENGTH - 1, 4)
    units = found("dense", "layer_conductance", layer=3, steps=200)
    assert units.heatmap.shape == (2, 1, 6)
    whole = found("dense", "integrated_gradients", steps=200, quadrature="trapezoid")
    np.testing.assert_allclose(units.tokens, whole.tokens, rtol=1e-4, atol=1e-5)  # nothing goes past it


def test_a_layer_that_is_one_of_two_ways() -> None:
    numbers = keras.Input((2,))
    way = dense([[1], [2]], name="way")(numbers)
    model = keras.Model(numbers, keras.layers.Add()([way, dense([[5], [7]])(numbers)]))
    x = np.array([[1.0, 1.0]])
    attribution = attribute(model, x, method="layer_conductance", layer="way", target=0)
    np.testing.assert_allclose(attribution.heatmap, [[[3]]])
    np.testing.assert_allclose(attribution.tokens, [[1, 2]], rtol=1e-6)  # not (6, 9): that goes past
    assert attribution.check is None and "not everything goes through" in attribution.notes[0]
    one = attribute(model, x, method="neuron_conductance", layer="way", target=0)
    np.testing.assert_allclose(one.tokens, [[1, 2]], rtol=1e-6)


def score_from(name: str, layer: str, text: np.ndarray, time: int, states: np.ndarray | None,
               ) -> tuple[np.ndarray, np.ndarray]:
    """The logits (R,) of stacked layers over texts (T, R, D) without padding, and the states of one after ``time``.

    Args:
        states: h and c (2, R, U) that this layer goes on from after ``time``; None for its own.
    """
    values, kept, model = text, np.empty(0), network(name, "float64")
    for each in STACKS[name]:
        kernel, recurrent, bias = model.get_layer(each).get_weights()
        zero = np.zeros((text.shape[1], len(recurrent)))
        before, h, c = lstm(values[:time + 1], kernel, recurrent, bias, zero, zero)
        if each == layer:
            kept = np.array([h, c])
            if states is not None:
                h, c = states
                before[-1] = h
        after = lstm(values[time + 1:], kernel, recurrent, bias, h, c)[0] if time + 1 < len(values) else before[:0]
        values = np.concatenate([before, after])
    kernel, bias = model.get_layer("labels").get_weights()
    return (values[-1] @ kernel + bias)[:, TARGET], kept


def state_by_hand(name: str, layer: str, text: np.ndarray, time: int, steps: int) -> np.ndarray:
    """State conductance (U,) by central differences and a trapezoid, on the way from zeros to a text (T, D)."""
    reach = 1e-5
    on_way = text[:, None] * np.linspace(0, 1, steps + 1)[:, None]  # (T, steps + 1, D)
    own = score_from(name, layer, on_way, time, None)[1]
    slopes = np.zeros_like(own)
    for place in np.ndindex(2, own.shape[2]):
        moved = np.zeros_like(own)
        moved[place[0], :, place[1]] = reach
        up, down = (score_from(name, layer, on_way, time, own + side * moved)[0] for side in (1, -1))
        slopes[place[0], :, place[1]] = (up - down) / (2 * reach)
    return ((slopes[:, 1:] + slopes[:, :-1]) / 2 * np.diff(own, axis=1)).sum(axis=(0, 1))


@pytest.mark.parametrize(("layer", "position"), [("lower", 2), ("lower", 5), ("upper", 4), ("upper", -1)])
def test_states_of_stacked_layers(layer: str, position: int) -> None:
    attribution = found("lstm", "state_conductance", layer=layer, position=position, steps=10)
    are_those_by_hand(attribution, "lstm", layer, position)


@pytest.mark.usefixtures("compiled")
def test_states_of_a_layer_where_functions_are_compiled() -> None:
    attribution = found("one_lstm", "state_conductance", layer="only", position=4, steps=10)
    are_those_by_hand(attribution, "one_lstm", "only", 4)
    traced = [key[0] for key, each in Network.of(network("one_lstm")).compiled.items()
              if each.experimental_get_tracing_count()]
    assert {"crossing", "through"} <= set(traced)


def are_those_by_hand(attribution: Attribution, name: str, layer: str, position: int) -> None:
    ids, table = KNOWN[name].ids, table_of(name)
    for row, pads in ((0, 2), (1, 0)):
        by_hand = state_by_hand(name, layer, table[ids[row, pads:]], position % LENGTH - pads, 10)
        np.testing.assert_allclose(attribution.heatmap[row, 0], by_hand, rtol=1e-3, atol=1e-5)
    assert not attribution.tokens[:, position % LENGTH + 1:].any()
    np.testing.assert_allclose(attribution.check.error, 0, atol=2e-3)


def test_the_last_state_of_the_last_layer_is_the_whole_score() -> None:
    last, whole = found("lstm", "state_conductance", layer="upper"), found("lstm", "integrated_gradients")
    np.testing.assert_allclose(last.heatmap.sum(axis=(1, 2)), whole.check.expected, atol=1e-3)
    np.testing.assert_allclose(last.tokens, whole.tokens, atol=1e-3)


def test_one_unit_of_the_state() -> None:
    both = found("lstm", "state_conductance", layer="lower", position=5)
    one = found("lstm", "state_conductance", layer="lower", position=5, unit=2)
    np.testing.assert_allclose(one.heatmap[:, 0, 2], both.heatmap[:, 0, 2])
    assert not np.delete(one.heatmap, 2, axis=2).any()
    np.testing.assert_allclose(one.tokens.sum(axis=1), both.heatmap[:, 0, 2], atol=1e-3)


def test_states_of_both_directions() -> None:
    """A state goes on to the outputs that its direction has yet to make; the first state of each makes them all."""
    whole = linear_end()
    for direction, units, first in (("forward", slice(0, 3), 2), ("backward", slice(3, 6), LENGTH - 1)):
        last = found("bidirectional", "state_conductance", layer="both", direction=direction,
                     position=LENGTH - 1 if direction == "forward" else 2, steps=200)
        end = LENGTH - 1 if direction == "forward" else 2
        np.testing.assert_allclose(last.heatmap[0, 0], whole[0, end, units], rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(last.scores, logits("bidirectional", inputs("bidirectional")[0])[:, TARGET],
                                   rtol=1e-5)  # with its own state, the network that was cut is the network
        begun = found("bidirectional", "state_conductance", layer="both", direction=direction, position=first)
        assert begun.tokens[0, first] != 0 and not np.delete(begun.tokens[0], first).any()


def test_state_of_a_gru_behind_masking() -> None:
    last, whole = found("gru", "state_conductance", layer="gru", steps=10), found("gru", "integrated_gradients")
    np.testing.assert_allclose(last.heatmap.sum(axis=(1, 2)), whole.check.expected, atol=1e-3)


@pytest.mark.parametrize(("method", "settings", "message"), [
    ("state_conductance", {"layer": "embedding"}, r"layer embedding \(Embedding\) has no state of an LSTM"),
    ("state_conductance", {"layer": "lower", "direction": "backward"}, "no backward direction"),
    ("state_conductance", {"layer": "lower", "unit": 4}, "unit must be from 0 to 3; received 4"),
    ("state_conductance", {"layer": "lower", "position": 8}, "position must be from -8 to 7; received 8"),
    ("neuron_conductance", {"layer": "lower", "unit": 4}, "unit must be from 0 to 3; received 4"),
    ("neuron_conductance", {"layer": "upper", "position": 1}, "position belongs to layers with a time axis"),
])
def test_refusals(method: str, settings: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        found("lstm", method, **settings)


def test_a_layer_that_is_not_named() -> None:
    assert found("lstm", "layer_conductance", steps=2).notes[0] == "lower was chosen, as no layer was named"
    with pytest.raises(UserError, match="layer_conductance: needs a convolutional, recurrent"):
        attribute(conductance_case(), np.ones((1, 3)), method="layer_conductance", target=0)


def test_long_ways_are_walked_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.array([[0.0, 100.0, 0.0], [30.0, 0.0, -5.0]])
    whole = attribute(conductance_case(), x, method="layer_conductance", layer="second", target=0)
    monkeypatch.setattr("probe.explain.methods.path.AT_ONCE", 4 * x.size)
    found = attribute(conductance_case(), x, method="layer_conductance", layer="second", target=0)
    np.testing.assert_allclose(found.heatmap, whole.heatmap)
    np.testing.assert_allclose(found.scores, whole.scores)


def test_a_layer_that_the_target_does_not_see() -> None:
    model = chain(2, [dense(np.ones((2, 2)), name="first"), dense(np.ones((2, 2)), activation="softmax", name="last")])
    with pytest.raises(UserError, match="layer last does not reach the number that is explained"):
        attribute(model, np.ones((1, 2)), method="layer_conductance", layer="last", target=0)
