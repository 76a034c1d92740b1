"""Relevance through recurrent layers, against loops over single units written from the equations."""

from math import exp, tanh
from typing import Any

import numpy as np
import pytest

from probe.explain import attribute
from probe.model.engine import keras
from tests.explain.rule_networks import drawn

pytestmark = pytest.mark.usefixtures("eager")
L = keras.layers
EPSILON = 0.01
Row = list[float]


def reads(*layers: Any, width: int = 2) -> Any:
    """Return vectors (B, T, 2) → layers → two logits."""
    inputs = value = keras.Input((None, width))
    for layer in layers:
        value = layer(value)
    return drawn(keras.Model(inputs, L.Dense(2)(value)))


def sigma(z: float) -> float:
    return 1 / (1 + exp(-z))


def shares(summands: Row, relevance: float) -> Row:
    """R_i = z_i / (Σ z + ε sign(Σ z)) R, the last summand being the bias."""
    total = sum(summands)
    return [z / (total + (EPSILON if total >= 0 else -EPSILON)) * relevance for z in summands]


def relevance_of_lstm(layer: Any, dense: Any, text: np.ndarray, target: int) -> tuple[np.ndarray, float]:
    """Return (T, D) relevance by Arras et al. 2017, unit by unit, and the logit."""
    kernel, recurrent, bias = (np.asarray(each, float) for each in layer.get_weights())
    weights, offset = (np.asarray(each, float) for each in dense.get_weights())
    units, (steps, width) = layer.units, text.shape
    h = [[0.0] * units]
    c = [[0.0] * units]
    i, f, g, o = ([[0.0] * units for _ in range(steps)] for _ in range(4))
    for t in range(steps):
        h.append([0.0] * units)
        c.append([0.0] * units)
        for j in range(units):
            z = [bias[k * units + j] + sum(text[t, d] * kernel[d, k * units + j] for d in range(width))
                 + sum(h[t][m] * recurrent[m, k * units + j] for m in range(units)) for k in range(4)]
            i[t][j], f[t][j], g[t][j], o[t][j] = sigma(z[0]), sigma(z[1]), tanh(z[2]), sigma(z[3])
            c[t + 1][j] = f[t][j] * c[t][j] + i[t][j] * g[t][j]
            h[t + 1][j] = o[t][j] * tanh(c[t + 1][j])
    logit = offset[target] + sum(h[steps][j] * weights[j, target] for j in range(units))
    of_h = shares([h[steps][j] * weights[j, target] for j in range(units)] + [offset[target]], logit)[:units]
    of_c = [0.0] * units
    found = np.zeros((steps, width))
    for t in reversed(range(steps)):
        of_h_before, of_c_before = [0.0] * units, [0.0] * units
        for j in range(units):
            of_c[j] += of_h[j]  # the output gate takes nothing
            of_c_before[j], of_g, _ = shares([f[t][j] * c[t][j], i[t][j] * g[t][j], 0.0], of_c[j])
            column = 2 * units + j
            parts = shares([text[t, d] * kernel[d, column] for d in range(width)]
                           + [h[t][m] * recurrent[m, column] for m in range(units)] + [bias[column]], of_g)
            for d in range(width):
                found[t, d] += parts[d]
            for m in range(units):
                of_h_before[m] += parts[width + m]
        of_h, of_c = of_h_before, of_c_before
    return found, logit


def relevance_of_gru(layer: Any, dense: Any, text: np.ndarray, target: int) -> np.ndarray:
    """Return (T, D) relevance through h = z h⁻ + (1 − z) g, unit by unit; z and r take nothing."""
    kernel, recurrent, bias = (np.asarray(each, float) for each in layer.get_weights())
    weights, offset = (np.asarray(each, float) for each in dense.get_weights())
    units, (steps, width) = layer.units, text.shape
    after = layer.reset_after
    first, second = bias if after else (bias, np.zeros_like(bias))
    h = [[0.0] * units]
    z, r, g = ([[0.0] * units for _ in range(steps)] for _ in range(3))

    def entering(t: int, k: int, j: int) -> float:
        return first[k * units + j] + sum(text[t, d] * kernel[d, k * units + j] for d in range(width))

    def returning(state: Row, k: int, j: int) -> float:
        return second[k * units + j] + sum(state[m] * recurrent[m, k * units + j] for m in range(units))

    for t in range(steps):
        for j in range(units):
            z[t][j] = sigma(entering(t, 0, j) + returning(h[t], 0, j))
            r[t][j] = sigma(entering(t, 1, j) + returning(h[t], 1, j))
        for j in range(units):
            state = [r[t][m] * h[t][m] for m in range(units)]
            again = r[t][j] * returning(h[t], 2, j) if after else returning(state, 2, j)
            g[t][j] = tanh(entering(t, 2, j) + again)
        h.append([z[t][j] * h[t][j] + (1 - z[t][j]) * g[t][j] for j in range(units)])
    logit = offset[target] + sum(h[steps][j] * weights[j, target] for j in range(units))
    of_h = shares([h[steps][j] * weights[j, target] for j in range(units)] + [offset[target]], logit)[:units]
    found = np.zeros((steps, width))
    for t in reversed(range(steps)):
        before = [0.0] * units
        for j in range(units):
            kept, of_g, _ = shares([z[t][j] * h[t][j], (1 - z[t][j]) * g[t][j], 0.0], of_h[j])
            before[j] += kept
            gates = [r[t][j] if after else r[t][m] for m in range(units)]
            column = 2 * units + j
            parts = shares([text[t, d] * kernel[d, column] for d in range(width)]
                           + [gates[m] * h[t][m] * recurrent[m, column] for m in range(units)]
                           + [first[column] + (r[t][j] * second[column] if after else 0.0)], of_g)
            found[t] += parts[:width]
            for m in range(units):
                before[m] += parts[width + m]
        of_h = before
    return found


