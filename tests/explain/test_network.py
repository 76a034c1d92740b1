"""Networks taken apart, cut and asked, held against Keras itself and against differences."""

import gc
import weakref
from functools import cache

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import attribute
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.model.engine import keras, tf

L = keras.layers
pytestmark = [pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask"),  # Keras, of its own layers
              pytest.mark.usefixtures("eager")]
IDS = np.array([[3, 4, 5, 3, 7, 2], [1, 6, 2, 0, 0, 0]])


def classifier(inside, *, mask=False, classes=3, activation="softmax"):
    keras.utils.set_random_seed(2)
    ids = keras.Input((None,), dtype="int32")
    rows = L.Embedding(9, 4, mask_zero=mask, embeddings_initializer=keras.initializers.RandomNormal(stddev=1))
    return keras.Model(ids, L.Dense(classes, activation=activation)(inside(rows(ids))))


def pooled(*layers):
    def inside(x):
        for layer in (*layers, L.GlobalMaxPooling1D()):
            x = layer(x)
        return x
    return inside


def branches(x):
    one, other = L.Conv1D(3, 2, padding="same", activation="tanh")(x), L.Dense(3, activation="relu")(x)
    return L.GlobalAveragePooling1D()(L.Add()([one, L.Dropout(0.5)(other)]))


def siamese():
    encoder = keras.Sequential([keras.Input((None,), dtype="int32"), L.Embedding(9, 4, name="rows"), L.LSTM(5)],
                               name="encoder")
    one, other = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    return keras.Model([one, other], L.Dot(1, normalize=True)([encoder(one), encoder(other)]))


NETWORKS = {
    "causal": lambda: classifier(pooled(L.Conv1D(3, 2, padding="causal", dilation_rate=2, activation="relu"))),
    "strided": lambda: classifier(pooled(L.Conv1D(3, 2, strides=2, padding="same", activation="gelu"), L.Dropout(0.3))),
    "grouped": lambda: classifier(pooled(L.Conv1D(4, 2, groups=2, activation="relu"))),
    "masked": lambda: classifier(L.Bidirectional(L.LSTM(3)), mask=True),
    "masked, then a convolution": lambda: classifier(pooled(L.Conv1D(3, 2)), mask=True),
    "branches": lambda: classifier(branches),
    "time distributed": lambda: classifier(pooled(L.TimeDistributed(L.Dense(3, activation="relu"))), mask=True),
    "one output": lambda: classifier(L.GRU(3), classes=1, activation="sigmoid"),
    "no activation": lambda: classifier(L.GRU(3), activation=None),
}
MORE = {"softmax of a gru": lambda: classifier(L.GRU(3))}


