"""Published toy cases, small games, and what does not depend on how a function is written as a network."""

from itertools import permutations

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain import attribute
from probe.explain.methods.occlusion import Occlusion
from probe.explain.methods.quadrature import QUADRATURES
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.model.engine import keras
from tests.explain.toys import chain, dense, minimum, two_relus, two_relus_unrolled

pytestmark = pytest.mark.usefixtures("eager")
X = np.array([[3.0, 1.0]])


@pytest.mark.parametrize(("method", "answer"), [
    ("saliency", (1, 1)), ("gradient_x_input", (3, -1)), ("integrated_gradients", (1.5, -0.5)),
    ("occlusion", (1, -1)), ("shapley", (1.5, -0.5)),
])
def test_two_relus(method: str, answer: tuple[float, float]) -> None:
    found = attribute(two_relus(), X, method=method, target=0)
    np.testing.assert_allclose(found.tokens, [answer], atol=1e-6)
    assert found.scores == [1.0]


def test_shapley_of_the_minimum() -> None:
    found = attribute(minimum(), np.array([[4.0, 2.0]]), method="shapley", target=0)
    np.testing.assert_allclose(found.tokens, [[1, 1]], atol=1e-7)


def game(players: np.ndarray) -> np.ndarray:
    """(R,) a function with interactions of 4 numbers (R, 4)."""
    hidden = np.maximum(players @ KERNEL + BIAS, 0)
    return hidden @ OUT


draw = np.random.default_rng(3)
KERNEL, BIAS, OUT = draw.normal(size=(4, 6)), draw.normal(size=6), draw.normal(size=6)


def test_shapley_against_every_order_of_players() -> None:
    model = chain(4, [dense(KERNEL, BIAS, "relu"), dense(OUT[:, None])])
    x, base = np.array([[1.0, -2.0, 0.5, 3.0], [2.0, 0.1, -1.0, 0.4]]), np.array([[0.3, 0.1, 0.5, -1.0]])
    wanted = np.zeros_like(x)
    for order in permutations(range(4)):
        now = np.repeat(base, 2, axis=0)
        for player in order:
            before = game(now)
            now[:, player] = x[:, player]
            wanted[:, player] += (game(now) - before) / 24
    found = attribute(model, x, method="shapley", target=0, baseline=base)
    np.testing.assert_allclose(found.tokens, wanted, atol=1e-5)
    assert found.tokens[0, 2] == 0  # equal to the baseline
    sampled = attribute(model, x, method="shapley", target=0, baseline=base, exact=0, samples=2001)
    np.testing.assert_allclose(sampled.tokens, wanted, atol=0.1)
    np.testing.assert_allclose(sampled.check.error, 0, atol=1e-5)
    error = float(sampled.notes[0].split()[-1])
    assert 0 < error < 0.05 and np.abs(sampled.tokens - wanted).max() < 4 * error
    again = attribute(model, x[1:], method="shapley", target=0, baseline=base, exact=0, samples=2001)
    np.testing.assert_allclose(again.tokens[0], sampled.tokens[1], atol=1e-6)  # whoever stands beside it


def test_orders_come_in_pairs() -> None:
    """Where players work together two by two, an order and its reverse know all."""
    numbers = keras.Input((4,))
    product = keras.layers.Multiply()([dense(KERNEL[:, :1])(numbers), dense(KERNEL[:, 1:2])(numbers)])
    model, x = keras.Model(numbers, product), np.array([[1.0, -2.0, 0.5, 3.0]])
    exact = attribute(model, x, method="shapley", target=0).tokens
    np.testing.assert_allclose(attribute(model, x, method="shapley", target=0, exact=0, samples=2, seed=9).tokens,
                               exact, atol=1e-5)
    alone = attribute(model, x, method="shapley", target=0, exact=0, samples=1, seed=9)
    assert np.abs(alone.tokens - exact).max() > 0.1
    assert alone.notes == ("from 1 orders of the tokens, too few to tell their standard error",)


def test_pads_may_stay_out_of_the_game() -> None:
    ids = keras.Input((4,), dtype="int32")
    vectors = keras.layers.Embedding(6, 2)(ids)
    model = keras.Model(ids, dense(OUT[:1, None])(dense(KERNEL[:, :1], activation="tanh")(keras.layers.Dense(4)(
        keras.layers.GlobalMaxPooling1D()(vectors)))))
    model.layers[1].set_weights([np.random.default_rng(1).normal(size=(6, 2))])
    text = np.array([[3, 4, 0, 0]])
    network = Network.of(model)
    question = ask(network, [text], target=0, pads=text == 0, pad_value=0)
    from probe.explain.methods.shapley import Shapley

    plays, stays = Shapley().attribute(question), Shapley(pads_play=False).attribute(question)
    assert plays.tokens[0, 2] != 0 and not stays.tokens[0, 2:].any()
    kept = question.points[0].copy()
    kept[:, :2] = 0
    difference = question.scores(question.points, np.array([0])) - question.scores((kept,), np.array([0]))
    np.testing.assert_allclose(stays.tokens.sum(axis=1), difference, atol=1e-6)
    np.testing.assert_allclose(stays.check.expected, difference, atol=1e-6)
    against = Shapley(exact=3).attribute(ask(network, [text], target=0, pads=text == 0, pad_value=0, baseline="pad"))
    assert not against.tokens[0, 2:].any() and not against.notes  # two players: exact
    np.testing.assert_allclose(against.check.error, 0, atol=1e-6)


@pytest.mark.parametrize("method", ["saliency", "gradient_x_input", "integrated_gradients", "smooth_grad", "occlusion",
                                    "shapley"])
