"""Faithfulness where it is known: linear networks, whose contributions are exact, and methods that look at nothing."""

import json
import random
from dataclasses import dataclass, replace
from itertools import chain, permutations
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import trapezoid

from probe.errors import UserError
from probe.explain import FaithfulnessOptions, faithfulness
from probe.explain.attribution import Attribution
from probe.explain.method import Method
from probe.explain.methods.gradient_x_input import GradientXInput
from probe.explain.metrics.curves import chance, deletion, insertion, ranks_of
from probe.explain.metrics.infidelity import changes, infidelity
from probe.explain.metrics.randomisation import Twin, randomisation
from probe.explain.metrics.sensitivity import max_sensitivity
from probe.explain.question.network import Network
from probe.explain.question.question import ask
from probe.model.engine import keras
from probe.render import save_figure

pytestmark = pytest.mark.usefixtures("eager")
L = keras.layers
IDS = np.array([[3, 1, 4, 6, 5, 9], [2, 7, 8, 0, 0, 0]])
PADS = IDS == 0
OPTIONS = FaithfulnessOptions(perturbations=40, orders=5, neighbours=4)


@pytest.fixture(scope="module")
def linear():
    """Σ over positions of w_t · x_t, and a bias."""
    draw = np.random.default_rng(2)
    model = keras.Sequential([keras.Input((6,), dtype="int32"), L.Embedding(10, 3), L.Flatten(), L.Dense(1)])
    model.set_weights([draw.normal(size=(10, 3)), draw.normal(size=(18, 1)), np.array([0.7])])
    return model


@pytest.fixture(scope="module")
def question(linear):
    return ask(Network.of(linear), [IDS], target=0, pads=PADS, seed=3)


@pytest.fixture(scope="module")
def exact(linear):
    """(2, 6): what each position contributes, from the weights alone."""
    table, kernel, _ = (weights.astype(np.float64) for weights in linear.get_weights())
    return np.einsum("btd,td->bt", table[IDS], kernel.reshape(6, 3))


@pytest.fixture(scope="module")
def convolved():
    keras.utils.set_random_seed(4)
    ids = keras.Input((None,), dtype="int32")
    x = L.Conv1D(8, 3, padding="same", activation="relu", name="convolution")(L.Embedding(20, 6, name="words")(ids))
    return keras.Model(ids, L.Dense(3, activation="softmax", name="outputs")(L.GlobalMaxPooling1D()(x)))


def explained(about):
    return GradientXInput().attribute(about).tokens


@dataclass(frozen=True)
class Blind(Method):
    """Weights by position, whatever the network."""

    name = words = "blind"

    def attribute(self, question):
        return Attribution(question.scores(question.points, question.rows),
                           np.tile(np.sin(np.arange(question.points[0].shape[1]) + 1.0), (question.size, 1)))


def area(contributions, order, rest, start):
    """Of deletion in an order of the tokens, by hand: each takes its contribution with it."""
    scores = [start + rest + contributions.sum() - contributions[list(order[:count])].sum()
              for count in range(len(order) + 1)]
    return trapezoid(scores, np.linspace(0, 1, len(order) + 1))


@pytest.mark.parametrize(("row", "words"), [(0, 6), (1, 3)])
def test_the_exact_order_has_the_best_areas_of_all_orders(question, exact, row, words):
    rest, tokens = exact[row, words:].sum(), exact[row, :words]
    every = {order: area(tokens, order, rest, 0.7) for order in permutations(range(words))}
    ranks = ranks_of(exact, ~PADS)
    assert deletion(question, ranks, 10).areas[row] == pytest.approx(min(every.values()), abs=1e-5)
    best = area(-tokens, np.argsort(-tokens), rest + tokens.sum(), 0.7)  # comes in, instead of going
    assert insertion(question, ranks, 10).areas[row] == pytest.approx(best, abs=1e-5)
    worst = deletion(question, ranks_of(-exact, ~PADS), 10).areas[row]
    assert worst == pytest.approx(max(every.values()), abs=1e-5)
    by_chance, _ = chance(question, 10, 40)
    areas = np.array([each.areas[row] for each in by_chance])
    assert all(np.isclose(found, list(every.values()), atol=1e-5).any() for found in areas)
    assert len(set(areas.round(5))) > 3


