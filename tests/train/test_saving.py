"""Which checkpoints stay: the newest, the one before it, and the best of each."""

import pytest

from probe.model import ModelOptions, Run
from probe.model.char_lstm import CharLSTM, stacked_states
from probe.model.checkpoint import checkpoint_paths, checkpoint_steps, newest_checkpoint
from probe.train.saving import save_checkpoint
from probe.train.step import make_optimizer


@pytest.fixture
def save(tmp_path):
    model = CharLSTM(ModelOptions(units=3, layers=1), 5)
    optimizer, states = make_optimizer(model, 1.0), stacked_states(model.initial_states(2))

    run = Run(tmp_path, ModelOptions(units=3, layers=1), {}, {}, identity="ours")

    def save(step, best, *, kept=False):
        position = {"step": step, "best": best and {"step": best, "loss": 1.0}}
        save_checkpoint(run, model, optimizer, states, position, kept=kept)
        return checkpoint_steps(tmp_path)

    return save


def test_the_newest_two_stay_and_the_best(save):
    assert save(0, None) == [0]
    assert save(10, 10) == [0, 10]
    assert save(20, 10) == [10, 20]
    assert save(30, 10) == [10, 20, 30]
    assert save(40, 10) == [10, 30, 40]


def test_a_new_best_leaves_the_one_before_it_until_nothing_goes_back_there(save, tmp_path):
    for step, best in ((10, 10), (20, 10), (30, 30)):
        save(step, best)
    assert checkpoint_steps(tmp_path) == [10, 20, 30]
    checkpoint_paths(tmp_path, 30)[0].write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="going back to step 20"):
        assert newest_checkpoint(tmp_path, "ours").step == 20
    run = Run(tmp_path, ModelOptions(units=3, layers=1), {}, {}, identity="ours")
    with pytest.warns(UserWarning, match="going back to step 20"):
        assert run.checkpoint("best").step == 10
    assert save(40, 10) == [10, 20, 40]


def test_what_is_kept_for_good_stays_but_for_a_future_that_was_abandoned(save, tmp_path):
    save(0, None, kept=True)
    for step in (10, 20, 30, 40):
        save(step, 10, kept=step == 20)
    assert checkpoint_steps(tmp_path) == [0, 10, 20, 30, 40]
    assert save(60, 50, kept=True) == [0, 10, 20, 40, 60]
    assert save(50, 50) == [0, 10, 20, 40, 50]  # went back to 40: what was at 60 is of another future
