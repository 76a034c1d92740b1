"""Networks from files do what they did where they were saved."""

import pickle

import numpy as np
import pytest

from probe.activations.foreign import open_model
from probe.errors import UserError
from probe.model.imported import ImportedNetwork
from probe.model.keras_file import read_keras_file
from tests.activations.foreign_networks import L, collected, corpus, extraction, filled, keras
from tests.model.legacy.layouts import random_stack, write_weights


def everything():
    """Every layer that is understood, except those that join or see a whole text."""
    return keras.Sequential([
        keras.Input((None,)), L.Embedding(40, 6, mask_zero=True), L.SpatialDropout1D(0.2),
        L.LSTM(5, return_sequences=True, recurrent_activation="hard_sigmoid", dropout=0.2),
        L.Bidirectional(L.GRU(4, return_sequences=True, reset_after=False), merge_mode="ave"),
        L.TimeDistributed(L.Dense(4, activation="gelu")), L.LayerNormalization(), L.BatchNormalization(),
        L.SimpleRNN(3, return_sequences=True, use_bias=False), L.Activation("silu"),
        L.GRU(4, return_sequences=True, activation="leaky_relu"), L.GaussianNoise(0.1), L.LSTM(3),
        L.Dense(2, "softmax")])


def branching():
    x = keras.Input((24, 7), name="numbers")
    a = L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu", name="b")(x)
    b = L.Conv1D(4, 3, padding="same", name="a")(x)
    c = L.Concatenate()([L.Add()([a, b]), L.Multiply()([a, b]), L.Average()([a, b])])
    d = L.AveragePooling1D(3, 2, "same")(L.MaxPooling1D(2)(c))
    e = L.Concatenate()([L.GlobalMaxPooling1D()(d), L.GlobalAveragePooling1D()(d), L.Flatten()(d)])
    back = L.LSTM(3, go_backwards=True)(L.Masking(0.5)(x))
    return keras.Model(x, [L.Dense(2, activation="sigmoid")(L.Concatenate()([e, back])), a])


@pytest.mark.parametrize("make", [everything, branching])
def test_every_layer_of_a_keras_file_puts_out_what_the_live_one_does(make, tmp_path):
    live = filled(make())
    live.compile("adam", "mse")
    live.save(tmp_path / "a.keras")
    model = open_model(tmp_path / "a.keras").model
    if make is everything:
        inputs = np.random.default_rng(0).integers(1, 40, (3, 20))
        inputs[1, -5:] = inputs[2, 3:6] = 0
    else:
        inputs = np.random.default_rng(0).normal(size=(3, 24, 7)).astype(np.float32)
        inputs[1, -5:] = inputs[2, 3:6] = 0.5
    names = [layer.name for layer in live.layers if not isinstance(layer, L.InputLayer)]
    found, expected = (keras.Model(of.inputs[0], [of.get_layer(name).output for name in names])(inputs)
                       for of in (model, live))
    for name, ours, theirs in zip(names, found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), atol=3e-6, err_msg=name)
    network = read_keras_file(tmp_path / "a.keras")
    outputs = live(inputs)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for ours, theirs in zip(network.forward([inputs]), outputs, strict=True):
        np.testing.assert_allclose(ours, np.asarray(theirs), atol=3e-6)


def test_a_network_from_a_file_is_read_as_the_live_one_and_travels(tmp_path):
    text = corpus()
    live = filled(keras.Sequential([
        keras.Input((None, len(text.vocabulary))), L.LSTM(4, return_sequences=True, name="a"), L.Dropout(0.5),
        L.GRU(3, name="b")]))
    live.save(tmp_path / "a.keras")
    expected = collected(extraction(live, text, streams=1))
    opened = open_model(tmp_path / "a.keras")
    assert opened.origin["file"] == "a.keras" and opened.origin["parity"]["relative"] < 1e-5
    blocks = extraction(opened, text, streams=1)
    content = pickle.dumps(blocks)
    (tmp_path / "a.keras").unlink()
    for found in (blocks, pickle.loads(content)):
        for (source, array), other in zip(collected(found).items(), expected.values(), strict=True):
            np.testing.assert_allclose(array, other, atol=2e-6, err_msg=str(source))


def test_a_folder_of_ours_and_a_keras_2_file_are_opened(tmp_path):
    live = filled(keras.Sequential([keras.Input((None, 7)), L.LSTM(4, name="a")]))
    live.save(tmp_path / "a.keras")
    network = open_model(tmp_path / "a.keras").network
    network.save(tmp_path / "folder")
    assert [(note.name, note.units) for note in open_model(tmp_path / "folder").layers] == [("a", 4)]
    assert isinstance(open_model(tmp_path / "folder").network, ImportedNetwork)
    stack, dense = random_stack(3, 9, np.random.default_rng(0))
    path = write_weights(tmp_path / "w.h5", [*((f"lstm_{k}", arrays) for k, arrays in enumerate(stack)), ("d", dense)])
    with pytest.raises(UserError, match="does not say whether its LSTMs have sigmoid or hard_sigmoid gates"):
        open_model(path)
    model = open_model(path, recurrent_activation="sigmoid")
    assert [note.kind for note in model.layers] == ["LSTM", "LSTM", "Dense"]
    np.testing.assert_allclose(model.model.get_layer("lstm_1").get_weights()[1], stack[1][1])


def test_what_is_not_there_or_a_run_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"no such file or folder; accepted are a \.keras file"):
        open_model(tmp_path / "none")
    with pytest.raises(UserError, match="not an imported network"):
        open_model(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(UserError, match="is a run, whose layers are 1, 2"):
        open_model(tmp_path)