def test_ends_of_curves_and_coarse_steps(question, exact):
    ranks = ranks_of(exact, ~PADS)
    falling, rising = deletion(question, ranks, 2), insertion(question, ranks, 2)
    pads = (exact * PADS).sum(axis=1) + 0.7
    for curves, ends in ((falling, (exact.sum(axis=1) + 0.7, pads)), (rising, (pads, exact.sum(axis=1) + 0.7))):
        np.testing.assert_allclose(curves.scores[:, 0], ends[0], atol=1e-5)
        np.testing.assert_allclose(curves.scores[:, -1], ends[1], atol=1e-5)
        assert curves.shares.shape == (2, 3) and curves.shares[0].tolist() == [0, 0.5, 1]
    assert falling.at(np.array([0.25]))[0, 0] == pytest.approx(falling.scores[0, :2].mean())


def test_ranks_keep_padding_last_and_ties_in_the_order_of_the_text():
    weights, there = np.array([[9.0, 1.0, 2.0, 2.0]]), np.array([[False, True, True, True]])
    assert ranks_of(weights, there).tolist() == [[3, 2, 0, 1]]


@pytest.mark.parametrize("kind", ["runs", "noise"])
def test_infidelity_of_exact_contributions_is_zero(question, exact, kind):
    made = changes(question, replace(OPTIONS, perturbation=kind, longest=1.0))
    assert not made.moved[np.broadcast_to(PADS[:, None], made.moved.shape)].any()
    if kind == "runs":
        assert set(np.unique(made.moved)) == {0.0, 1.0}
        assert (np.abs(np.diff(made.moved, axis=2, prepend=0, append=0)).sum(axis=2) == 2).all()  # one run each
        assert set(made.moved[0].sum(axis=1)) == {1, 2, 3, 4, 5, 6}
    right, double, wrong = (infidelity(factor * exact, made) for factor in (1, 2, -1))
    size = np.square(np.einsum("bnt,bt->bn", made.moved, exact)).mean(axis=1)
    np.testing.assert_allclose(right.plain, 0, atol=1e-10)
    np.testing.assert_allclose(right.nothing, size, rtol=1e-4)
    np.testing.assert_allclose(double.plain, size, rtol=1e-4)
    np.testing.assert_allclose(double.unexplained, 0, atol=1e-8)
    np.testing.assert_allclose(wrong.plain, 4 * size, rtol=1e-4)
    np.testing.assert_allclose(wrong.unexplained, 1)


def test_losses_are_those_of_the_changed_texts(convolved):
    """Against the part of the model behind its embedding, called by Keras."""
    ids = np.array([[5, 3, 8, 1, 12, 7, 4]])
    question = ask(Network.of(convolved), [ids], target=1, output="probabilities", baseline=0.3)
    made = changes(question, replace(OPTIONS, perturbation="noise"))
    behind = keras.Sequential([keras.Input((None, 6)), *convolved.layers[2:]])
    vectors = convolved.layers[1].get_weights()[0][ids[0]]
    moved = vectors - made.moved[0][:, :, None] * (vectors - 0.3)
    lost = np.asarray(behind(vectors[None]))[:, 1] - np.asarray(behind(moved.astype(np.float32)))[:, 1]
    np.testing.assert_allclose(made.losses[0], lost, atol=1e-6)
    assert made.moved.std() == pytest.approx(0.25, abs=0.03)


def test_sensitivity_of_what_does_not_change_is_zero_and_points_stay_in_their_ball(question, linear):
    blind = Blind().attribute(question).tokens
    np.testing.assert_array_equal(max_sensitivity(question, lambda _: blind, blind, OPTIONS), 0)
    seen = []

    def watched(about):
        seen.append(about.points[0] - question.points[0])
        return explained(about)

    weights = explained(question)
    found = max_sensitivity(question, watched, weights, OPTIONS)
    assert len(seen) == OPTIONS.neighbours
    lengths = np.linalg.norm(question.points[0], axis=2)
    reach = OPTIONS.radius * np.array([lengths[row][~PADS[row]].mean() for row in range(2)])
    kernel = linear.get_weights()[1].astype(np.float64).reshape(6, 3)
    largest = np.zeros(2)
    for moved in seen:
        distances = np.linalg.norm(moved, axis=2)
        assert not distances[PADS].any() and (distances[~PADS] > 0).all() and (distances <= reach[:, None]).all()
        largest = np.maximum(largest, np.linalg.norm(np.einsum("btd,td->bt", moved, kernel), axis=1))
    np.testing.assert_allclose(found, largest / np.linalg.norm(np.where(PADS, 0, weights), axis=1), rtol=1e-4)
    nothing = np.zeros((2, 6))
    assert max_sensitivity(question, lambda _: blind, nothing, OPTIONS).tolist() == [np.inf, np.inf]


