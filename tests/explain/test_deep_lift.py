"""DeepLIFT by hand, against gradients of linear networks, and where it refuses."""

from typing import Any

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import attribute
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.explain.registry import method_of
from probe.model.engine import keras
from tests.explain.rule_networks import TEXTS, drawn, reader
from tests.explain.toys import perceptron, two_relus

pytestmark = pytest.mark.usefixtures("eager")
L = keras.layers


def series(*layers: Any) -> Any:
    """Return one number a step (B, T, 1) → layers."""
    inputs = value = keras.Input((None, 1))
    for layer in layers:
        value = layer(value)
    return keras.Model(inputs, value)


def steps(model: Any, text: list[float], baseline: list[float], target: int = 0, **settings: Any) -> np.ndarray:
    found = attribute(model, np.array(text)[None, :, None], method="deep_lift", target=target,
                      baseline=np.array(baseline)[:, None], **settings)
    return found.tokens[0]


def test_toy_answer() -> None:
    found = attribute(two_relus(), np.array([[3.0, 1.0]]), method="deep_lift", target=0)
    np.testing.assert_allclose(found.tokens, [[2, -1]])
    np.testing.assert_allclose(found.check.expected, [1])


def test_the_other_side_of_a_sigmoid_is_the_negative() -> None:
    asked = ask(Network.of(perceptron(([[1], [2]], [0.75]), last="sigmoid")), [np.array([[0.5, -0.25]])], target="no",
                labels=("no", "yes"))
    np.testing.assert_allclose(method_of("deep_lift", {}).attribute(asked).tokens, [[-0.5, 0.5]])


def test_of_a_linear_network_it_is_the_gradient_times_the_difference() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(size=(3, 4)), random.normal(size=(4, 2))
    model = perceptron((first, random.normal(size=4)), (second, random.normal(size=2)), activation="linear")
    inputs, baseline = random.normal(size=(5, 3)), random.normal(size=3)
    found = attribute(model, inputs, method="deep_lift", target=1, baseline=baseline)
    np.testing.assert_allclose(found.tokens, (inputs - baseline) * (first @ second)[:, 1], rtol=1e-5, atol=1e-6)


def test_an_activation_that_does_not_change_passes_its_slope() -> None:
    # tanh(x1 − x2) at (1, 1) against (0, 0): the sum stays 0, where tanh has slope 1.
    model = perceptron(([[1], [-1]], [0]), ([[1]], [0]), activation="tanh")
    found = attribute(model, np.array([[1.0, 1.0]]), method="deep_lift", target=0)
    np.testing.assert_allclose(found.tokens, [[1, -1]])


def test_a_maximum_that_moves_is_told_in_full_by_its_largest_entry() -> None:
    pool = series(L.GlobalMaxPooling1D())
    # It rises from 3 at the first step to 5 at the last, which itself rose by 4, or by 1.
    np.testing.assert_allclose(steps(pool, [2, 0, 5], [3, 0, 1]), [0, 0, 2])
    # It falls from 5 at the last step to 3 at the first: what was the largest takes it.
    np.testing.assert_allclose(steps(pool, [3, 0, 1], [2, 0, 5]), [0, 0, -2])
    np.testing.assert_allclose(steps(pool, [4, 4, 0], [0, 2, 0]), [1, 1, 0])  # equals share
    np.testing.assert_allclose(steps(pool, [3, 0, 1], [1, 0, 3]), [0, 0, 0])
    windows = series(L.MaxPooling1D(2, strides=1), L.Flatten())
    text, base = [2.0, 0.0, 5.0], [3.0, 0.0, 1.0]
    np.testing.assert_allclose(steps(windows, text, base, target=0), [-1, 0, 0])
    np.testing.assert_allclose(steps(windows, text, base, target=1), [0, 0, 4])
    np.testing.assert_allclose(steps(windows, [0, 2, 0], [5, 0, 0], target=0), [-3, 0, 0])
    np.testing.assert_allclose(steps(windows, [4, 4, 0], [0, 0, 0], target=0), [4, 0, 0])  # the first of equals


@pytest.mark.parametrize("pool", [L.GlobalMaxPooling1D(), L.MaxPooling1D(1)])
def test_a_maximum_that_does_not_change_passes_on_to_its_largest_entry(pool: Any) -> None:
    # x1 − x2 at (1, 1) against (0, 0): the entry stays 0, and its parts cancel.
    inputs = keras.Input((1, 2))
    model = keras.Model(inputs, pool(L.Dense(1, name="difference")(inputs)))
    model.get_layer("difference").set_weights([np.array([[1.0], [-1.0]]), np.zeros(1)])
    found = attribute(model, np.array([[[1.0, 1.0]]]), method="deep_lift", target=0)
    np.testing.assert_allclose(found.parts[0], [[[1, -1]]])


