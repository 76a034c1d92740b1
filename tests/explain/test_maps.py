"""Maps of networks whose answer is known by hand, and of others by numpy with gradients from central differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from probe.errors import UserError
from probe.explain import explain
from probe.explain.attribution import Attribution
from probe.explain.methods.grad_cam import GradCam
from probe.explain.methods.talentpair import marked, talentpair_strip, window
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.explain.registry import method_of
from probe.model.engine import keras
from probe.render.five_colours import COLOURS

pytestmark = pytest.mark.usefixtures("eager")
L = keras.layers
Array = np.ndarray
# Texts of 9 words: without padding, filled up before, and after.
TEXTS = np.array([[3, 1, 4, 1, 5, 9, 2, 6, 5], [0, 0, 0, 2, 7, 1, 8, 2, 8], [1, 4, 1, 4, 0, 0, 0, 0, 0]])
# Three classes on what a pool makes of six units, or on six units at seven positions.
KERNELS = {size: np.random.default_rng(3).normal(size=(size, 3)) for size in (6, 42)}
BIAS = np.array([0.5, -0.25, 0.125])


def network(middle: list[Any], pool: Any, *, masked: bool = False) -> Any:
    """Return words → embedding of 4 numbers → layers → pool → softmax over three classes."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential([
        keras.Input((9,), dtype="int32"), L.Embedding(10, 4, "normal", mask_zero=masked), *middle, pool,
        L.Dropout(0.5), L.Dense(3, "softmax", name="classes")])
    model.get_layer("classes").set_weights([KERNELS[model.get_layer("classes").kernel.shape[0]], BIAS])
    return model


def two_filters(*, stride: int = 1) -> Any:
    """Return numbers (4, 1) → relu(x), relu(−x) → their means → y0 = a + 0.5, y1 = 2 b − 1."""
    model = keras.Sequential([keras.Input((4, 1)), L.Conv1D(2, 1, stride, activation="relu", name="conv"),
                              L.GlobalAveragePooling1D(), L.Dense(2, name="scores")])
    model.set_weights([np.array([[[1.0, -1.0]]]), np.zeros(2), np.array([[1.0, 0.0], [0.0, 2.0]]),
                       np.array([0.5, -1.0])])
    return model


NUMBERS = np.array([[[3.0], [-1.0], [2.0], [0.0]]])


def found(model: Any, inputs: Array, method: str, *, layer: Any = None, target: Any = 0, output: str = "logits",
          pads: Array | None = None, **options: Any) -> Attribution:
    question = ask(Network.of(model), [inputs], target=target, layer=layer, output=output, pads=pads)
    return method_of(method, options).attribute(question)


def after(model: Any, layer: str, inputs: Array) -> Array:
    """What a layer puts out, as Keras computes it."""
    return np.asarray(keras.Model(model.inputs[0], model.get_layer(layer).output)(inputs), np.float64)


def slopes(score: Callable[[Array], Array], activations: Array) -> Array:
    """∂score/∂activations by central differences; ``score`` makes (B,) of (B, T', K)."""
    step, gradient = 1e-5, np.zeros_like(activations)
    for place in np.ndindex(activations.shape[1:]):
        moved = np.zeros_like(activations)
        moved[:, *place] = step
        gradient[:, *place] = (score(activations + moved) - score(activations - moved)) / (2 * step)
    return gradient


def logit(pooled: Array, target: int) -> Array:
    return np.asarray((pooled @ KERNELS[pooled.shape[1]] + BIAS)[:, target])


def probability(pooled: Array, target: int) -> Array:
    powers = np.exp(pooled @ KERNELS[pooled.shape[1]] + BIAS)
    return np.asarray(powers[:, target] / powers.sum(axis=1))


CASES = {
    "conv1d": ([L.Conv1D(6, 3, activation="relu", name="seen")], L.Flatten(), lambda a: a.reshape(len(a), -1)),
    "strides": ([L.Conv1D(6, 3, 2, "same", activation="tanh", name="seen")], L.GlobalAveragePooling1D(),
                lambda a: a.mean(axis=1)),
    "lstm": ([L.LSTM(6, return_sequences=True, name="seen")], L.GlobalMaxPooling1D(), lambda a: a.max(axis=1)),
    "bidirectional": ([L.Conv1D(3, 2), L.Bidirectional(L.GRU(3, return_sequences=True), name="seen")],
                      L.GlobalAveragePooling1D(), lambda a: a.mean(axis=1)),
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Any, Callable[[Array], Array]]:
    middle, pool, pooled = CASES[request.param]
    return network(middle, pool), pooled


