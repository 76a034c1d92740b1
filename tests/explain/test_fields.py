"""What a position has seen is what changes it: tokens are changed one by one, and the network itself tells."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from probe.errors import UserError
from probe.explain.methods.fields import Fields, fields_of
from probe.explain.question.network import Network
from probe.model.engine import keras

L = keras.layers
LENGTH, WIDTH = 13, 2
ONES: dict[str, Any] = {"kernel_initializer": "ones", "bias_initializer": "ones"}
Layer = Callable[[], Any]


def fields(model: Any) -> Fields:
    network = Network.of(model)
    return fields_of(network, network.outputs[0], network.inputs, LENGTH)


def changed(model: Any) -> np.ndarray:
    """(T', T): whether a position moves if a token does, by more than float32 rounds in batches of other sizes."""
    still = np.random.default_rng(0).uniform(1, 2, (1, LENGTH, WIDTH)).astype(np.float32)
    moved = np.repeat(still, LENGTH, axis=0)
    moved[np.arange(LENGTH), np.arange(LENGTH)] += 1000
    before, after = (model(values, training=False).numpy() for values in (still, moved))
    return (~np.isclose(before, after, rtol=1e-4, atol=0)).any(axis=2).T


def convolution(size: int, stride: int, padding: str, dilation: int) -> Layer:
    step = 1 if dilation > 1 else stride
    return lambda: L.Conv1D(WIDTH, size, step, padding, dilation_rate=dilation, **ONES)


def pool(kind: str, size: int, stride: int, padding: str) -> Layer:
    return lambda: getattr(L, kind)(size, stride, padding)


SMALL = st.integers(1, 3)
ONE_LAYER = st.one_of(
    st.builds(convolution, st.integers(1, 4), SMALL, st.sampled_from(["same", "valid", "causal"]), SMALL),
    st.builds(pool, st.sampled_from(["MaxPooling1D", "AveragePooling1D"]), st.integers(1, 4), SMALL,
              st.sampled_from(["same", "valid"])),
    st.sampled_from([
        lambda: L.SeparableConv1D(WIDTH, 3, dilation_rate=2, depthwise_initializer="ones",
                                  pointwise_initializer="ones"),
        lambda: L.DepthwiseConv1D(2, padding="same", depthwise_initializer="ones"),
        lambda: L.ZeroPadding1D((1, 2)), lambda: L.Cropping1D((2, 1)), lambda: L.UpSampling1D(2),
        lambda: L.Dense(WIDTH, "relu", **ONES), lambda: L.BatchNormalization(), lambda: L.Dropout(0.5),
        lambda: L.TimeDistributed(L.Dense(WIDTH, **ONES)), lambda: L.GlobalMaxPooling1D(keepdims=True),
    ]))


@settings(max_examples=40)
@given(st.lists(ONE_LAYER, min_size=1, max_size=4))
def test_a_chain_of_layers(layers: list[Layer]) -> None:
    try:
        model = keras.Sequential([keras.Input((LENGTH, WIDTH)), *(layer() for layer in layers)])
    except ValueError:  # the text has become too short for a layer
        reject()
    if model.output_shape[1] < 1:
        reject()
    assert np.array_equal(fields(model).seen.toarray(), changed(model))


@pytest.mark.parametrize("merge", [L.Add, L.Multiply, L.Average, L.Maximum, L.Concatenate, lambda: L.Concatenate(1)])
def test_branches_that_meet(merge: Callable[[], Any]) -> None:
    given_ = keras.Input((LENGTH, WIDTH))
    near = L.Conv1D(WIDTH, 2, padding="causal", **ONES)(given_)
    far = L.MaxPooling1D(2, 1, padding="same")(L.Conv1D(WIDTH, 3, padding="same", dilation_rate=3, **ONES)(given_))
    model = keras.Model(given_, merge()([near, far]))
    assert np.array_equal(fields(model).seen.toarray(), changed(model))
    assert fields(model).notes == ()


def test_what_stands_beside_the_text_has_seen_nothing_of_it() -> None:
    text, other = keras.Input((LENGTH, WIDTH)), keras.Input((4, WIDTH))
    network = Network.of(keras.Model([text, other], L.Concatenate(axis=1)([other, L.MaxPooling1D(3)(text)])))
    seen = fields_of(network, network.outputs[0], network.inputs[:1], LENGTH).seen.toarray()
    assert not seen[:4].any()
    assert seen[4:].sum(axis=1).tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_recurrent_position_stands_for_the_token_that_it_answers_to_first(backwards: bool) -> None:
    model = keras.Sequential([keras.Input((LENGTH, WIDTH)),
                              L.SimpleRNN(3, return_sequences=True, go_backwards=backwards, activation="linear",
                                          kernel_initializer="ones", recurrent_initializer="identity")])
    first = changed(model).argmax(axis=0)  # row of each token
    assert np.array_equal(fields(model).seen.toarray(), np.eye(LENGTH)[first].T)
    assert f"every token {'after' if backwards else 'before'} it" in fields(model).notes[0]


def test_layers_that_read_all_say_so() -> None:
    given_ = keras.Input((LENGTH, WIDTH))
    gate = L.Reshape((1, WIDTH))(L.Dense(WIDTH)(L.GlobalAveragePooling1D()(given_)))
    for value in (L.Bidirectional(L.LSTM(2, return_sequences=True))(given_), L.MultiHeadAttention(1, 2)(given_, given_),
                  L.Multiply()([given_, gate]), L.Softmax(axis=1)(given_)):
        found = fields(keras.Model(given_, value))
        assert np.array_equal(found.seen.toarray(), np.eye(LENGTH))
        assert "the whole text" in found.notes[0]


def test_a_reshape_keeps_positions_or_is_refused() -> None:
    given_ = keras.Input((LENGTH, WIDTH))
    assert np.array_equal(fields(keras.Model(given_, L.Reshape((LENGTH, 1, WIDTH))(given_))).seen.toarray(),
                          np.eye(LENGTH))
    with pytest.raises(UserError, match=r"layer fold \(Reshape\) moves positions .* linear"):
        fields(keras.Model(given_, L.Reshape((-1, 1), name="fold")(given_)))
    with pytest.raises(UserError, match=r"layer turned \(Permute\) moves positions"):
        fields(keras.Model(given_, L.Permute((2, 1), name="turned")(given_)))


@pytest.mark.parametrize("layers", [
    [L.GlobalMaxPooling1D()], [L.LSTM(2)], [L.Flatten(), L.Dense(3)],
    [L.LSTM(2), L.RepeatVector(4), L.LSTM(2, return_sequences=True)],
])
def test_a_value_without_positions_of_the_text_has_no_fields(layers: list[Any]) -> None:
    with pytest.raises(UserError, match="no positions that stand for tokens"):
        fields(keras.Sequential([keras.Input((LENGTH, WIDTH)), *layers]))


def test_weights_are_shared_over_the_field_and_their_sum_stays() -> None:
    four = keras.Sequential([keras.Input((4, 1)), L.Conv1D(1, 3)])
    network = Network.of(four)
    found = fields_of(network, network.outputs[0], network.inputs, 4)
    assert found.shared(np.array([[6.0, 3.0], [0.0, -9.0]])).tolist() == [[2, 3, 3, 1], [0, -3, -3, -3]]


def test_a_hole_between_dilated_taps_gets_nothing() -> None:
    five = keras.Sequential([keras.Input((5, 1)), L.Conv1D(1, 2, padding="causal", dilation_rate=2)])
    network = Network.of(five)
    found = fields_of(network, network.outputs[0], network.inputs, 5)
    assert found.shared(np.array([[5.0, 0.0, 8.0, 0.0, 0.0]])).tolist() == [[9, 0, 4, 0, 0]]
