"""The padding question: where weight on padding comes from, and each remedy, on 27 words in 150 tokens."""

import io
import re
import runpy
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from probe.explain import explain
from probe.model.engine import keras

pytestmark = pytest.mark.usefixtures("eager")
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "padding.py"
AGAINST_A_BASELINE = ("integrated_gradients", "deep_lift", "occlusion", "shapley")
WITHOUT_ONE = ("saliency", "smooth_grad", "gradient_x_input", "lrp_epsilon", "lrp_gamma", "lrp_alpha_beta", "grad_cam",
               "eli5")


@pytest.fixture(scope="module")
def script(eager, tmp_path_factory):
    """What the script's names stand for after it has run; what it printed; its picture."""
    picture, printed = tmp_path_factory.mktemp("padding") / "padding.png", io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr(sys, "argv", [str(SCRIPT), str(picture)])
        names = runpy.run_path(str(SCRIPT), run_name="__main__")
    return SimpleNamespace(**names, printed=printed.getvalue(), picture=picture)


@pytest.fixture(scope="module")
def usual(script):
    return script.usual


@pytest.fixture(scope="module")
def explained(script):
    """The explanation of the usual network by a method with options; the script's own where it has made it."""
    anew = cache(lambda method, **options: script.explained(script.usual, method, **options))

    def once(method, **options):
        if method in script.found and options in ({}, {"baseline": "pad"}):
            return script.found[method][len(options)]
        return anew(method, **options)

    return once


def seen_by_maxima(model, ids):
    """Positions that the first maximum of any pooling window has seen, where it is above 0: from the weights alone."""
    table, kernel, bias = model.get_weights()[:3]
    vectors = table[ids]
    outputs = np.stack([np.einsum("wd,wdk->k", vectors[t:t + 3], kernel) + bias for t in range(len(ids) - 2)])
    seen = set()
    for start in range(0, len(outputs) - 4, 5):
        window = outputs[start:start + 5]
        for unit in np.flatnonzero(window.max(axis=0) > 0):
            first = start + int(np.flatnonzero(np.isclose(window[:, unit], window[:, unit].max(), rtol=1e-6))[0])
            seen |= {first, first + 1, first + 2}
    return seen


def test_weight_behind_the_text_comes_in_groups_of_three_every_five_positions(explained, usual):
    found = explained("gradient_x_input")
    ids = np.zeros(150, int)
    ids[:27] = np.random.default_rng(1).integers(1, 100, 27)
    assert found.pads.tolist() == [False] * 27 + [True] * 123
    weighted = set(np.flatnonzero(found.weights).tolist())
    assert weighted == seen_by_maxima(usual, ids)
    assert {place for place in weighted if place >= 30} == {5 * k + r for k in range(6, 29) for r in range(3)}
    assert len(weighted) == 99
    assert found.pad_share == pytest.approx(np.abs(found.weights[27:]).sum() / np.abs(found.weights).sum())
    assert 0.7 < found.pad_share < 0.8


@pytest.mark.parametrize("method", AGAINST_A_BASELINE)
def test_against_the_pad_padding_is_zero_by_construction(explained, usual, method):
    found = explained(method, baseline="pad")
    assert not found.weights[27:].any() and found.weights[:27].any() and found.pad_share == 0
    assert explained(method).pad_share > 0.6
    if method != "occlusion":
        logits = keras.Model(usual.inputs[0], usual.layers[-2].output)  # what goes into the last layer
        kernel, bias = usual.layers[-1].get_weights()
        ids = np.zeros((2, 150), int)
        ids[0, :27] = np.random.default_rng(1).integers(1, 100, 27)
        here, alone = (np.asarray(logits(ids), np.float64) @ kernel + bias)[:, 1]
        assert found.weights.sum() == pytest.approx(here - alone, abs=2e-3)


@pytest.mark.parametrize("method", WITHOUT_ONE)
def test_the_baseline_plays_no_part_in_the_others(explained, method):
    found, against_pad = explained(method), explained(method, baseline="pad")
    np.testing.assert_array_equal(against_pad.weights, found.weights)
    assert found.pad_share > 0.3