@pytest.mark.parametrize("options", [{}, {"relu": False}, {"relu": False, "counterfactual": True},
                                     {"counterfactual": True}])
def test_grad_cam_is_its_formula(case: tuple[Any, Callable[[Array], Array]], options: dict[str, bool]) -> None:
    model, pooled = case
    activations = after(model, "seen", TEXTS)
    weights = slopes(lambda a: logit(pooled(a), 2), activations).mean(axis=1)
    if options.get("counterfactual"):
        weights = -weights
    expected = (activations * weights[:, None]).sum(axis=2)
    if options.get("relu", True):
        expected = expected.clip(0)
    attribution = found(model, TEXTS, "grad_cam", target=2, **options)
    assert attribution.heatmap == pytest.approx(expected, abs=1e-5)
    assert attribution.tokens.sum(axis=1) == pytest.approx(expected.sum(axis=1), abs=1e-5)
    assert attribution.scores == pytest.approx(logit(pooled(activations), 2), abs=1e-5)


def test_eli5_is_its_formula(case: tuple[Any, Callable[[Array], Array]]) -> None:
    model, pooled = case
    activations = after(model, "seen", TEXTS)
    gradient = slopes(lambda a: probability(pooled(a), 1), activations)
    gradient /= np.sqrt((gradient ** 2).sum(axis=(1, 2), keepdims=True))
    expected = (activations * gradient.mean(axis=1, keepdims=True)).sum(axis=2)
    places = np.linspace(0, 1, expected.shape[1])
    for relu in (True, False):
        attribution = found(model, TEXTS, "eli5", target=1, relu=relu)
        heatmap = expected.clip(0) if relu else expected
        assert attribution.heatmap == pytest.approx(heatmap, abs=1e-5)
        for row, tokens in zip(heatmap, attribution.tokens, strict=True):
            assert tokens == pytest.approx(np.interp(np.linspace(0, 1, 9), places, row), abs=1e-5)
    assert attribution.scored == "probability"
    assert attribution.scores == pytest.approx(probability(pooled(activations), 1), abs=1e-6)


def test_talentpair_is_its_formula(case: tuple[Any, Callable[[Array], Array]]) -> None:
    model, pooled = case
    activations = after(model, "seen", TEXTS)
    gradient = slopes(lambda a: logit(pooled(a), 2), activations).mean(axis=(0, 2))
    expected = np.stack([np.mean([gradient[t] * row[t] for t in range(len(row))], axis=1) for row in activations])
    expected = expected.clip(0)
    expected /= np.where(expected.any(axis=1), expected.max(axis=1), 1.0)[:, None]
    attribution = found(model, TEXTS, "talentpair", target=2)
    assert attribution.heatmap == pytest.approx(expected, abs=1e-3)
    assert "averaged over 3 texts" in " ".join(attribution.notes)


def test_two_filters_by_hand() -> None:
    model = two_filters()
    first, second = found(model, NUMBERS, "grad_cam"), found(model, NUMBERS, "grad_cam", target=1)
    assert first.heatmap.tolist() == [[0.75, 0, 0.5, 0]] == first.tokens.tolist()
    assert second.heatmap.tolist() == [[0, 0.5, 0, 0]]
    for attribution, logit_less_bias in ((first, 1.25), (second, 0.5)):
        assert attribution.check is not None
        assert attribution.check.expected.tolist() == [logit_less_bias] == attribution.check.found.tolist()
    stretched = found(two_filters(stride=2), NUMBERS, "eli5", target=0).tokens[0]
    assert stretched == pytest.approx(np.sqrt(2) * np.array([3 / 2, 4 / 3, 7 / 6, 1]))
    assert found(model, NUMBERS, "eli5", target=0).heatmap[0] == pytest.approx([1.5, 0, 1, 0])


def test_eli5_takes_units_for_positions_and_says_that_this_means_nothing() -> None:
    attribution = found(two_filters(), NUMBERS, "eli5", layer="scores", target=0, relu=False)
    assert attribution.heatmap.tolist() == [[1.75, 0]]
    assert attribution.tokens[0] == pytest.approx([1.75, 1.75 * 2 / 3, 1.75 / 3, 0])
    assert "means nothing" in attribution.notes[0]


def test_eli5_asks_a_single_sigmoid_for_either_side() -> None:
    model = keras.Sequential([keras.Input((4, 1)), L.Conv1D(2, 1, name="conv"), L.GlobalMaxPooling1D(),
                              L.Dense(1, "sigmoid")])
    sides = [method_of("eli5", {"relu": False}).attribute(
        ask(Network.of(model), [NUMBERS], target=side, labels=["bad", "good"])) for side in ("bad", "good")]
    assert sides[0].scores + sides[1].scores == pytest.approx(1)
    assert sides[0].heatmap == pytest.approx(-sides[1].heatmap)
    assert np.abs(sides[0].heatmap).max() > 0.01


