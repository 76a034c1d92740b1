"""The order of the data: pure, contiguous where it should be, complete, and inside its split."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.train import TrainOptions
from probe.train.order import StreamOrder, WindowOrder, order_of

sizes = st.tuples(st.integers(2, 3000), st.integers(1, 40), st.integers(1, 60), st.integers(0, 5))


def positions(size: int) -> np.ndarray:
    """A text whose ids are its positions, so that a batch tells where it was taken from."""
    return np.arange(size, dtype=np.uint16)


@given(sizes)
def test_streams_are_contiguous_and_predict_the_next_character_inside_the_split(size):
    characters, batch, length, epoch = size
    order = StreamOrder(positions(characters), TrainOptions(batch=batch, length=length))
    last = None
    for step in range(order.steps_per_epoch):
        inputs, targets = order.inputs_and_targets(epoch, step)
        assert inputs.shape == targets.shape == (order.batch, order.length)
        np.testing.assert_array_equal(targets, inputs + 1)
        assert targets.max() < characters
        np.testing.assert_array_equal(np.diff(inputs, axis=1), 1)
        if last is not None:
            np.testing.assert_array_equal(inputs[:, 0], last + 1)
        last = inputs[:, -1]
    # Streams do not overlap, so no character is read twice in an epoch.
    first, _ = order.inputs_and_targets(epoch, 0)
    assert (first[1:, 0] > last[:-1]).all()


@given(st.integers(12, 500), st.integers(1, 30), st.integers(1, 11), st.integers(0, 3))
def test_windows_are_each_seen_once_an_epoch_with_the_character_after_them(characters, batch, length, epoch):
    order = WindowOrder(positions(characters), TrainOptions(batch=batch, length=length, objective="last"))
    starts = []
    for step in range(order.steps_per_epoch):
        inputs, targets = order.inputs_and_targets(epoch, step)
        np.testing.assert_array_equal(targets[:, 0], inputs[:, -1] + 1)
        np.testing.assert_array_equal(np.diff(inputs, axis=1), 1)
        starts.extend(inputs[:, 0])
    assert len(starts) == len(set(starts))
    assert len(starts) > characters - length - order.batch


@pytest.mark.parametrize("objective", ["next", "last"])
def test_order_is_a_pure_function_of_seed_epoch_and_step(objective):
    ids = positions(5000)
    options = TrainOptions(objective=objective, batch=8, length=50, seed=3)
    one, other = order_of(ids, options), order_of(ids, options)
    reseeded = order_of(ids, dataclasses.replace(options, seed=4))
    for epoch, step in [(0, 0), (2, 1), (1, 3), (2, 1)]:
        for _ in range(2):
            np.testing.assert_array_equal(one.inputs_and_targets(epoch, step)[0],
                                          other.inputs_and_targets(epoch, step)[0])
    first = [one.inputs_and_targets(epoch, 0)[0] for epoch in range(6)]
    assert any(not np.array_equal(first[0], later) for later in first[1:])
    assert any(not np.array_equal(inputs, reseeded.inputs_and_targets(epoch, 0)[0])
               for epoch, inputs in enumerate(first))


def test_streams_begin_each_epoch_and_now_and_then_from_the_zero_state():
    order = StreamOrder(positions(60_000), TrainOptions(batch=40, length=10, reset_every=200, seed=1))
    assert order.fresh(0, 0).all()
    assert order.fresh(3, 0).all()
    shares = np.mean([order.fresh(0, step) for step in range(1, 150)])
    assert 0.03 < shares < 0.07  # 10 / 200
    np.testing.assert_array_equal(order.fresh(1, 5), order.fresh(1, 5))
    never = StreamOrder(positions(60_000), TrainOptions(batch=40, length=10, reset_every=0))
    assert not any(never.fresh(0, step).any() for step in range(1, 150))
    assert WindowOrder(positions(600), TrainOptions(length=10, objective="last")).fresh(0, 3).all()


def test_short_texts_are_read_in_fewer_streams_or_refused():
    order = StreamOrder(positions(500), TrainOptions(batch=64, length=100))
    assert order.batch == 2
    assert order.length == 100
    with pytest.raises(UserError, match="at least 2"):
        StreamOrder(positions(1), TrainOptions())
    with pytest.raises(UserError, match="too few for one window of 100"):
        WindowOrder(positions(100), TrainOptions(length=100))