def test_a_softmax_is_told_in_full_and_no_entry_favours_itself() -> None:
    model = perceptron((np.eye(3), np.zeros(3)), last="softmax")
    found = attribute(model, np.array([[1.0, 1.0, -2.0]]), method="deep_lift", target=0, output="probabilities")
    likely = np.exp([1, 1, -2]) / np.exp([1, 1, -2]).sum()
    np.testing.assert_allclose(found.tokens.sum(), likely[0] - 1 / 3, rtol=1e-6)
    assert found.tokens[0, 0] > 0 > found.tokens[0, 1] and found.tokens[0, 2] > 0
    # For a small difference it is the gradient.
    small = attribute(model, np.array([[1e-4, 2e-4, 0.0]]), method="deep_lift", target=0, output="probabilities")
    np.testing.assert_allclose(small.tokens, [[1e-4 * 2 / 9, -2e-4 / 9, 0]], rtol=1e-3, atol=1e-12)


def test_networks_that_compute_the_same_may_get_different_contributions() -> None:
    # relu(relu(x1) − 1 − relu(x2)) is the toy network's function (Sundararajan et al. 2017, figure 7).
    other = perceptron((np.eye(2), [0, 0]), ([[1], [-1]], [-1]), last="relu")
    grid = np.stack(np.meshgrid(np.linspace(-3, 3, 7), np.linspace(-3, 3, 7)), axis=-1).reshape(-1, 2)
    np.testing.assert_array_equal(other(grid), two_relus()(grid))
    found = attribute(other, np.array([[3.0, 1.0]]), method="deep_lift", target=0)
    np.testing.assert_allclose(found.tokens, [[1.5, -0.5]])


def test_products_in_halves_are_the_shapley_values_of_two_players() -> None:
    first, second = keras.Input((1,)), keras.Input((1,))
    model = keras.Model([first, second], L.Multiply()([first, second]))
    given = [np.array([[3.0]]), np.array([[5.0]])]
    with pytest.raises(UserError, match=r"Multiply\) multiplies signals, which takes products=\"halves\""):
        attribute(model, given, method="deep_lift", target=0)
    found = attribute(model, given, method="deep_lift", target=0, products="halves", baseline=1.0)
    np.testing.assert_allclose(found.tokens, [[(3 - 1) * 5]])  # the other factor does not change
    inputs = keras.Input((2,))
    split = [L.Dense(1, use_bias=False)(inputs) for _ in range(2)]
    joined = keras.Model(inputs, L.Multiply()(split))
    for layer, kernel in zip(joined.layers[1:3], ([[1.0], [0.0]], [[0.0], [1.0]]), strict=True):
        layer.set_weights([np.array(kernel)])
    found = attribute(joined, np.array([[3.0, 5.0]]), method="deep_lift", target=0, products="halves",
                      baseline=np.array([1.0, 2.0]))
    np.testing.assert_allclose(found.tokens, [[(3 - 1) * (5 + 2) / 2, (5 - 2) * (3 + 1) / 2]])
    assert "halves" in found.notes[0]


@pytest.mark.parametrize("layer", [L.LSTM(2, name="rec"), L.GRU(2, name="rec"), L.Bidirectional(L.LSTM(2), name="rec"),
                                   L.Bidirectional(L.SimpleRNN(2), merge_mode="mul", name="rec")])
def test_recurrent_products_are_refused_by_name_unless_they_are_switched_on(layer: Any) -> None:
    model = reader(layer)
    with pytest.raises(UserError, match=r"deep_lift: layer rec \(\w+\) multiplies .*; methods that work: saliency"
                       ) as error:
        attribute(model, TEXTS, method="deep_lift", target=0)
    assert "\n" not in str(error.value)
    found = attribute(model, TEXTS, method="deep_lift", target=0, products="halves")
    np.testing.assert_allclose(found.check.error, 0, atol=1e-9)


def test_one_step_of_an_lstm_in_halves_by_hand() -> None:
    layer = L.LSTM(1)
    model = drawn(series(layer))
    kernel, _, bias = (np.asarray(each, float) for each in layer.get_weights())
    x, y = 0.8, -0.3  # with one input, its contribution must be the whole difference

    def state(value: float) -> float:
        i, _, g, o = value * kernel[0] + bias
        return float(np.tanh(np.tanh(g) / (1 + np.exp(-i))) / (1 + np.exp(-o)))

    np.testing.assert_allclose(steps(model, [x], [y], products="halves"), [state(x) - state(y)], rtol=1e-6)


def test_a_baseline_that_would_be_masked_otherwise_is_told() -> None:
    model = drawn(series(L.Masking(), L.SimpleRNN(2)))
    found = attribute(model, np.array([[[1.0], [2.0], [0.0]]]), method="deep_lift", target=0)
    assert "masked where the example is" in found.notes[0]
    np.testing.assert_allclose(found.check.error, 0, atol=1e-12)
    assert found.tokens[0, 2] == 0
    there = attribute(model, np.array([[[1.0], [2.0], [0.0]]]), method="deep_lift", target=0,
                      baseline=np.array([[0.5], [0.5], [0.0]]))
    assert there.notes == ()