def test_the_twin_forgets_what_it_is_told_to_and_the_model_keeps_all(convolved):
    before, state = [weights.copy() for weights in convolved.get_weights()], random.getstate()
    twin = Twin.of(Network.of(convolved), 1)
    assert tuple(twin.layers) == ("outputs", "convolution", "words") and random.getstate() == state

    def learnt():
        return [all(np.array_equal(one, other) for one, other in zip(
            layer.get_weights(), convolved.get_layer(name).get_weights(), strict=True))
            for name, layer in twin.layers.items()]

    for stage, expected in ((range(0), [1, 1, 1]), (range(2), [0, 0, 1]), (range(1, 2), [1, 0, 1])):
        twin.randomise(stage)
        assert learnt() == expected
    same, other = Twin.of(Network.of(convolved), 1).drawn, Twin.of(Network.of(convolved), 2).drawn
    for one, two in zip(chain(*twin.drawn), chain(*same), strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(same[0][0], other[0][0])
    for one, two in zip(before, convolved.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_randomisation_finds_who_ignores_the_weights_and_an_interruption_changes_nothing(convolved):
    ids = np.random.default_rng(0).integers(1, 20, (4, 30))
    before, twin = [weights.copy() for weights in convolved.get_weights()], Twin.of(Network.of(convolved), 1)

    def asked(network):
        return ask(network, [ids], target=1)

    question = asked(Network.of(convolved))
    blind = randomisation(question, lambda about: Blind().attribute(about).tokens,
                          Blind().attribute(question).tokens, twin, asked)
    for values in (blind.cascading, blind.independent, blind.cascading_sizes, blind.independent_sizes):
        np.testing.assert_allclose(values, np.ones((3, 4)))
    found = randomisation(question, explained, explained(question), twin, asked)
    assert found.layers == ("outputs", "convolution", "words")
    assert np.abs(found.cascading[-1]).max() < 0.6 and abs(found.cascading[-1].mean()) < 0.3
    np.testing.assert_array_equal(found.cascading[0], found.independent[0])
    assert not np.array_equal(found.cascading[-1], found.independent[-1])

    def interrupted(about):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        randomisation(question, interrupted, explained(question), twin, asked)
    for one, two in zip(before, convolved.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_rank_correlations_are_spearmans_and_of_equal_weights_there_is_none(question):
    one, other = np.array([[3.0, -1, 2, 5, 4, 0]] * 2), np.array([[1.0, 2, -3, 6, 5, 4], [1, 1, 1, 0, 0, 0]])
    twin = SimpleNamespace(network=question.network, layers={"layer": None}, randomise=lambda layers: None)
    found = randomisation(question, lambda _: other, one, twin, lambda _: question)
    ranks, others = np.argsort(np.argsort(one[0])), np.argsort(np.argsort(other[0]))
    assert found.cascading[0, 0] == pytest.approx(1 - 6 * ((ranks - others) ** 2).sum() / (6 * 35))
    ranks, others = np.argsort(np.argsort(np.abs(one[0]))), np.argsort(np.argsort(np.abs(other[0])))
    assert found.cascading_sizes[0, 0] == pytest.approx(1 - 6 * ((ranks - others) ** 2).sum() / (6 * 35))
    assert np.isnan(found.cascading[0, 1])  # three words, all of the same weight


def test_padding_that_the_network_skips_changes_no_measure():
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), L.Embedding(12, 4, mask_zero=True),
                              L.Dense(5, activation="tanh"), L.GlobalAveragePooling1D(), L.Dense(3)])
    found = [faithfulness(model, [ids], methods=["gradient_x_input", "lrp_epsilon"], options=OPTIONS, show=False)
             for ids in (np.array([3, 1, 4, 10, 5]), np.array([3, 1, 4, 10, 5, 0, 0, 0]))]
    assert found[1].tokens.tolist() == [5]
    for bare, padded in zip(found[0].methods, found[1].methods, strict=True):
        for name in ("deletion", "insertion"):
            np.testing.assert_allclose(getattr(padded, name).areas, getattr(bare, name).areas, atol=1e-6)
        np.testing.assert_allclose(padded.infidelity.plain, bare.infidelity.plain, rtol=1e-3, atol=1e-9)
        np.testing.assert_allclose(padded.randomisation.cascading, bare.randomisation.cascading, atol=1e-6)
        assert padded.pad_share.tolist() == [0.0]


