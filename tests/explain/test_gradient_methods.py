"""Every method that asks for values and gradients, on every architecture, against the same network in float64."""

from functools import cache

import numpy as np
import pytest

from probe.explain import attribute
from probe.explain.attribution import Attribution
from probe.explain.question.network import Network
from tests.explain.networks import (
    BLANK,
    CASES,
    FULL,
    KNOWN,
    LENGTH,
    PAD,
    SECOND,
    WIDTH,
    inputs,
    logits,
    network,
    table_of,
)

TARGET = 1
pytestmark = pytest.mark.usefixtures("eager")


@cache
def found(name: str, method: str, **settings: object) -> Attribution:
    given = inputs(name)
    return attribute(network(name), given if len(given) > 1 else given[0], method=method, target=TARGET, **settings)


def score(name: str, ids: np.ndarray, table: np.ndarray | None = None) -> np.ndarray:
    """(2,) the target of the float64 network."""
    return logits(name, ids, table, SECOND)[:, TARGET] if table is not None else _score(name, ids.tobytes())


@cache
def _score(name: str, ids: bytes) -> np.ndarray:
    return logits(name, np.frombuffer(ids, FULL.dtype).reshape(-1, LENGTH), None, SECOND)[:, TARGET]


def slopes_along(name: str, direction: np.ndarray) -> np.ndarray:
    """(2,) by central differences: how the target moves with the vectors of the tokens."""
    table, ids, reach = table_of(name), KNOWN[name].ids, 1e-6
    return (score(name, ids, table + reach * direction) - score(name, ids, table - reach * direction)) / (2 * reach)


def lost(name: str) -> np.ndarray:
    """(2, LENGTH) what the target of the float64 network loses without each token."""
    ids = CASES[name].ids
    without = np.where(np.eye(LENGTH, dtype=bool)[:, None], BLANK, ids).reshape(-1, LENGTH)  # (place, text)
    scores = logits(name, without, None, np.tile(SECOND, (LENGTH, 1)))[:, TARGET].reshape(LENGTH, 2)
    masked = (ids == 0) & CASES[name].masked  # which no network looks at, and BLANK would be looked at
    return np.where(masked, 0, (score(name, ids) - scores).T)


