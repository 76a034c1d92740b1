"""Layer-wise relevance propagation: conservation on every layer, and loops written from the papers' equations."""

from typing import Any

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import attribute
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.explain.registry import method_of
from probe.model.engine import keras, tf
from tests.explain.rule_networks import TEXTS, drawn, reader
from tests.explain.toys import perceptron, two_relus

L = keras.layers
# The networks of these tests flatten masked sequences.
pytestmark = [pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask"),
              pytest.mark.usefixtures("eager")]
METHODS = ("lrp_epsilon", "lrp_gamma", "lrp_alpha_beta")


def test_toy_answer_of_the_epsilon_rule_when_biases_absorb_their_share() -> None:
    # Relevance 2 and −1 arrives at the hidden units; of the first, whose sum is 3 − 1, x1 takes 3 and the bias −1.
    found = attribute(two_relus(), np.array([[3.0, 1.0]]), method="lrp_epsilon", target=0)
    np.testing.assert_allclose(found.tokens, [[3, -1]], rtol=2e-6)
    np.testing.assert_allclose(found.check.taken["biases"], [-1], rtol=2e-6)
    np.testing.assert_allclose(found.scores, [1])


def test_equal_shares_go_to_all_inputs_of_a_sum() -> None:
    # The first hidden unit's bias of −1 is shared by two inputs, one of which has no weight there.
    found = attribute(two_relus(), np.array([[3.0, 1.0]]), method="lrp_epsilon", target=0, bias="inputs")
    np.testing.assert_allclose(found.tokens, [[2.5, -1.5]], rtol=2e-6)


def test_alpha_beta_and_its_leak_by_hand() -> None:
    # y = 3·1 − 2·0.5 − 1 = 1: above 0 there is 3 alone, below 0 there are −1 and the bias −1.
    model = perceptron(([[1], [-2], [0]], [-1]))
    found = attribute(model, np.array([[3.0, 0.5, 7.0]]), method="lrp_alpha_beta", target=0, alpha=3.0)
    np.testing.assert_allclose(found.tokens, [[3, -1, 0]])
    np.testing.assert_allclose(found.check.taken["biases"], [-1])
    assert found.check.taken["leak"] == 0 and found.notes == ()
    nobody = attribute(model, np.array([[3.0, -0.5, 7.0]]), method="lrp_alpha_beta", target=0, alpha=3.0,
                       bias="inputs")
    np.testing.assert_allclose(nobody.tokens.sum(), 3.0)  # y = 3 + 1 − 1, and β = 2 goes to the bias, thence to all
    lost = attribute(perceptron(([[1], [2]], [0])), np.array([[3.0, 1.0]]), method="lrp_alpha_beta", target=0,
                     alpha=3.0)
    np.testing.assert_allclose(lost.tokens, [[9, 6]])
    np.testing.assert_allclose(lost.check.taken["leak"], [-10])
    assert "leak" in lost.notes[0]
    assert lost.check.told(0) == ("of the relevance 5, these received: inputs 15, leak -10",)
    nothing = attribute(model, np.array([[0.0, 0.0, 0.0]]), method="lrp_alpha_beta", target=0)
    np.testing.assert_array_equal(nothing.tokens, np.zeros((1, 3)))


def test_gamma_by_hand() -> None:
    # y = 4 − 1 + 1: with γ = 0.5 what is above 0 counts 1.5 times, 6 − 1 + 1.5 = 6.5.
    model = perceptron(([[2], [-1]], [1]))
    found = attribute(model, np.array([[2.0, 1.0]]), method="lrp_gamma", target=0, gamma=0.5, epsilon=0.0)
    np.testing.assert_allclose(found.tokens, [[4 * 6 / 6.5, -4 / 6.5]])
    # y = −4 − 2 + 1 = −5 with inputs below 0: what is below 0 counts 1.5 times.
    under = attribute(model, np.array([[-2.0, 2.0]]), method="lrp_gamma", target=0, gamma=0.5, epsilon=0.0)
    np.testing.assert_allclose(under.tokens, [[-5 * -6 / -8, -5 * -3 / -8]])
    # By weights, −2 · 3 − 2 + 1.5 = −6.5 of the same sum.
    weights = attribute(model, np.array([[-2.0, 2.0]]), method="lrp_gamma", target=0, gamma=0.5, epsilon=0.0,
                        favour="weights")
    np.testing.assert_allclose(weights.tokens, [[-5 * -6 / -6.5, -5 * -2 / -6.5]])
    plain = attribute(model, np.array([[2.0, 1.0]]), method="lrp_gamma", target=0, gamma=0.0, epsilon=0.0)
    np.testing.assert_allclose(plain.tokens, [[4, -1]])


