"""The network computes its equations, by every kernel and for any padding, and its update follows the gradient."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from probe.attention.translator.network import TranslatorNetwork, keras_network
from probe.attention.translator.step import make_reader, make_step
from probe.attention.translator.symbols import target_ids
from probe.errors import UserError
from probe.model.engine import keras, tf
from tests.attention.translator import equations, tiny


@pytest.fixture(scope="module")
def model():
    return tiny.network()


def batch(padding: int = 0):
    source = np.pad(tiny.SYMBOLS.source_ids(tiny.TEXTS), ((0, 0), (0, padding)))
    return source, *target_ids(tiny.OUTPUTS)


@pytest.fixture(scope="module")
def truth(model):
    return [equations.read(tiny.weights_of(model), tiny.ids(text), output)
            for text, output in zip(tiny.TEXTS, tiny.OUTPUTS, strict=True)]


@pytest.mark.parametrize("padding", [0, 7])
@pytest.mark.parametrize("kernel", ["fused", "keras"])
def test_logits_and_attention_are_those_of_the_equations(kernel, padding, model, truth):
    source, given, _ = batch(padding)
    logits, weights = TranslatorNetwork(model, kernel).logits(tf.constant(source), tf.constant(given))
    found = tf.nn.log_softmax(logits).numpy()
    for row, (expected, attention) in enumerate(truth):
        rows, characters = attention.shape
        np.testing.assert_allclose(found[row, :rows], expected, atol=2e-6)
        np.testing.assert_allclose(weights[row, :rows, :characters], attention, atol=1e-6)
        np.testing.assert_allclose(np.sum(weights[row], axis=1), float(characters > 0), atol=1e-6)
        assert (weights[row, :, characters:].numpy() == 0).all()


def test_the_keras_model_computes_the_same(model, truth):
    source, given, _ = batch(padding=3)
    probabilities = model([source, given]).numpy()
    for row, (expected, attention) in enumerate(truth):
        np.testing.assert_allclose(probabilities[row, :len(attention)], np.exp(expected), atol=1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-6)


def test_padding_and_company_change_nothing(model):
    source, given, _ = batch()
    # Of unknown width: Keras warns of attention over what it knows to be one character.
    read = tf.function(TranslatorNetwork(model).logits, input_signature=[tf.TensorSpec((None, None), tf.int32)] * 2,
                       autograph=False)
    together = read(source, given)
    for row, text in enumerate(tiny.TEXTS):
        for padding in (0, 9):
            alone = np.pad(tiny.SYMBOLS.source_ids([text]), ((0, 0), (0, padding)))
            logits, weights = read(alone, given[row:row + 1])
            np.testing.assert_allclose(logits[0], together[0][row], atol=1e-6)
            shared = min(alone.shape[1], source.shape[1])
            np.testing.assert_allclose(weights[0, :, :shared], together[1][row, :, :shared], atol=1e-6)


def test_bfloat16_is_near(model):
    source, given, _ = (tf.constant(each) for each in batch())
    exact, _ = TranslatorNetwork(model, "fused").logits(source, given)
    rough, weights = TranslatorNetwork(model, "fused", tf.bfloat16).logits(source, given)
    assert rough.dtype == weights.dtype == tf.float32
    assert 1e-5 < np.abs(exact - rough).max() < 0.1


def test_initial_weights_follow_from_the_seed():
    first, again, other = (tiny.weights_of(keras_network(tiny.NETWORK, 20, seed)) for seed in (3, 3, 4))
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name], err_msg=name)
        assert name.endswith("bias") or not np.array_equal(array, other[name]), name
        rivals = [rival for rival, values in first.items() if rival != name and values.shape == array.shape]
        assert name.endswith("bias") or all(not np.array_equal(array, first[rival]) for rival in rivals), name


@cache
def updated(parts: int, kernel: str = "fused", dtype=tf.float32):
    """→ loss, and what one update by plain descent takes from each weight: the gradient.

    The first is compiled, as all are in a training; others run as they are written, which takes less time.
    """
    model = tiny.reseeded().model
    before = tiny.weights_of(model)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(model.trainable_variables)
    step = make_step(TranslatorNetwork(model, kernel, dtype), optimizer, len(tiny.TEXTS), parts)
    tf.config.run_functions_eagerly((parts, kernel, dtype) != (2, "fused", tf.float32))
    try:
        found = float(step(*map(tf.constant, batch(padding=2))))
    finally:
        tf.config.run_functions_eagerly(False)
    return found, {name: before[name] - array for name, array in tiny.weights_of(model).items()}


@pytest.fixture(scope="module")
def slopes(model):
    """Loss, and of some numbers of each weight (its name, place, central difference), all by the equations."""
    weights = {name: array.astype(np.float64) for name, array in tiny.weights_of(model).items()}
    texts = [tiny.ids(text) for text in tiny.TEXTS]
    rng, found = np.random.default_rng(0), []
    for name, array in weights.items():
        for place in rng.choice(array.size, min(array.size, 5), replace=False):
            where = np.unravel_index(place, array.shape)
            sides = []
            for shift in (1e-5, -1e-5):
                moved = array.copy()
                moved[where] += shift
                sides.append(equations.loss({**weights, name: moved}, texts, tiny.OUTPUTS))
            found.append((name, where, (sides[0] - sides[1]) / 2e-5))
    return equations.loss(weights, texts, tiny.OUTPUTS), found


@pytest.mark.parametrize("kernel", ["fused", "keras"])
def test_an_update_follows_the_gradient(kernel, slopes):
    found, gradients = updated(2, kernel)
    assert found == pytest.approx(slopes[0], rel=1e-6)
    for name, where, slope in slopes[1]:
        assert gradients[name][where] == pytest.approx(slope, rel=1e-3, abs=1e-6), name
    for name in gradients:
        assert np.abs(gradients[name]).max() > 1e-6, name


def test_parts_make_the_same_update():
    one, gradients = updated(1)
    for parts in (2, 4):
        found, others = updated(parts)
        assert found == pytest.approx(one, rel=1e-6)
        for name, array in gradients.items():
            np.testing.assert_allclose(others[name], array, atol=1e-6, err_msg=name)


def test_an_update_in_bfloat16_is_near():
    exact, gradients = updated(2)
    rough, others = updated(2, dtype=tf.bfloat16)
    assert rough == pytest.approx(exact, rel=0.02)
    flat, rounded = (np.concatenate([each.ravel() for each in some.values()]) for some in (gradients, others))
    assert 1e-5 < np.linalg.norm(flat - rounded) / np.linalg.norm(flat) < 0.05


def test_a_validation_counts_what_the_equations_say(model, truth):
    nats, characters, right, exact, texts = make_reader(TranslatorNetwork(model))(*batch())
    wanted = [[*(2 + equations.DIGITS.index(each) for each in output), 1] for output in tiny.OUTPUTS]
    hits = [expected.argmax(axis=1) == ids for (expected, _), ids in zip(truth, wanted, strict=True)]
    assert nats == pytest.approx(equations.loss(tiny.weights_of(model), list(map(tiny.ids, tiny.TEXTS)), tiny.OUTPUTS)
                                 * characters, rel=1e-6)
    assert characters == sum(map(len, wanted))
    assert (right, exact, texts) == (sum(hit.sum() for hit in hits), sum(hit.all() for hit in hits), 6)


def test_a_validation_knows_what_is_right():
    """A network that writes 1, and one that ends, whatever it reads."""
    for symbol, right, exact in ((3, "".join(tiny.OUTPUTS).count("1"), 0), (1, 6, 1)):
        model = tiny.network()
        for weight in model.get_layer("logits").weights:
            weight.assign(np.zeros(weight.shape))
        model.get_layer("logits").bias.assign(50.0 * np.eye(13)[symbol])
        found = make_reader(TranslatorNetwork(model))(*batch())
        assert found[2:].tolist() == [right, exact, 6]


@pytest.mark.parametrize("changed", ["units", "embedding", "attention"])
def test_sizes_are_options(changed):
    options = dataclasses.replace(tiny.NETWORK, **{changed: 9})
    model = keras_network(options, 20)
    logits, weights = TranslatorNetwork(model).logits(tf.zeros((2, 5), tf.int32), tf.zeros((2, 3), tf.int32))
    assert (logits.shape, weights.shape) == ((2, 3, 13), (2, 3, 5))


def test_an_unknown_kernel_is_refused(model):
    with pytest.raises(UserError, match="--kernel must be one of"):
        TranslatorNetwork(model, "quick")
