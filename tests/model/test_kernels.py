"""Every kernel against a float64 LSTM written from the equations, and against Keras' gradients."""

import numpy as np
import pytest

from probe.errors import UserError
from probe.model import hard_sigmoid as gates
from probe.model.engine import keras, tf
from probe.model.kernels import choose_kernel
from tests.lstm_oracle import hard_sigmoid, lstm, sigmoid

T, B, D, U = 23, 5, 11, 6


GATES = {"sigmoid": sigmoid, "hard_sigmoid": hard_sigmoid}


@pytest.fixture(params=list(GATES))
def gate(request):
    return request.param


@pytest.fixture
def layer(gate):
    activation = gates.hard_sigmoid if gate == "hard_sigmoid" else "sigmoid"
    layer = keras.layers.LSTM(U, return_sequences=True, return_state=True, recurrent_activation=activation)
    layer.build((None, None, D))
    generator = np.random.default_rng(1)
    layer.set_weights([generator.normal(size=w.shape) * 0.7 for w in layer.get_weights()])
    return layer


@pytest.fixture
def states():
    generator = np.random.default_rng(2)
    return [tf.constant(generator.normal(size=(B, U)) * 0.5, tf.float32) for _ in range(2)]


@pytest.fixture
def dense_inputs():
    return tf.constant(np.random.default_rng(3).normal(size=(T, B, D)), tf.float32)


@pytest.fixture
def ids():
    return tf.constant(np.random.default_rng(4).integers(0, D, (T, B)), tf.int32)


def one_hot(ids):
    return np.eye(D)[ids.numpy()]


@pytest.mark.parametrize("name", ["fused", "keras"])
@pytest.mark.parametrize("kind", ["dense", "ids"])
def test_forward_equals_the_equations(name, kind, gate, layer, states, dense_inputs, ids):
    inputs = dense_inputs if kind == "dense" else ids
    values = dense_inputs.numpy() if kind == "dense" else one_hot(ids)
    expected = lstm(values, *layer.get_weights(), *(state.numpy() for state in states), GATES[gate])
    received = choose_kernel(name)[1](layer, inputs, *states)
    for ours, theirs in zip(received, expected, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-5, atol=1e-6)


def loss_and_gradients(kernel, layer, inputs, states):
    """A loss in which hidden, last h and last c all count, and its gradients with respect to everything."""
    generator = np.random.default_rng(5)
    weight = [tf.constant(generator.normal(size=shape), tf.float32) for shape in ((T, B, U), (B, U), (B, U))]
    sources = [*layer.trainable_variables, *states] + ([] if inputs.dtype.is_integer else [inputs])
    with tf.GradientTape() as tape:
        tape.watch(states)
        if not inputs.dtype.is_integer:
            tape.watch(inputs)
        outputs = kernel(layer, inputs, *states)
        loss = tf.add_n([tf.reduce_sum(w * out) for w, out in zip(weight, outputs, strict=True)])
    return loss, tape.gradient(loss, [s.value if hasattr(s, "value") else s for s in sources]), weight


@pytest.mark.parametrize("kind", ["dense", "ids"])
def test_gradients_equal_those_of_keras(kind, layer, states, dense_inputs, ids):
    inputs = dense_inputs if kind == "dense" else ids
    _, ours, _ = loss_and_gradients(choose_kernel("fused")[1], layer, inputs, states)
    _, theirs, _ = loss_and_gradients(choose_kernel("keras")[1], layer, inputs, states)
    assert len(ours) == (6 if kind == "dense" else 5)
    for one, other in zip(ours, theirs, strict=True):
        scale = np.abs(other.numpy()).max()
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=0, atol=1e-5 * scale)


def test_gradients_equal_finite_differences_of_the_equations(gate, layer, states, ids):
    _, gradients, weight = loss_and_gradients(choose_kernel("fused")[1], layer, ids, states)
    arrays = [w.astype(np.float64) for w in layer.get_weights()] + [s.numpy().astype(np.float64) for s in states]

    def loss() -> float:
        outputs = lstm(one_hot(ids), *arrays, GATES[gate])
        return sum(float((w.numpy().astype(np.float64) * out).sum()) for w, out in zip(weight, outputs, strict=True))

    generator = np.random.default_rng(6)
    for array, gradient in zip(arrays, gradients, strict=True):
        for _ in range(5):
            place = tuple(generator.integers(0, size) for size in array.shape)
            kept, step = array[place], 1e-6
            array[place] = kept + step
            above = loss()
            array[place] = kept - step
            slope = (above - loss()) / (2 * step)
            array[place] = kept
            assert gradient.numpy()[place] == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", ["dense", "ids"])
def test_bfloat16_rounds_operands_and_nothing_else(kind, gate, layer, states, dense_inputs, ids):
    """The cell state stays float32, so that after 23 steps h still has the precision of one rounding, 2^-8."""
    inputs = tf.cast(dense_inputs, tf.bfloat16) if kind == "dense" else ids
    values = inputs.numpy().astype(np.float64) if kind == "dense" else one_hot(ids)
    expected = lstm(values, *layer.get_weights(), *(state.numpy() for state in states), GATES[gate])
    hidden, h, c = choose_kernel("fused")[1](layer, inputs, *states, dtype=tf.bfloat16)
    assert (hidden.dtype, h.dtype, c.dtype) == (tf.bfloat16, tf.float32, tf.float32)
    for ours, theirs in zip((tf.cast(hidden, tf.float32), h, c), expected, strict=True):
        error = ours.numpy() - theirs
        assert np.sqrt((error ** 2).mean()) < 2 ** -6 * np.sqrt((theirs ** 2).mean())
        assert np.abs(error).max() > 1e-4  # it did round


def test_gradients_in_bfloat16_point_where_those_in_float32_do(layer, states, ids):
    fused = choose_kernel("fused")[1]

    def rounded(*arguments):
        hidden, h, c = fused(*arguments, dtype=tf.bfloat16)
        return tf.cast(hidden, tf.float32), h, c

    _, full, _ = loss_and_gradients(fused, layer, ids, states)
    _, half, _ = loss_and_gradients(rounded, layer, ids, states)
    for one, other in zip(half, full, strict=True):
        one, other = one.numpy().ravel(), other.numpy().ravel()
        assert one.dtype == np.float32
        assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.999


def test_a_kernel_that_is_not_there_is_refused():
    with pytest.raises(UserError, match=r"auto, cudnn, fused, keras; received 'jax'"):
        choose_kernel("jax")


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="this machine has a GPU")
def test_cudnn_without_a_gpu_is_refused_and_auto_is_fused():
    with pytest.raises(UserError, match="needs a GPU"):
        choose_kernel("cudnn")
    assert choose_kernel("auto")[0] == "fused"