@pytest.mark.parametrize("sign", [1, -1])
def test_epsilon_takes_its_part_on_the_side_of_the_sum(sign: int) -> None:
    found = attribute(perceptron(([[1], [2]], [0])), np.array([[3.0 * sign, 1.0 * sign]]), method="lrp_epsilon",
                      target=0, epsilon=1.0)
    np.testing.assert_allclose(found.tokens, [[sign * 3 * 5 / 6, sign * 2 * 5 / 6]])
    np.testing.assert_allclose(found.check.taken["epsilon"], [sign * 5 / 6])


def test_nothing_over_nothing_is_nothing() -> None:
    model = perceptron(([[1, -1], [0, 0]], [0, 0]), ([[1], [1]], [0]))
    for method in METHODS:
        found = attribute(model, np.zeros((1, 2)), method=method, target=0, epsilon=0.0)
        np.testing.assert_array_equal(found.tokens, np.zeros((1, 2)))


@pytest.mark.parametrize("layers", [
    lambda: (L.Conv1D(5, 3, padding="same", activation="relu"), L.MaxPooling1D(2), L.Flatten(), L.Dense(6, "relu")),
    lambda: (L.Conv1D(5, 2, strides=2, activation="relu"), L.GlobalMaxPooling1D(), L.Dense(6, activation="relu")),
    lambda: (L.Conv1D(5, 2, dilation_rate=2, padding="causal", activation="relu"), L.GlobalAveragePooling1D())])
def test_without_bias_the_epsilon_rule_of_a_relu_network_is_gradient_times_input(layers: Any) -> None:
    # Ancona et al. 2018, proposition 1.
    model = reader(*layers(), biases=False)
    points = tf.constant(model.layers[1](TEXTS))
    with tf.GradientTape() as tape:
        tape.watch(points)
        value = points
        for layer in model.layers[2:]:
            value = layer(value)
        score = value[:, 0]
    wanted = np.asarray(tape.gradient(score, points) * points)
    found = attribute(model, TEXTS, method="lrp_epsilon", target=0, epsilon=1e-12)
    np.testing.assert_allclose(found.parts[0], wanted, atol=1e-5)


@pytest.mark.parametrize("method", ["lrp_epsilon", "lrp_gamma"])
def test_networks_that_compute_the_same_may_get_different_relevance(method: str) -> None:
    # tanh(z) is 2 σ(2 z) − 1, of which the bias −1 takes its part.
    one = perceptron(([[1], [1]], [0]), ([[1]], [0]), activation="tanh")
    other = perceptron(([[2], [2]], [0]), ([[2]], [-1]), activation="sigmoid")
    points = np.array([[0.5, 0.25], [-1.0, 2.0]])
    np.testing.assert_allclose(one(points), other(points), rtol=1e-5)
    ours, theirs = (attribute(model, points, method=method, target=0).tokens for model in (one, other))
    assert np.abs(ours - theirs).max() > 0.5


def test_a_target_that_is_a_probability_or_the_other_side_of_a_sigmoid() -> None:
    network = Network.of(perceptron(([[1], [2]], [0.75]), last="sigmoid"))
    method = method_of("lrp_epsilon", {})
    asked = {"inputs": [np.array([[0.3, -0.4]])], "target": "no", "labels": ("no", "yes")}
    logit = method.attribute(ask(network, **asked))
    np.testing.assert_allclose(logit.scores, [-0.25], rtol=1e-6)
    np.testing.assert_allclose(logit.tokens, [[-0.3, 0.8]], rtol=1e-5)
    likely = method.attribute(ask(network, **asked, output="probabilities"))
    yes = 1 / (1 + np.exp(-0.25))
    np.testing.assert_allclose(likely.scores, [1 - yes], rtol=1e-6)
    np.testing.assert_allclose(likely.tokens, [[-0.3 * yes / 0.25, 0.8 * yes / 0.25]], rtol=1e-5)
    assert "1 − p" in likely.notes[0]


def test_methods_that_a_refusal_names_do_work() -> None:
    model = reader(L.LayerNormalization(name="norm"))
    with pytest.raises(UserError, match="norm") as error:
        attribute(model, TEXTS, method="lrp_epsilon", target=0)
    names = str(error.value).rpartition("methods that work: ")[2].split(", ")
    assert {"integrated_gradients", "occlusion", "grad_cam"} <= set(names)
    for name in names:
        assert attribute(model, TEXTS, method=name, target=0).tokens.any()