def test_the_same_function_is_explained_the_same(method: str) -> None:
    points = np.array([[3.0, 1.0], [2.5, 0.3], [0.2, 1.0]])
    one = attribute(two_relus(), points, method=method, target=0)
    other = attribute(two_relus_unrolled(), points, method=method, target=0)
    np.testing.assert_allclose(one.tokens, other.tokens, atol=1e-6)
    assert one.tokens.any()


def test_occlusion_shares_a_window_among_its_tokens() -> None:
    model = chain(5, [dense(np.array([[1], [2], [4], [8], [16]]))])
    found = attribute(model, np.ones((1, 5)), method="occlusion", target=0, window=2, step=2)
    np.testing.assert_allclose(found.tokens, [[1.5, 1.5, 6, 6, 16]])  # the last window has one token
    found = attribute(model, np.ones((1, 5)), method="occlusion", target=0, window=2)
    np.testing.assert_allclose(found.tokens, [[1.5, 2.25, 4.5, 9, 12]])  # the mean of two windows' shares
    found = attribute(model, np.ones((1, 5)), method="occlusion", target=0, window=9, baseline=0.5)
    np.testing.assert_allclose(found.tokens, np.full((1, 5), 3.1))
    with pytest.raises(UserError, match="step must be at most the window, 2, or tokens are left out; received 3"):
        attribute(model, np.ones((1, 5)), method=Occlusion(window=2, step=3), target=0)


def test_smooth_grad_is_a_mean_over_noise() -> None:
    """∂x²/∂x = 2x: the mean gradient is 2x and scatters as the noise does; that of relu(x) is Φ(x/σ)."""
    numbers = keras.Input((2,))
    model = keras.Model(numbers, dense([[1], [1]])(keras.layers.Multiply()([numbers, numbers])))
    x, samples, noise = np.array([[3.0, -1.0]]), 4000, 0.5
    found = attribute(model, x, method="smooth_grad", target=0, samples=samples, noise=noise)
    deviation = 2 * noise * 4 / np.sqrt(samples)  # the range of the numbers is 4
    off = np.abs(found.tokens - 2 * x)
    assert off.max() < 5 * deviation and off.max() > deviation / 1000
    product = attribute(model, x, method="smooth_grad", target=0, samples=samples, noise=noise, times_input=True)
    np.testing.assert_allclose(product.tokens, found.tokens * x)
    assert not np.allclose(found.tokens, attribute(model, x, method="smooth_grad", target=0, samples=samples,
                                                   noise=noise, seed=1).tokens)
    corner = chain(2, [dense(np.eye(2), activation="relu"), dense([[1], [0]])])
    mean = attribute(corner, np.array([[0.0, 1.0]]), method="smooth_grad", target=0, samples=4000, noise=1.0)
    np.testing.assert_allclose(mean.tokens, [[0.5, 0]], atol=0.05)


@pytest.mark.parametrize("name", QUADRATURES)
def test_quadratures(name: str) -> None:
    nodes, weights = QUADRATURES[name](8)
    assert nodes.min() >= 0 and nodes.max() <= 1 and nodes.dtype == weights.dtype == np.float64
    np.testing.assert_allclose(weights.sum(), 1)
    exact = {"gauss_legendre": 15, "riemann_right": 0, "riemann_left": 0, "riemann_middle": 1, "trapezoid": 1}[name]
    errors = [abs((weights * nodes ** degree).sum() - 1 / (degree + 1)) for degree in range(exact + 2)]
    assert max(errors[:-1]) < 1e-14 < errors[-1]
    assert (nodes[-1] == 1) == (name in ("riemann_right", "trapezoid"))
    assert (nodes[0] == 0) == (name in ("riemann_left", "trapezoid"))


@pytest.mark.usefixtures("compiled")
def test_a_second_call_compiles_nothing() -> None:
    traced = []

    class Counted(keras.layers.Layer):
        def call(self, values):
            traced.append(1)
            return keras.ops.tanh(values)

        def compute_output_shape(self, shape):
            return shape

    model = chain(3, [dense(np.ones((3, 2))), Counted(), dense(np.ones((2, 2)))])
    x = np.array([[1.0, 2.0, 3.0], [0.1, 0.2, 0.3]])
    attribute(model, x, method="integrated_gradients", target=0)
    compiled = {key: each.experimental_get_tracing_count() for key, each in Network.of(model).compiled.items()}
    traced.clear()
    attribute(model, x + 1, method="integrated_gradients", target=1)
    after = {key: each.experimental_get_tracing_count() for key, each in Network.of(model).compiled.items()}
    assert after == compiled and set(after.values()) == {1}
    assert traced == []


def test_long_ways_are_walked_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = attribute(two_relus(), X, method="integrated_gradients", target=0).tokens
    monkeypatch.setattr("probe.explain.methods.path.AT_ONCE", 6)
    np.testing.assert_allclose(attribute(two_relus(), X, method="integrated_gradients", target=0).tokens, whole)
    np.testing.assert_allclose(attribute(two_relus(), X, method="occlusion", target=0).tokens, [[1, -1]])
    found = attribute(two_relus(), X, method="shapley", target=0, exact=0, samples=5)
    np.testing.assert_allclose(found.check.error, 0, atol=1e-7)
    found = attribute(two_relus(), X, method="smooth_grad", target=0, samples=7)
    np.testing.assert_allclose(found.tokens, [[1, -1]], atol=1e-6)
    monkeypatch.setattr("probe.explain.methods.path.AT_ONCE", 2000)  # 2001 orders in some twenty stretches
    test_shapley_against_every_order_of_players()