TEXT = np.random.default_rng(3).integers(-99, 99, (5, 2)) / 64


def test_an_lstm_unit_by_unit() -> None:
    model = reads(L.LSTM(3))
    wanted, logit = relevance_of_lstm(model.layers[1], model.layers[2], TEXT, 1)
    found = attribute(model, TEXT[None], method="lrp_epsilon", target=1, epsilon=EPSILON)
    np.testing.assert_allclose(found.parts[0][0], wanted, rtol=1e-6)
    np.testing.assert_allclose(found.scores, [logit], rtol=1e-9)


@pytest.mark.parametrize("after", [True, False])
def test_a_gru_unit_by_unit(after: bool) -> None:
    model = reads(L.GRU(3, reset_after=after))
    wanted = relevance_of_gru(model.layers[1], model.layers[2], TEXT, 1)
    found = attribute(model, TEXT[None], method="lrp_epsilon", target=1, epsilon=EPSILON)
    np.testing.assert_allclose(found.parts[0][0], wanted, rtol=1e-6)


@pytest.mark.parametrize("layer", [L.LSTM, L.GRU, L.SimpleRNN])
@pytest.mark.parametrize("bias", ["absorb", "inputs"])
def test_padding_that_is_masked_changes_nothing_and_receives_nothing(layer: Any, bias: str) -> None:
    model = reads(L.Masking(), L.Bidirectional(layer(3, return_sequences=True)), layer(2))
    padded = np.zeros((3, 8, 2))
    padded[0, 3:] = padded[1, :5] = padded[2, [0, 1, 3, 6, 7]] = TEXT
    alone = attribute(model, TEXT[None], method="lrp_epsilon", target=0, bias=bias).tokens[0]
    found = attribute(model, padded, method="lrp_epsilon", target=0, bias=bias).tokens
    for row, here in zip(found, (slice(3, 8), slice(0, 5), [0, 1, 3, 6, 7]), strict=True):
        np.testing.assert_allclose(row[here], alone, rtol=1e-4)
        assert not np.delete(row, np.arange(8)[here]).any()


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
def test_a_mask_may_stand_for_another_number_than_0() -> None:
    model = reads(L.Masking(2.0), L.Dense(3), L.Conv1D(2, 2), L.GlobalMaxPooling1D())
    text = TEXT.copy()
    text[[1, 4]] = 2.0
    found = attribute(model, text[None], method="lrp_epsilon", target=0)
    np.testing.assert_allclose(found.scores, np.asarray(model(text[None]))[:, 0], rtol=1e-5)


def test_a_layer_that_goes_backwards_reads_the_text_turned_round() -> None:
    forward, backward = reads(L.LSTM(3)), reads(L.LSTM(3, go_backwards=True))
    backward.set_weights(forward.get_weights())
    ours, turned = (attribute(model, text[None], method="lrp_epsilon", target=0).tokens[0]
                    for model, text in ((forward, TEXT), (backward, TEXT[::-1])))
    np.testing.assert_allclose(ours, turned[::-1])


def test_both_ways_are_one_network_forward_and_one_backward() -> None:
    two = reads(L.Bidirectional(L.LSTM(3)))
    found = attribute(two, TEXT[None], method="lrp_epsilon", target=0, epsilon=1e-12).tokens[0]
    weights, offset = two.layers[2].get_weights()
    score = attribute(two, TEXT[None], method="lrp_epsilon", target=0).scores[0]
    wanted = np.zeros(5)
    for part, turn in ((slice(0, 3), 1), (slice(3, 6), -1)):
        one = reads(L.LSTM(3))
        layer = two.layers[1].forward_layer if turn > 0 else two.layers[1].backward_layer
        one.layers[1].set_weights(layer.get_weights())
        one.layers[2].set_weights([weights[part], offset * 0])
        # The logit is the sum of both halves and the bias, and each part of it is handed back as it is.
        wanted += attribute(one, TEXT[None, ::turn], method="lrp_epsilon", target=0, epsilon=1e-12).tokens[0][::turn]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert abs(score) > 1e-3


def test_the_first_step_shares_its_bias_among_the_inputs_alone() -> None:
    # One unit that forgets nothing it has not seen: with c = i g at the first step everything is the one step's.
    model = reads(L.LSTM(3))
    found = attribute(model, TEXT[None, :1], method="lrp_epsilon", target=1, bias="inputs")
    np.testing.assert_allclose(found.tokens.sum(), found.scores[0], rtol=1e-9)
    assert found.check.taken["initial state"] == 0


def test_more_epsilon_smooths_and_takes_more() -> None:
    model = reads(L.LSTM(3))
    taken = [attribute(model, TEXT[None], method="lrp_epsilon", target=1, epsilon=epsilon).check.taken["epsilon"][0]
             for epsilon in (0.0, 1e-7, 1.0)]
    assert taken[0] == 0 < abs(taken[1]) < 1e-3 < abs(taken[2])