def test_talentpair_by_hand() -> None:
    attribution = found(two_filters(), NUMBERS, "talentpair")
    assert attribution.heatmap[0] == pytest.approx([1, 1 / 3, 2 / 3, 0])
    assert attribution.tokens[0] == pytest.approx([1, 1, 2 / 3, 2 / 3])
    assert found(two_filters(), NUMBERS, "talentpair", threshold=0.7).tokens[0].tolist() == [1, 1, 0, 0]
    assert found(two_filters(), NUMBERS, "talentpair", threshold=1.0).tokens[0].tolist() == [0, 0, 0, 0]


def test_the_strip_of_the_article_shows_the_map_and_the_tokens_on_their_colours() -> None:
    rows = L.Embedding(4, 1, weights=[np.array([[0.0], [3.0], [-1.0], [2.0]])])
    model = keras.Sequential([keras.Input((4,), dtype="int32"), rows, *two_filters().layers])
    explanation = explain(model, [1, 2, 3], method="talentpair", target=0, tokens=["a", "b", "c"], pad_value=0)
    strip, words = talentpair_strip(explanation).axes
    assert strip.images[0].get_array().tolist() == [pytest.approx([1, 1 / 3, 2 / 3, 0])]
    assert [text.get_text() for text in words.texts[:4]] == ["a", "b", "c", "blue: above 0.0 to 0.2"]
    assert [to_hex(patch.get_facecolor()) for patch in words.patches[:3]] == [
        COLOURS[name] for name in ("red", "red", "yellow")]


def test_talentpair_keeps_texts_apart_of_which_another_output_is_asked() -> None:
    model = two_filters()
    both = np.concatenate([NUMBERS, -NUMBERS])  # the largest outputs are 0 and 1
    alone = [found(model, each[None], "talentpair", target=None).heatmap[0] for each in both]
    assert found(model, both, "talentpair", target=None).heatmap == pytest.approx(np.stack(alone))


def test_a_window_is_wider_where_the_text_is_long_for_the_layer() -> None:
    assert [window(length, 4) for length in (4, 5, 6, 12)] == [1, 1, 2, 2]
    assert marked(np.array([[0.0, 1.0]]), 6, 0.0).tolist() == [[0, 1, 1, 1, 1, 1]]
    assert marked(np.array([[1.0, 0.0, 0.5]]), 3, 0.0).tolist() == [[1, 1, 0.5]]
    assert marked(np.array([[1.0, 0.0, 0.5]]), 3, 0.5).tolist() == [[1, 1, 0]]


@pytest.mark.parametrize("method", ["grad_cam", "eli5", "talentpair"])
def test_zeros_stay_zeros(method: str) -> None:
    attribution = found(two_filters(), np.zeros((2, 4, 1)), method)
    assert not attribution.heatmap.any()
    assert not attribution.tokens.any()
    model = two_filters()
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    assert not found(model, NUMBERS, method).tokens.any()


def test_a_class_activation_map_has_a_law_and_other_maps_have_none() -> None:
    model = network([L.Conv1D(6, 3, padding="same", activation="relu", name="seen")], L.GlobalAveragePooling1D())
    check = found(model, TEXTS, "grad_cam", target=1).check
    assert check is not None
    pooled = after(model, "seen", TEXTS).mean(axis=1)
    assert check.expected == pytest.approx(pooled @ KERNELS[6][:, 1], abs=1e-5)
    assert check.found == pytest.approx(pooled @ KERNELS[6][:, 1], abs=1e-5)
    assert found(model, TEXTS, "grad_cam", target=1, output="probabilities").check is None
    largest = network([L.Conv1D(6, 3, name="seen")], L.GlobalMaxPooling1D())
    assert found(largest, TEXTS, "grad_cam", target=1).check is None
    masked = network([L.LSTM(6, return_sequences=True)], L.GlobalAveragePooling1D(), masked=True)
    assert found(masked, TEXTS, "grad_cam", target=1).check is None