@cache
def built(name):
    """One of these networks, which no test changes."""
    return (NETWORKS | MORE)[name]()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_taken_apart_computes_what_keras_does(name):
    model = built(name)
    network = Network.of(model)
    found = network.run({network.inputs[0]: tf.constant(IDS, tf.int32)}, list(network.symbols))
    np.testing.assert_allclose(found[network.outputs[0]], model(IDS).numpy(), rtol=1e-5, atol=1e-6)
    for layer in model.layers[1:-1]:
        inner = keras.Model(model.input, layer.output)(IDS)
        np.testing.assert_allclose(found[network.value_of(layer)], inner.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_and_gradients_are_those_of_the_network(name):
    model, ids = built(name), np.array([IDS[0], [1, 6, 2, 0, 8, 5]])  # pads would tie under a maximum
    question = ask(Network.of(model), [ids])
    try:
        scores, (slopes,) = question.gradients(question.points, question.rows)
    except UserError as error:
        if name != "grouped":
            raise
        pytest.skip(str(error))
    outputs = model(ids).numpy().astype(np.float64)
    chosen = outputs[np.arange(2), question.target.index]
    if outputs.shape[1] == 1:
        np.testing.assert_allclose(1 / (1 + np.exp(-scores)), chosen, atol=1e-6)
    elif name == "no activation":
        np.testing.assert_allclose(scores, chosen, atol=1e-6)
    else:  # softmax of the logits, of which one is known: differences of logits are differences of logarithms
        other = ask(Network.of(model), [ids], target=0)
        gap = scores - other.scores(other.points, other.rows)
        np.testing.assert_allclose(gap, np.log(chosen / outputs[:, 0]), atol=1e-5)
    direction = np.random.default_rng(0).normal(size=slopes.shape)
    step = 1e-3
    up, down = (question.scores((question.points[0] + sign * step * direction,), question.rows) for sign in (1, -1))
    np.testing.assert_allclose((up - down) / (2 * step), (slopes * direction).sum(axis=(1, 2)), atol=3e-3)


def test_rows_belong_to_examples_whatever_their_order(monkeypatch):
    monkeypatch.setattr("probe.explain.question.question.CORES", 2)
    question = ask(Network.of(built("masked")), [IDS], target=1)
    rows = np.array([1, 0, 1, 1, 0])
    alone = question.scores(question.points, question.rows)
    np.testing.assert_allclose(question.scores((question.points[0][rows],), rows), alone[rows], atol=1e-6)
    np.testing.assert_allclose(question.scores((question.points[0][:1],), rows[1:2]), alone[:1], atol=1e-6)


def test_the_gradient_at_a_layer_is_that_of_the_rest_of_the_network():
    model = classifier(pooled(L.Conv1D(3, 2, activation="relu", name="seen")))
    network = Network.of(model)
    question = ask(network, [IDS], target=2, layer="seen")
    scores, activations, slopes = question.at_layer(question.layer)
    kernel, bias = (array.astype(np.float64) for array in model.layers[-1].get_weights())
    np.testing.assert_allclose(scores, activations.max(axis=1) @ kernel[:, 2] + bias[2], atol=1e-6)
    highest = activations == activations.max(axis=1, keepdims=True)
    expected = highest / highest.sum(axis=1, keepdims=True) * kernel[:, 2]
    np.testing.assert_allclose(slopes.sum(axis=1), expected.sum(axis=1), atol=1e-6)
    assert (slopes[~highest] == 0).all()


def test_a_nested_model_is_unfolded_and_its_second_use_has_a_name_of_its_own():
    model = siamese()
    network = Network.of(model)
    assert {step.name for step in network.steps} >= {"encoder/rows", "encoder/rows (2)"}
    other = IDS[:, ::-1].copy()
    given = {number: tf.constant(ids, tf.int32) for number, ids in zip(network.inputs, (IDS, other), strict=True)}
    found = network.run(given, network.outputs)[network.outputs[0]]
    np.testing.assert_allclose(found, model([IDS, other]).numpy(), atol=1e-6)
    one, two = (attribute(model, [IDS, other], method="saliency", target=0, input=place).tokens for place in (0, 1))
    assert one.shape == two.shape == (2, 6)
    assert not np.allclose(one, two)


def test_layers_are_named_by_name_index_and_instance():
    model = classifier(pooled(L.Conv1D(3, 2, activation="relu", name="seen")))
    network = Network.of(model)
    value = network.value_of("seen")
    assert value == network.value_of(1) == network.value_of(-3) == network.value_of(model.get_layer("seen"))
    assert network.writer[value].kind == "Activation"
    for strange in ("sen", 9, -9, L.Dense(1)):
        with pytest.raises(UserError, match=r"layer"):
            network.value_of(strange)


@pytest.mark.usefixtures("compiled")
def test_weights_that_change_are_seen_and_nothing_is_compiled_again():
    model = classifier(pooled(L.Conv1D(3, 2)))
    first = attribute(model, IDS, method="saliency", target=0)
    compiled = dict(Network.of(model).compiled)
    counts = {key: function.experimental_get_tracing_count() for key, function in compiled.items()}
    assert len(counts) == 2 and set(counts.values()) == {1}
    model.set_weights([2 * weight for weight in model.get_weights()])
    second = attribute(model, np.tile(IDS, (3, 2)), method="saliency", target=1)
    assert second.tokens.shape == (6, 12)
    assert not np.allclose(first.tokens, attribute(model, IDS, method="saliency", target=0).tokens)
    assert {key: function.experimental_get_tracing_count() for key, function in compiled.items()} == counts


@pytest.mark.usefixtures("compiled")
def test_a_model_that_nobody_holds_is_let_go():
    model = classifier(pooled(L.Dense(3)))
    attribute(model, IDS, method="saliency", target=0)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


class OfItsOwn(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(("wrong", "message"), [
    ("no model", "must be a keras.Model"), (OfItsOwn(), "call of its own"),
    (keras.Sequential([L.Dense(2)]), "not built"),
])
def test_what_is_no_network_is_refused(wrong, message):
    with pytest.raises(UserError, match=message):
        Network.of(wrong)


@pytest.mark.parametrize(("given", "message"), [
    ({"inputs": [IDS + 9]}, "rows for ids from 0 to 8; received 1"),
    ({"inputs": [-IDS]}, "received -"),
    ({"inputs": [IDS, IDS]}, "takes 1 inputs; received 2"),
    ({"inputs": [IDS[0]]}, r"shape \(any, any\)"),
    ({"inputs": [IDS.astype(str)]}, "takes numbers"),
    ({"target": 3}, "from 0 to 2"), ({"target": "x"}, "no label"), ({"target": 1.5}, "must be an output"),
    ({"labels": ["a", "b"]}, "3 outputs"), ({"labels": ["a", "a", "b"]}, "different"),
    ({"output": "loss"}, "logits, probabilities"), ({"baseline": "pad"}, "pad_value"),
    ({"baseline": np.zeros(5)}, "fit the shape"), ({"which": 1}, "from 0 to 0"), ({"layer": "x"}, "no layer"),
])
def test_what_does_not_fit_a_network_is_refused(given, message):
    network = Network.of(built("softmax of a gru"))
    with pytest.raises(UserError, match=message):
        ask(network, given.pop("inputs", [IDS]), **given)


def test_both_sides_of_a_single_output_are_its_two_labels():
    network = Network.of(built("one output"))
    labels = ["against", "for"]
    for output in ("logits", "probabilities"):
        no, yes = (ask(network, [IDS], target=label, labels=labels, output=output) for label in labels)
        total = no.scores(no.points, no.rows) + yes.scores(yes.points, yes.rows)
        np.testing.assert_allclose(total, 0 if output == "logits" else 1, atol=1e-6)
    found = ask(network, [IDS], labels=labels)
    likely = found.outputs[:, 0] > 0.5
    assert list(found.target.names) == [labels[int(each)] for each in likely]
    assert (found.scores(found.points, found.rows) > 0).all()


def test_the_pad_baseline_is_the_row_of_the_pad():
    model = classifier(L.GRU(3))
    question = ask(Network.of(model), [IDS], baseline="pad", pad_value=7)
    row = model.layers[1].get_weights()[0][7]
    np.testing.assert_allclose(question.baselines[0], np.broadcast_to(row, (2, 6, 4)), atol=1e-7)


def test_a_function_of_the_outputs_can_be_explained():
    model = classifier(L.GRU(3))
    question = ask(Network.of(model), [IDS], target=lambda outputs: outputs[:, 0] - outputs[:, 1])
    first, second, _ = model(IDS).numpy().T
    np.testing.assert_allclose(question.scores(question.points, question.rows), first - second, atol=1e-6)


@pytest.mark.parametrize("mask", ["of the embedding", "of a layer"])
def test_a_model_built_from_its_configuration_is_taken_apart_too(mask):
    """Keras writes the masks of such a model out, as steps of their own that are given to layers by name."""
    if mask == "of the embedding":
        model, given = classifier(L.Bidirectional(L.LSTM(3)), mask=True), IDS
    else:
        numbers = keras.Input((None, 3))
        model = keras.Model(numbers, L.Dense(2)(L.LSTM(3)(L.Masking(0.0)(numbers))))
        given = np.random.default_rng(0).normal(size=(1, 5, 3)) * np.array([1, 1, 1, 0, 0])[:, None]
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    one, other = (attribute(each, given, method="lrp_epsilon", target=0) for each in (model, again))
    np.testing.assert_allclose(one.tokens, other.tokens, atol=1e-12)
    assert (one.tokens[:, 3:][np.asarray(given).reshape(*one.tokens.shape, -1)[:, 3:].max(axis=2) == 0] == 0).all()


@pytest.mark.parametrize("precision", ["float64", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("method", ["gradient_x_input", "integrated_gradients", "grad_cam", "lrp_epsilon"])
def test_networks_of_other_precisions_are_explained(precision, method):
    keras.config.set_dtype_policy(precision)
    try:
        model = classifier(pooled(L.Conv1D(3, 2, activation="tanh")))
    finally:
        keras.config.set_dtype_policy("float32")
    same = classifier(pooled(L.Conv1D(3, 2, activation="tanh")))
    same.set_weights(model.get_weights())
    ids = IDS[:1]  # without pads, which would tie under a maximum
    one, other = (attribute(each, ids, method=method, target=1) for each in (model, same))
    atol = 1e-5 if precision == "float64" else 0.1
    np.testing.assert_allclose(one.tokens, other.tokens, atol=atol * np.abs(other.tokens).max())


@pytest.mark.usefixtures("compiled")
def test_functions_of_the_outputs_are_checked_and_the_last_alone_is_kept():
    network = Network.of(classifier(pooled(L.Dense(3))))
    for wrong in (lambda outputs: tf.reduce_mean(outputs[:, 0]), lambda outputs: outputs - tf.reduce_mean(outputs),
                  lambda outputs: outputs[:, 7], lambda outputs: np.exp(outputs)):
        with pytest.raises(UserError, match="function of the outputs"):
            ask(network, [IDS], target=wrong)
    for number in range(3):
        question = ask(network, [IDS], target=lambda outputs, number=number: outputs[:, number])
        question.scores(question.points, question.rows)
    assert sum(getattr(key[-1], "function", None) is not None for key in network.compiled) == 1


def test_two_labels_of_one_logit_are_told_apart_at_zero():
    network = Network.of(classifier(L.GRU(3), classes=1, activation=None))
    found = ask(network, [IDS], labels=["against", "for"])
    assert list(found.target.names) == ["for" if each > 0 else "against" for each in found.outputs[:, 0]]


def test_a_network_with_several_outputs_is_refused():
    ids = keras.Input((None,), dtype="int32")
    rows = L.GRU(3)(L.Embedding(9, 4)(ids))
    with pytest.raises(UserError, match="has 2 outputs; explain one of them"):
        ask(Network.of(keras.Model(ids, [L.Dense(2)(rows), L.Dense(1)(rows)])), [IDS])
