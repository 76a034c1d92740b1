"""The loss curve against the arithmetic of its axes."""

import math

import pytest

from probe.gallery.loss_curve import HEIGHT, LEADING, WIDTH, loss_curve

BITS = math.log(2)


def test_points_lie_where_the_axes_say():
    log = [{"step": 0, "loss": 4 * BITS}, {"step": 50, "loss": 3 * BITS}, {"step": 100, "loss": 2 * BITS},
           {"step": 50, "validation_loss": 3 * BITS}, {"step": 100, "validation_loss": 2.1 * BITS},
           {"step": 100, "note": 1}]
    curve = loss_curve(log)
    drawn = {line.name: line for line in curve.lines}
    assert drawn["training"].points == f"0.0,0.0 {WIDTH / 2},{HEIGHT / 2} {WIDTH},{HEIGHT}"
    assert drawn["validation"].last == pytest.approx(2.1)
    assert [label for _, label in curve.rules] == ["2.00", "3.00", "4.00"]
    assert [height for height, _ in curve.rules] == [HEIGHT, HEIGHT / 2, 0]
    assert curve.steps == 100
    assert drawn["training"].label - drawn["validation"].label >= LEADING


def test_too_short_a_log_has_no_curve():
    assert loss_curve([]) is None
    assert loss_curve([{"step": 1, "loss": 1.0}]) is None


def test_losses_that_are_not_finite_are_left_out():
    steady = [{"step": step, "loss": BITS * (4 - step)} for step in range(3)]
    broken = [{"step": 3, "loss": math.nan}, {"step": 4, "loss": math.inf}, {"step": 5, "loss": None}]
    assert loss_curve([*steady, *broken]) == loss_curve(steady)
    assert loss_curve([*steady[:1], *broken]) is None


def test_a_flat_log_is_drawn():
    curve = loss_curve([{"step": 1, "loss": BITS}, {"step": 2, "loss": BITS}])
    assert curve.lines[0].end == (WIDTH, HEIGHT)
