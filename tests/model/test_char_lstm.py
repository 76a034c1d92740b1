"""The network: its size, its states, its dropout."""

import numpy as np
import pytest

from probe.model import CharLSTM, ModelOptions
from probe.model.char_lstm import stacked_states, unstacked_states
from probe.model.engine import tf
from probe.model.weights import weight_names
from probe.train import PRESETS
from tests.lstm_oracle import read_text

SMALL = ModelOptions(units=9, layers=2)


def ids_of(batch: int, time: int, vocabulary: int = 13):
    return tf.constant(np.random.default_rng(0).integers(0, vocabulary, (batch, time)), tf.int32)


def test_the_article_preset_has_the_article_s_weights_less_the_second_biases():
    model = CharLSTM(PRESETS["article"].model, 73)
    assert model.count_params() == 3_189_321
    assert model.count_params() + 2 * 4 * 512 == 3_193_417


def test_karpathy_is_two_layers_of_512():
    options = PRESETS["karpathy"].model
    assert (options.layers, options.units) == (2, 512)


def test_logits_equal_the_equations():
    model, ids = CharLSTM(SMALL, 13, seed=3), ids_of(1, 40)
    weights = dict(zip(weight_names(model), model.get_weights(), strict=True))
    hidden, logits = read_text(ids.numpy()[0], weights, 2)
    np.testing.assert_allclose(model(ids).numpy()[0], logits, atol=1e-5)
    reading = model.read(ids, model.initial_states(1))
    for ours, theirs in zip(reading.hidden, hidden, strict=True):
        np.testing.assert_allclose(ours.numpy()[:, 0], theirs, atol=1e-5)


@pytest.mark.parametrize("kind", ["one-hot", "embedding", "scalar"])
def test_kernels_agree_on_every_kind_of_input(kind):
    options = ModelOptions(units=9, layers=2, input=kind, embedding=5)
    fused, keras_ = (CharLSTM(options, 13, kernel=name, seed=1) for name in ("fused", "keras"))
    np.testing.assert_allclose(fused(ids_of(3, 20)).numpy(), keras_(ids_of(3, 20)).numpy(), atol=1e-5)
    assert fused.count_params() == keras_.count_params()


def test_reading_in_two_parts_with_carried_states_is_reading_at_once():
    model, ids = CharLSTM(SMALL, 13), ids_of(4, 30)
    whole = model.read(ids, model.initial_states(4))
    first = model.read(ids[:, :11], model.initial_states(4))
    second = model.read(ids[:, 11:], first.states)
    for layer in range(2):
        parts = tf.concat([first.hidden[layer], second.hidden[layer]], axis=0)
        np.testing.assert_allclose(parts.numpy(), whole.hidden[layer].numpy(), atol=1e-6)


def test_streams_read_side_by_side_are_the_streams_read_together(monkeypatch):
    cut = CharLSTM.parts
    monkeypatch.setattr(CharLSTM, "parts", lambda model, streams: cut(model, streams, cores=3))
    model, ids = CharLSTM(SMALL, 13), ids_of(25, 12)
    assert [part.stop - part.start for part in model.parts(25)] == [8, 8, 9]
    states = unstacked_states(np.random.default_rng(1).normal(size=(2, 2, 25, 9)).astype(np.float32))
    one, other = model.read(ids, states), model.read_part(ids, states)
    for ours, theirs in zip((*one.hidden, one.features, stacked_states(one.states)),
                            (*other.hidden, other.features, stacked_states(other.states)), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-6)


@pytest.mark.parametrize(("streams", "cores", "parts"), [(1, 4, 1), (15, 4, 1), (16, 4, 2), (32, 4, 4), (400, 4, 4)])
def test_a_core_reads_eight_streams_at_least(streams, cores, parts):
    assert len(CharLSTM(SMALL, 13).parts(streams, cores)) == parts
    assert len(CharLSTM(SMALL, 13, kernel="keras").parts(streams, cores)) == parts  # on a GPU it would be one


def test_dropout_is_a_function_of_its_seed_and_off_without_one():
    model, ids = CharLSTM(ModelOptions(units=64, layers=2, dropout=0.5), 13), ids_of(2, 10)
    states = model.initial_states(2)

    def features(seed):
        return model.read(ids, states, None if seed is None else tf.constant(seed, tf.int32)).features.numpy()

    np.testing.assert_array_equal(features((1, 7)), features((1, 7)))
    assert not np.array_equal(features((1, 7)), features((1, 8)))
    np.testing.assert_array_equal(features(None), features(None))
    assert (features(None) != 0).all()
    assert (features((1, 7)) == 0).mean() == pytest.approx(0.5, abs=0.05)


def test_initial_weights_follow_the_seed():
    one, same, other = (CharLSTM(SMALL, 13, seed=seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], other[0])
    forget_bias = one[2][9:18]
    np.testing.assert_array_equal(forget_bias, 1)


def test_states_survive_stacking():
    model = CharLSTM(SMALL, 13)
    states = model.read(ids_of(3, 5), model.initial_states(3)).states
    stacked = stacked_states(states)
    assert stacked.shape == (2, 2, 3, 9)
    for (h, c), (h2, c2) in zip(states, unstacked_states(stacked), strict=True):
        np.testing.assert_array_equal(h.numpy(), h2.numpy())
        np.testing.assert_array_equal(c.numpy(), c2.numpy())