def test_what_has_no_rule_is_refused_by_name() -> None:
    for layer, said in ((L.LayerNormalization(name="norm"), "norm (LayerNormalization)"),
                        (L.Conv1D(3, 2, groups=3, name="grouped"), "grouped (Conv1D) with groups"),
                        (L.Bidirectional(L.LSTM(2), merge_mode="mul", name="both"), "both (Bidirectional) multiplies")):
        model = reader(layer)
        with pytest.raises(UserError, match="methods that work: saliency") as error:
            attribute(model, TEXTS, method="lrp_epsilon", target=0)
        assert said in str(error.value)

    class Dense(L.Dense):  # may compute anything
        pass

    with pytest.raises(UserError, match="has no rule"):
        attribute(reader(Dense(3, name="own")), TEXTS, method="lrp_epsilon", target=0)
    ids, seen = keras.Input((7,), dtype="int32"), keras.Input((7,), dtype="bool")
    told = keras.Model([ids, seen], L.Dense(2)(L.GRU(2, name="told")(L.Embedding(9, 3)(ids), mask=seen)))
    with pytest.raises(UserError, match=r"told \(GRU\) that is called with a mask"):
        attribute(told, [TEXTS, TEXTS > 0], method="lrp_epsilon", target=0)
    with pytest.raises(UserError, match="function of the outputs"):
        attribute(two_relus(), np.array([[3.0, 1.0]]), method="lrp_epsilon", target=lambda outputs: outputs[:, 0])


def test_other_inputs_and_an_initial_state_are_parts_of_their_own() -> None:
    ids, state, extra = keras.Input((7,), dtype="int32"), keras.Input((4,)), keras.Input((2,))
    hidden = L.LSTM(4)(L.Embedding(9, 3, mask_zero=True)(ids), initial_state=[state, L.Dense(4)(state)])
    model = drawn(keras.Model([ids, state, extra], L.Dense(2)(L.Concatenate()([hidden, extra]))))
    random = np.random.default_rng(0)
    given = [TEXTS, random.normal(size=(4, 4)), random.normal(size=(4, 2))]
    found = attribute(model, given, method="lrp_epsilon", target=1)
    taken = found.check.taken
    np.testing.assert_allclose(taken["other inputs"], given[2] @ model.layers[-1].get_weights()[0][4:, 1], rtol=1e-5)
    assert (np.abs(taken["initial state"]) > 1e-6).all()
    np.testing.assert_allclose(sum(taken.values()), np.asarray(model(given))[:, 1], rtol=1e-5)


def test_masks_of_another_input_hold() -> None:
    first, second = (keras.Input((7,), dtype="int32") for _ in range(2))
    joined = L.Concatenate(axis=1)([L.Embedding(9, 3, mask_zero=True)(value) for value in (first, second)])
    model = drawn(keras.Model([first, second], L.Dense(2)(L.LSTM(3)(joined))))
    found = attribute(model, [TEXTS, TEXTS[::-1]], method="lrp_epsilon", target=1)
    np.testing.assert_allclose(found.scores, np.asarray(model([TEXTS, TEXTS[::-1]]))[:, 1], rtol=1e-5)
    assert (found.check.taken["other inputs"] != 0).all()
    np.testing.assert_allclose(found.check.error, 0, atol=1e-9)


def test_it_agrees_with_captum() -> None:
    captum, torch = pytest.importorskip("captum.attr"), pytest.importorskip("torch")
    rules = pytest.importorskip("captum.attr._utils.lrp_rules")
    random = np.random.default_rng(1)
    shapes = ((6, 8), (8, 5), (5, 3))
    points = random.integers(-99, 99, (4, 6)) / 64
    for rule, given, method, biased in (
            (rules.EpsilonRule, points, method_of("lrp_epsilon", {"epsilon": 1e-9}), 1.0),
            (rules.GammaRule, points, method_of("lrp_gamma", {"epsilon": 1e-9, "favour": "weights"}), 0.0),
            (rules.Alpha1_Beta0_Rule, np.abs(points), method_of("lrp_alpha_beta", {"alpha": 1.0}), 0.0)):
        weights = [(random.integers(-99, 99, shape) / 64, biased * random.integers(-99, 99, shape[1]) / 64)
                   for shape in shapes]
        layers: list[Any] = []
        for kernel, bias in weights:
            layer = torch.nn.Linear(*kernel.shape).double()
            layer.weight.data, layer.bias.data = torch.tensor(kernel.T.copy()), torch.tensor(bias)
            layer.rule = rule()
            layers += [layer, torch.nn.ReLU()]
        wanted = captum.LRP(torch.nn.Sequential(*layers[:-1])).attribute(torch.tensor(given), target=1)
        found = attribute(perceptron(*weights), given, method=method, target=1)
        np.testing.assert_allclose(found.tokens, wanted.detach().numpy(), rtol=1e-6, atol=1e-7)
