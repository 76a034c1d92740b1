"""The plan's progress and the learning rate along it."""

import pytest

from probe.train import TrainOptions
from probe.train.schedule import learning_rate, out_of_patience, progress, seconds_left


def test_progress_is_that_of_the_budget_nearest_its_end():
    options = TrainOptions(epochs=2, steps=100, minutes=10)
    assert progress(options, steps_per_epoch=40, step=20, seconds=0) == pytest.approx(0.25)
    assert progress(options, steps_per_epoch=400, step=20, seconds=0) == pytest.approx(0.20)
    assert progress(options, steps_per_epoch=400, step=20, seconds=450) == pytest.approx(0.75)
    assert progress(options, steps_per_epoch=1, step=2000, seconds=0) == 1


@pytest.mark.parametrize(("schedule", "half"), [("cosine", 0.5), ("linear", 0.5), ("constant", 1.0)])
def test_the_rate_rises_then_falls(schedule, half):
    options = TrainOptions(steps=1000, learning_rate=0.01, warm_up=10, schedule=schedule)
    assert learning_rate(options, 0.0, 0) == pytest.approx(0.001)
    assert learning_rate(options, 0.0, 9) == pytest.approx(0.01)
    assert learning_rate(options, 0.5, 500) == pytest.approx(0.01 * half)
    assert learning_rate(options, 1.0, 1000) == pytest.approx(0.01 if schedule == "constant" else 0.0001)


def test_an_extended_plan_raises_the_rate_to_where_the_longer_plan_has_it():
    short, long = (TrainOptions(steps=steps, warm_up=0, learning_rate=0.004) for steps in (100, 200))
    ended = learning_rate(short, progress(short, 10, 100, 0), 100)
    extended = learning_rate(long, progress(long, 10, 100, 0), 100)
    assert ended == pytest.approx(0.00004)
    assert extended == pytest.approx(0.002)


def test_the_time_left_is_that_of_the_budget_nearest_its_end():
    options = TrainOptions(epochs=2, steps=100, minutes=10)
    assert seconds_left(options, steps_per_epoch=40, step=20, seconds=0, pace=2.0) == 120
    assert seconds_left(options, steps_per_epoch=400, step=20, seconds=0, pace=2.0) == 160
    assert seconds_left(options, steps_per_epoch=400, step=20, seconds=500, pace=2.0) == 100
    assert seconds_left(options, steps_per_epoch=400, step=200, seconds=500, pace=2.0) == 0


@pytest.mark.parametrize(("step", "best", "patience", "stops"), [
    (50, 30, 2, True), (50, 30, 3, False), (50, 50, 1, False), (50, None, 1, False), (50, 10, 0, False),
    (55, 10, 1, False),  # nothing was validated here
    (50, 44, 1, True), (50, 44, 2, False),  # best at the end of a plan that was later extended
])
def test_patience_counts_validations_since_the_best(step, best, patience, stops):
    assert out_of_patience(TrainOptions(patience=patience, validate_every=10), step, best) is stops