def test_each_position_weighs_on_the_tokens_that_it_read() -> None:
    model = network([L.Conv1D(6, 3, name="seen")], L.GlobalMaxPooling1D())
    attribution = found(model, TEXTS, "grad_cam", target=1, relu=False)
    expected = np.zeros((3, 9))
    for place in range(7):
        expected[:, place:place + 3] += attribution.heatmap[:, place, None] / 3
    assert attribution.tokens == pytest.approx(expected)
    linear = found(model, TEXTS, "grad_cam", target=1, relu=False, interpolation="linear")
    for row, tokens in zip(linear.heatmap, linear.tokens, strict=True):
        assert tokens == pytest.approx(np.interp(np.arange(9) * 6 / 8, np.arange(7), row))
    assert "stretched evenly over the 9 tokens (linear)" in linear.notes[-1]


def test_what_lies_at_positions_without_a_token_is_told() -> None:
    model = keras.Sequential([keras.Input((2, 1)), L.ZeroPadding1D((1, 0)),
                              L.Conv1D(1, 1, kernel_initializer="ones", bias_initializer="ones", name="conv"),
                              L.GlobalAveragePooling1D(), L.Dense(1, kernel_initializer="ones")])
    attribution = found(model, np.array([[[2.0], [-7.0]]]), "grad_cam", relu=False)  # conv puts out 1, 3, −6
    assert attribution.heatmap[0] == pytest.approx([1 / 3, 1, -2])
    assert attribution.tokens[0] == pytest.approx([1, -2])
    assert attribution.notes[-1].startswith("10.0% of the map lies at positions that saw no token")


def test_numbers_without_an_axis_of_units_are_tokens_too() -> None:
    flat = keras.Sequential([keras.Input((4,)), L.Reshape((4, 1)), *two_filters().layers])
    assert found(flat, NUMBERS[:, :, 0], "grad_cam").tokens.tolist() == [[0.75, 0, 0.5, 0]]


def test_of_two_texts_the_one_that_is_asked_about_is_mapped() -> None:
    encoder = keras.Sequential(two_filters().layers[:1])
    one, other = keras.Input((4, 1)), keras.Input((4, 1))
    pooled = [L.GlobalAveragePooling1D()(encoder(each)) for each in (one, other)]
    model = keras.Model([one, other], L.Dot(1)(pooled))
    second = np.array([[[1.0], [1.0], [-4.0], [0.0]]])  # means 0.5 and 1; the first text's are 1.25 and 0.25
    for which, expected in ((0, [3 * 0.5 / 4, 1 / 4, 2 * 0.5 / 4, 0]), (1, [1.25 / 4, 1.25 / 4, 4 * 0.25 / 4, 0])):
        question = ask(Network.of(model), [NUMBERS, second], which=which)
        assert GradCam().attribute(question).tokens[0] == pytest.approx(expected)


def chosen(model: Any, **options: Any) -> str:
    question = ask(Network.of(model), [TEXTS], **options)
    return question.network.writer[GradCam().layer_of(question)].name


def test_the_last_convolutional_or_recurrent_layer_is_chosen_and_never_a_dense_one() -> None:
    model = network([L.Conv1D(4, 2, name="first"), L.LSTM(4, return_sequences=True, name="last"), L.MaxPooling1D(2),
                     L.Dense(6, name="over_time")], L.GlobalMaxPooling1D())
    assert chosen(model) == "last"
    assert chosen(model, layer="over_time") == "over_time"
    assert chosen(network([L.MaxPooling1D(2, name="pooled"), L.Dense(6)], L.GlobalMaxPooling1D())) == "pooled"
    bag = network([L.Dense(6)], L.GlobalMaxPooling1D())
    assert chosen(bag).startswith("embedding")
    assert "equal tokens get equal weight" in found(bag, TEXTS, "grad_cam").notes[-1]
    assert "last was chosen, the last convolutional or recurrent layer" in found(model, TEXTS, "grad_cam").notes
    assert chosen(network([L.Conv1D(6, 2, name="before")], L.LSTM(6))) == "before"


def test_a_layer_without_time_is_refused_with_those_that_have_it() -> None:
    model = network([L.Conv1D(4, 2, name="first"), L.Dense(6, name="over_time")], L.GlobalMaxPooling1D(name="pool"))
    for layer, kind in (("pool", "GlobalMaxPooling1D"), ("classes", "Dense")):
        with pytest.raises(UserError, match=rf"^grad_cam: layer {layer} \({kind}\) .*: embed\S+, first, over_time$"):
            found(model, TEXTS, "grad_cam", layer=layer, output="probabilities")
    vectors = keras.Sequential([keras.Input((3,)), L.Dense(2)])
    with pytest.raises(UserError, match=r"^talentpair: needs a .* layer with a time axis; \S+ has none"):
        found(vectors, np.ones((1, 3)), "talentpair")
