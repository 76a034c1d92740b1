"""The loss of a training: what is drawn of a log."""

import io
import math

import numpy as np
import pytest

from probe.render.loss_curve import LossCurve

BITS = math.log(2)
LOG = [{"step": 10, "loss": 4.2 * BITS, "kernel": "fused"}, {"step": 10, "validation_loss": 3 * BITS},
       {"step": 20, "loss": 2.9 * BITS}, {"step": 30, "loss": 2.2 * BITS}, {"step": 30, "validation_loss": 2.4 * BITS}]


def test_the_curve_is_in_bits_over_steps_with_axes_of_halves():
    curve = LossCurve.of(LOG)
    training, validation = curve.series
    assert (training.name, list(training.steps)) == ("training", [10, 20, 30])
    np.testing.assert_allclose(training.bits, [4.2, 2.9, 2.2])
    np.testing.assert_allclose(validation.bits, [3, 2.4])
    assert (curve.low, curve.high, curve.last) == (2.0, 4.5, 30)


@pytest.mark.parametrize("log", [[], LOG[:1], LOG[:2]])
def test_fewer_than_two_losses_have_no_curve(log):
    assert LossCurve.of(log) is None


@pytest.mark.parametrize("unicode", [True, False])
def test_a_terminal_gets_lines_of_its_width(unicode):
    lines = LossCurve.of(LOG).to_terminal(60, 8, unicode=unicode).splitlines()
    assert len(lines) == 1 + 8 + 2
    assert max(map(len, lines)) <= 60
    assert "training 2.200" in lines[0] and "validation 2.400" in lines[0]
    assert lines[1].startswith("4.50") and lines[8].startswith("2.00")
    assert "".join(lines).isascii() != unicode
    assert sum(line.count("●" if unicode else "o") for line in lines[1:9]) == 2


def test_a_flat_loss_is_drawn():
    curve = LossCurve.of([{"step": step, "loss": BITS} for step in (1, 2)])
    assert curve.high > curve.low
    assert "1.000" in curve.to_terminal(40, 5)


@pytest.mark.parametrize(("kind", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_figure_holds_both_lines(kind, magic):
    figure = LossCurve.of(LOG).figure("a $ name $ of \\run")
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert set(drawn) == {"training 2.200", "validation 2.400", "best 2.400 at step 30"}
    assert figure.axes[0].get_title() == "a $ name $ of \\run"
    np.testing.assert_allclose(drawn["training 2.200"], [4.2, 2.9, 2.2])
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    assert file.getvalue().startswith(magic)


def test_losses_as_large_as_float32_are_drawn():
    curve = LossCurve.of([{"step": step, "loss": 3.4e38} for step in (1, 2)])
    assert len(curve.to_terminal(60, 8).splitlines()) > 8