def test_the_whole_in_one_call_and_its_views(convolved, tmp_path):
    documents = [np.random.default_rng(seed).integers(1, 20, 9 + 8 * seed) for seed in range(3)]
    before = [weights.copy() for weights in convolved.get_weights()]
    asked = {"methods": ["occlusion", Blind()], "pad_value": 0, "baseline": "pad", "labels": ["a", "b", "c"],
             "target": "b", "options": OPTIONS, "show": False}
    found = faithfulness(convolved, documents, **asked)
    assert all(np.array_equal(one, two) for one, two in zip(before, convolved.get_weights(), strict=True))
    assert found["occlusion"].deletion.areas.mean() < found["blind"].deletion.areas.mean()
    assert found["occlusion"].insertion.areas.mean() > found["blind"].insertion.areas.mean()
    probabilities = np.asarray(convolved(np.pad(documents[0], (0, 16))[None]))[0, 1]
    assert found["occlusion"].deletion.scores[0, 0] == pytest.approx(probabilities, abs=1e-6)
    assert (found.asked, found.scored) == ("logit", "probability")
    assert np.mean(found["blind"].sensitivity) == 0 and found["occlusion"].pad_share.tolist() == [0.0] * 3
    shown = found.to_terminal(200)
    assert "3 documents of 9 to 25 tokens" in shown and "random orders" in shown and shown.count("\n") > 8
    assert "probe-table" in found._repr_html_() and "<script" not in found._repr_html_()
    values = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert values["methods"][0]["method"] == "occlusion" and values["options"]["orders"] == 5
    assert values["methods"][1]["randomisation"]["cascading"] == [[pytest.approx(1.0)] * 3] * 3
    assert len(values["random_orders"]["deletion"]) == 5
    for number, figure in enumerate((found.figure(), found.cascade())):
        assert save_figure(figure, tmp_path / f"{number}.png").stat().st_size > 5_000
        assert [axes.get_title() for axes in figure.axes] == ["occlusion", "blind"]
        words, sheet = figure.get_tightbbox(), figure.get_size_inches()  # one row of panels is low
        assert words.x0 > -0.05 and words.y0 > -0.05 and words.x1 < sheet[0] + 0.05 and words.y1 < sheet[1] + 0.05
    asked |= {"methods": ["occlusion"], "options": replace(OPTIONS, randomise=False)}
    again = faithfulness(convolved, documents, **asked)
    assert again["occlusion"].row[:6] == found["occlusion"].row[:6]
    np.testing.assert_array_equal(again.deletions[4].areas, found.deletions[4].areas)


@pytest.mark.parametrize(("asked", "complaint"), [
    ({"methods": []}, "methods must be a list"), ({"methods": "occlusion"}, "methods must be a list"),
    ({"methods": ["occlussion"]}, "did you mean 'occlusion'"), ({"documents": [np.zeros(4, int)]}, "padding alone"),
    ({"target": 7}, "target must be"),
])
def test_mistakes_are_told(convolved, asked, complaint):
    with pytest.raises(UserError, match=complaint):
        faithfulness(convolved, **{"documents": [np.array([1, 2, 3])], "pad_value": 0, "show": False, **asked})


def test_what_is_no_number_is_nothing_in_json(convolved):
    found = faithfulness(convolved, [np.array([3])], methods=[Blind()], options=OPTIONS, show=False)  # one word
    values = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert values["methods"][0]["randomisation"]["cascading"] == [[None]] * 3
    assert found["blind"].row[6] is None and "–" in found.to_terminal(200)


def test_what_was_refused_or_left_out_is_told(linear):
    def doubled(outputs):
        return 2 * outputs[:, 0]

    found = faithfulness(linear, [IDS[0]], methods=["gradient_x_input", "lrp_epsilon"], target=doubled, show=False,
                         options=replace(OPTIONS, neighbours=0, randomise=False))
    assert list(found.refused) == ["lrp_epsilon"] and "not measured: lrp_epsilon: explains" in found.to_terminal(300)
    with pytest.raises(UserError, match="lrp_epsilon: explains an entry"):
        faithfulness(linear, [IDS[0]], methods=["lrp_epsilon"], target=doubled, show=False)
    assert found["gradient_x_input"].row[5:8] == (None, None, None)
    with pytest.raises(UserError, match="random weights were left out"):
        found.cascade()
