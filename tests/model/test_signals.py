"""Every signal of an LSTM layer against a float64 LSTM written from the equations, whatever computes it."""

import numpy as np
import pytest

from probe.activations.signal import SIGNALS
from probe.model import hard_sigmoid as gates
from probe.model.engine import keras, tf
from probe.model.kernels.signals import GATES, lstm_signals, signal_reader
from tests import lstm_oracle

T, B, D, U = 12, 5, 11, 6

# Name of Keras' function, or the function → the same in numpy.
RECURRENT = {"sigmoid": lstm_oracle.sigmoid, gates.hard_sigmoid: lstm_oracle.hard_sigmoid,
             "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1), "softsign": lambda x: x / (1 + np.abs(x))}
ACTIVATIONS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "elu": lambda x: np.where(x > 0, x, np.expm1(x))}


def drawn(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def made(recurrent="sigmoid", activation="tanh", **others):
    layer = keras.layers.LSTM(U, recurrent_activation=recurrent, activation=activation, **others)
    layer.build((None, None, D))
    layer.set_weights([drawn(seed, *weight.shape) * 0.5 for seed, weight in enumerate(layer.get_weights())])
    return layer


def given(kind):
    """Inputs, the same as vectors, and a state."""
    ids = np.random.default_rng(4).integers(0, D, (T, B))
    inputs = drawn(3, T, B, D) if kind == "dense" else ids
    return inputs, inputs if kind == "dense" else np.eye(D)[ids], drawn(5, B, U), drawn(6, B, U)


def expected(layer, vectors, h, c, recurrent="sigmoid", activation="tanh"):
    kernel, matrix, *bias = layer.get_weights()
    return lstm_oracle.lstm_signals(vectors, kernel, matrix, bias[0] if bias else np.zeros(4 * U), h, c,
                                    RECURRENT[recurrent], ACTIVATIONS[activation])


def agree(received, wanted, layer, vectors, h, c, **functions):
    signals, last_h, last_c = received
    theirs = expected(layer, vectors, h, c, **functions)
    for name in wanted:
        assert signals[name].dtype == np.float32
        np.testing.assert_allclose(signals[name], theirs[name], rtol=1e-5, atol=2e-6, err_msg=name)
    np.testing.assert_allclose(last_h, theirs["hidden"][-1], rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(last_c, theirs["cell"][-1], rtol=1e-5, atol=2e-6)


def named(activation) -> str:
    return activation if isinstance(activation, str) else f"{activation.__name__} of Keras 2"


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("recurrent", RECURRENT, ids=named)
@pytest.mark.parametrize("kind", ["dense", "ids"])
def test_signals_equal_the_equations(kind, recurrent, activation):
    layer = made(recurrent, activation)
    inputs, vectors, h, c = given(kind)
    received = lstm_signals(layer, inputs, h, c, SIGNALS)
    assert list(received[0]) == list(SIGNALS)
    agree(received, SIGNALS, layer, vectors, h, c, recurrent=recurrent, activation=activation)


@pytest.mark.parametrize("recurrent", ["sigmoid", gates.hard_sigmoid], ids=named)
@pytest.mark.parametrize("kind", ["dense", "ids"])
def test_gates_are_computed_again_where_a_kernel_tells_h_alone(kind, recurrent):
    layer = made(recurrent)
    inputs, vectors, h, c = given(kind)
    for wanted in (SIGNALS, ("hidden",), ("forget_gate",), ("cell",)):
        received = signal_reader(layer, kernel="keras")(tf.constant(inputs).numpy(), h, c, wanted)
        agree(received, wanted, layer, vectors, h, c, recurrent=recurrent)


@pytest.mark.parametrize("settings", [
    {"use_bias": False}, {"go_backwards": True}, {"return_sequences": True, "return_state": True}, {"unroll": True},
    {"dropout": 0.5, "recurrent_dropout": 0.5}, {"recurrent": gates.hard_sigmoid, "use_bias": False},
    {"activation": "relu", "use_bias": False}], ids=", ".join)
@pytest.mark.parametrize("kernel", ["auto", "keras"])
def test_a_layer_of_any_settings_is_read_in_the_order_given_and_not_changed(settings, kernel):
    layer = made(**settings)
    config, inputs = layer.get_config(), given("dense")
    received = signal_reader(layer, kernel=kernel)(inputs[0], *inputs[2:], SIGNALS)
    functions = {name: settings[name] for name in ("recurrent", "activation") if name in settings}
    agree(received, SIGNALS, layer, *inputs[1:], **functions)
    assert layer.get_config() == config


@pytest.mark.parametrize("kernel", ["auto", "keras"])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_reading_goes_on_where_it_stopped(kernel, activation):
    layer = made(activation=activation)
    inputs, _, h, c = given("dense")
    read = signal_reader(layer, kernel=kernel)
    whole, *last = read(inputs, h, c, SIGNALS)
    first, *between = read(inputs[:9], h, c, SIGNALS)
    second, *after = read(inputs[9:], *between, SIGNALS)
    for name in SIGNALS:
        np.testing.assert_allclose(np.concatenate([first[name], second[name]]), whole[name], atol=1e-6)
    np.testing.assert_allclose(after, last, atol=1e-6)


def test_rows_stand_for_products_with_the_kernel():
    """An embedding needs no product for each character: there are no more different ones than characters."""
    layer, table = made(), drawn(7, 31, D)
    ids = np.random.default_rng(8).integers(0, 31, (T, B)).astype(np.int32)
    _, _, h, c = given("ids")
    received = signal_reader(layer, rows=table @ layer.get_weights()[0])(ids, h, c, SIGNALS)
    agree(received, SIGNALS, layer, table[ids], h, c)


def test_bfloat16_rounds_operands_alone():
    layer = made()
    _, vectors, h, c = given("dense")
    even = np.concatenate([vectors, np.zeros((T, B, 1))], axis=-1).astype(np.float32)
    wide = keras.layers.LSTM(U)
    wide.build((None, None, D + 1))
    kernel, recurrent, bias = layer.get_weights()
    wide.set_weights([np.concatenate([kernel, np.zeros((1, 4 * U))]), recurrent, bias])
    signals, _, last_c = signal_reader(wide, precision="bfloat16")(even, h, c, SIGNALS)
    theirs = expected(layer, vectors, h, c)
    assert signals["hidden"].dtype.name == "bfloat16"
    assert {signals[name].dtype.name for name in SIGNALS[1:]} == {"float32"}
    for name in SIGNALS:
        error = signals[name].astype(np.float64) - theirs[name]
        assert 1e-5 < np.sqrt((error ** 2).mean()) < 2 ** -6
    assert np.abs(last_c - theirs["cell"][-1]).max() < 2 ** -4


def test_a_signal_that_nothing_records_is_refused():
    inputs, _, h, c = given("dense")
    for layer in (made(), made(activation="relu")):
        with pytest.raises(ValueError, match=r"expected signals of hidden, cell, .*; received 'gate'"):
            lstm_signals(layer, inputs, h, c, ["gate"])


def test_gates_are_named_as_signals_are():
    assert (*SIGNALS[:2], *GATES) == SIGNALS