def test_gradient_times_the_difference_is_one_step_of_integrated_gradients(script, explained, usual):
    table = usual.get_weights()[0].astype(np.float64)
    found = explained("integrated_gradients", baseline="pad", steps=1, quadrature="riemann_right")
    product = explained("gradient_x_input")
    shifted = script.network()
    shifted.layers[0].embeddings.assign(table - table[0])  # x − x′ at the embedding, and x′ put back by the bias
    kernel, bias = shifted.layers[1].get_weights()
    shifted.layers[1].set_weights([kernel, bias + np.einsum("d,wdk->k", table[0], kernel.astype(np.float64))])
    np.testing.assert_allclose(found.weights, script.explained(shifted, "gradient_x_input").weights, atol=2e-6)
    assert np.abs(found.weights - product.weights).max() > 1e-3


@pytest.mark.parametrize("method", ["gradient_x_input", "saliency"])
def test_masked_attribution_is_zero_there_and_tells_the_former_share(explained, method):
    reported, masked = explained(method), explained(method, pads="mask")
    assert not masked.weights[27:].any() and masked.pads_masked and not reported.pads_masked
    np.testing.assert_array_equal(masked.weights[:27], reported.weights[:27])
    assert masked.pad_share == reported.pad_share > 0.5
    share = f"{100 * reported.pad_share:.1f} %"
    assert f"their weights were set to zero, {share}" in " ".join(masked.to_terminal(200, "none").split())
    assert share in reported.to_terminal(200, "none")


def test_a_zero_pad_row_helps_what_multiplies_by_the_input_and_what_measures_from_zero(script):
    assert not script.zero.get_weights()[0][0].any()
    zero = {method: three[2] for method, three in script.found.items()}
    for method in (*AGAINST_A_BASELINE, "gradient_x_input", "lrp_epsilon"):
        assert zero[method].weights[:27].any() and not zero[method].weights[27:].any(), method
    for method in ("saliency", "grad_cam"):
        assert zero[method].pad_share > 0.6, method


def test_a_mask_helps_all_methods_but_maps():
    keras.utils.set_random_seed(6)
    layers = keras.layers
    model = keras.Sequential([keras.Input((9,), dtype="int32"), layers.Embedding(20, 4, mask_zero=True),
                              layers.LSTM(5), layers.Dense(2)])
    for method in (*AGAINST_A_BASELINE, "gradient_x_input", "saliency", "lrp_epsilon"):
        settings = {"products": "halves"} if method == "deep_lift" else {}
        found = explain(model, [3, 7, 1, 12], method=method, target=0, **settings)
        rounding = 1e-5 if method in ("occlusion", "shapley") else 0
        assert found.weights[:4].any() and found.pad_share <= rounding, method
    assert explain(model, [3, 7, 1, 12], method="grad_cam", relu=False, target=0).pad_share > 0.05


def test_padding_in_front_is_found_and_zero_against_the_pad(explained):
    found = explained("integrated_gradients", baseline="pad", padding="pre")
    assert found.pads.tolist() == [True] * 123 + [False] * 27
    assert not found.weights[:123].any() and found.weights[123:].any()


def test_the_page_shows_what_the_script_prints(script):
    """But for the last digit of percentages, which another TensorFlow may round otherwise."""
    share = re.compile(r"(\d+\.\d)%")
    page = (ROOT / "docs" / "explain-padding.md").read_text("utf-8")
    header, *rows = script.printed.strip().splitlines()
    begin = page.splitlines().index(header) + 1
    assert [row.split()[0] for row in rows] == script.METHODS
    for row, shown in zip(rows, page.splitlines()[begin:begin + len(rows)], strict=True):
        assert share.sub("", row).split() == share.sub("", shown).split()
        np.testing.assert_allclose([float(each) for each in share.findall(row)],
                                   [float(each) for each in share.findall(shown)], atol=0.11)
    assert script.picture.stat().st_size > 10_000