@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    ids, table = CASES[name].ids, table_of(name)
    slopes = found(name, "smooth_grad", noise=0.0, samples=2).parts[0]
    direction = np.random.default_rng(5).normal(size=table.shape)  # in which every slope has a part
    np.testing.assert_allclose((slopes * direction[ids]).sum(axis=(1, 2)), slopes_along(name, direction),
                               rtol=2e-4, atol=2e-5)
    if CASES[name].masked:
        assert not slopes[ids == 0].any()
    # Batches of other sizes are rounded otherwise: by some units of float32, and by which depends on the processor.
    np.testing.assert_allclose(found(name, "saliency").parts[0], np.abs(slopes), rtol=5e-5, atol=1e-6)
    product = found(name, "gradient_x_input")
    np.testing.assert_allclose(product.parts[0], slopes * table[ids], rtol=5e-5, atol=1e-6)
    np.testing.assert_allclose(product.tokens, (slopes * table[ids]).sum(axis=2), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(product.scores, score(name, ids), rtol=1e-4, atol=1e-5)
    assert product.check is None


@pytest.mark.parametrize("name", CASES)
def test_integrated_gradients_are_complete(name: str) -> None:
    ids, steps = CASES[name].ids, 50 if CASES[name].smooth else 200
    attribution = found(name, "integrated_gradients", steps=steps)
    difference = score(name, ids) - score(name, ids, np.zeros_like(table_of(name)))
    tolerance = 1e-5 if CASES[name].smooth else 2e-2
    np.testing.assert_allclose(attribution.tokens.sum(axis=1), difference, atol=tolerance)
    np.testing.assert_allclose(attribution.check.expected, difference, atol=1e-5)
    np.testing.assert_allclose(attribution.check.found, attribution.tokens.sum(axis=1), atol=1e-12)
    assert np.abs(attribution.check.error).max() <= tolerance


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", ["conv_same", "one_lstm"])
def test_compiled_for_two_cores_the_answers_are_the_same(
        name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probe.explain.question.question.CORES", 2)
    ids, table, made = KNOWN[name].ids, table_of(name), found.__wrapped__
    product = made(name, "gradient_x_input").parts[0]
    direction = np.random.default_rng(5).normal(size=table.shape)
    np.testing.assert_allclose((product * direction[ids]).sum(axis=(1, 2)), slopes_along(name, table * direction),
                               rtol=2e-4, atol=2e-5)
    kinds = {"entrance", "gradients"}
    if name != "one_lstm":  # whose functions take seconds each
        kinds |= {"scores", "line"}
        np.testing.assert_allclose(made(name, "occlusion").tokens, lost(name), rtol=1e-4, atol=1e-5)
        difference = score(name, ids) - score(name, ids, np.zeros_like(table))
        total = made(name, "integrated_gradients", steps=201).tokens.sum(axis=1)
        np.testing.assert_allclose(total, difference, atol=2e-2)
    traced = [key[0] for key, each in Network.of(network(name)).compiled.items()
              if each.experimental_get_tracing_count() and (key[0] == "entrance" or key[-1].shares == 2)]
    assert kinds <= set(traced)


@pytest.mark.parametrize("name", ["max_pooling", "lstm", "branches"])
def test_a_part_of_integrated_gradients_is_its_integral(name: str) -> None:
    """One token's: its own vector moves a little, wherever on the way the whole text is."""
    ids, table, place = CASES[name].ids, table_of(name), 4
    moved, reach = np.zeros_like(table), 1e-6
    moved[ids[0, place]] = table[ids[0, place]]
    nodes, weights = np.polynomial.legendre.leggauss(3)
    total = sum(weight / 2 * (score(name, ids, (node + 1) / 2 * table + reach * moved)
                              - score(name, ids, (node + 1) / 2 * table - reach * moved))[0] / (2 * reach)
                for node, weight in zip(nodes, weights, strict=True))
    np.testing.assert_allclose(found(name, "integrated_gradients", steps=3).tokens[0, place], total, rtol=2e-4,
                               atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_occlusion_is_what_the_score_loses_without_a_token(name: str) -> None:
    np.testing.assert_allclose(found(name, "occlusion").tokens, lost(name), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_shapley_values_are_complete(name: str) -> None:
    ids = CASES[name].ids
    attribution = found(name, "shapley")
    nobody = np.where((ids == 0) & CASES[name].masked, 0, BLANK)
    difference = score(name, ids) - score(name, nobody)
    np.testing.assert_allclose(attribution.tokens.sum(axis=1), difference, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(attribution.check.expected, difference, rtol=1e-4, atol=1e-5)
    assert not attribution.notes


def test_vectors_that_mask_are_a_jump_that_the_check_shows() -> None:
    """Masking looks at the vectors: on the way from zero, padding is padding at the very end alone."""
    ids = np.where(FULL < 3, 0, FULL)
    model, table = network("gru"), table_of("gru")
    against_pads = attribute(model, ids, method="integrated_gradients", target=TARGET,
                             baseline=np.where(ids[..., None] == 0, PAD, 0.0))
    nobody = np.where(ids == 0, 0, BLANK)
    np.testing.assert_allclose(against_pads.check.error, 0, atol=1e-5)
    np.testing.assert_allclose(against_pads.tokens.sum(axis=1), score("gru", ids) - score("gru", nobody), atol=1e-5)
    assert not against_pads.tokens[ids == 0].any() and table[0, 0] == PAD
    assert np.abs(attribute(model, ids, method="integrated_gradients", target=TARGET).check.error).max() > 1e-3


def test_shapes_and_types() -> None:
    for method in ("saliency", "gradient_x_input", "integrated_gradients", "smooth_grad", "occlusion", "shapley"):
        attribution = found("conv_same", method)
        assert attribution.tokens.shape == (2, LENGTH) and attribution.tokens.dtype == np.float64
        for part in attribution.parts:
            assert part.shape == (2, LENGTH, WIDTH) and part.dtype == np.float64
        if attribution.norms is not None:
            np.testing.assert_allclose(attribution.norms, np.sqrt((attribution.parts[0] ** 2).sum(axis=2)))
