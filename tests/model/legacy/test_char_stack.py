"""Character models in old files: every layout, and what the shapes alone tell."""

import json
import tracemalloc

import numpy as np
import pytest

from probe.errors import UserError
from probe.model import CharLSTM, ModelOptions
from probe.model.checkpoint import Checkpoint
from probe.model.engine import tf
from probe.model.kernels import choose_kernel
from probe.model.legacy import (
    LegacyFile,
    LegacyNetwork,
    char_parity,
    char_stack,
    default_recurrent_activation,
    leaves_open_recurrent_activation,
    network_parity,
)
from probe.model.weights import load_weights
from tests.lstm_oracle import lstm
from tests.model.legacy.layouts import random_stack, to_cudnn, to_keras_1, write_weights

V = 11


def stack_of(path, recurrent_activation=None):
    found = char_stack(LegacyNetwork.of(LegacyFile.read(path), None, recurrent_activation))
    assert not isinstance(found, str), found
    return found


def probabilities(stack, ids):
    model = CharLSTM(stack.options, stack.vocabulary)
    load_weights(model, Checkpoint(0, stack.weights, {}, np.empty(0, np.float32), {}))
    return tf.nn.softmax(model(tf.constant(ids, tf.int32))).numpy()


def expected_probabilities(ids, lstms, dense, vocabulary):
    """By the equations: scalar inputs, sigmoid gates."""
    x = (ids.T / vocabulary)[..., None]
    for kernel, recurrent, bias in lstms:
        zero = np.zeros((ids.shape[0], recurrent.shape[0]))
        x, _, _ = lstm(x, kernel, recurrent, bias, zero, zero)
    logits = x @ dense[0].astype(np.float64) + dense[1]
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).transpose(1, 0, 2)


@pytest.mark.parametrize("as_text", [False, True])
def test_an_article_shaped_file_is_read_as_cudnn_stored_it(tmp_path, as_text):
    generator = np.random.default_rng(0)
    lstms, dense = random_stack(8, V, generator)
    layers = [("cu_dnnlstm_1", to_cudnn(*lstms[0], generator)), ("dropout_1", []),
              ("cu_dnnlstm_2", to_cudnn(*lstms[1], generator)), ("dropout_2", []), ("dense_1", dense)]
    stack = stack_of(write_weights(tmp_path / "w.hdf5", layers, as_text=as_text))
    assert stack.options == ModelOptions(units=8, layers=2, input="scalar")
    assert (stack.vocabulary, stack.last_only, stack.network.told_by) == (V, None, "shapes")
    ids = generator.integers(0, V, (3, 30))
    expected = expected_probabilities(ids, lstms, dense, V)
    np.testing.assert_allclose(probabilities(stack, ids), expected, atol=2e-6)
    [exact] = stack.network.forward([stack.inputs(ids)])
    np.testing.assert_allclose(exact, expected, atol=1e-6)  # the halves of biases are float32 in the file
    assert 0 < char_parity(stack).relative < 1e-5
    assert set(stack.network.origin()["relaid"]) == {"cu_dnnlstm_1", "cu_dnnlstm_2"}


def test_the_article_s_own_size(tmp_path):
    generator = np.random.default_rng(0)
    lstms, dense = random_stack(512, 73, generator, scale=0.05)
    cudnn = [(f"cu_dnnlstm_{k}", to_cudnn(*lstm, generator)) for k, lstm in enumerate(lstms, 1)]
    path = write_weights(tmp_path / "w.hdf5", [*cudnn, ("dense_1", dense)])
    stack = stack_of(path)
    assert sum(array.size for raw in LegacyFile.read(path).layers for array in raw.arrays) == 3_193_417
    assert (stack.options.units, stack.vocabulary) == (512, 73)
    assert 0 < char_parity(stack).relative < 1e-4


def test_keras_own_conversion_to_cudnn_is_read_too(written, tmp_path):
    arrays, example = np.load(written / "cudnn.npz"), np.load(written / "char_sigmoid.npz")
    dense = LegacyFile.read(written / "char_sigmoid.h5").weighted[-1].arrays
    path = write_weights(tmp_path / "w.h5", [(f"gpu_{k}", [arrays[f"layer{k}_{part}"] for part in range(3)])
                                             for k in range(2)] + [("dense", dense)])
    stack = stack_of(path)
    [outputs] = stack.network.forward([example["in0"]])
    np.testing.assert_allclose(outputs[:, -1], example["out0"], atol=1e-6)
    config = json.loads((written / "char_sigmoid.json").read_text())
    for layer in config["config"]["layers"]:
        if layer["class_name"] == "LSTM":
            layer["class_name"] = "CuDNNLSTM"
            layer["config"] = {"name": layer["config"]["name"], "units": 8, "go_backwards": False, "stateful": False,
                               "return_sequences": layer["config"]["return_sequences"], "return_state": False,
                               "kernel_initializer": {"class_name": "VarianceScaling", "config": {}}}
    (tmp_path / "gpu.json").write_text(json.dumps(config))
    network = LegacyNetwork.of(LegacyFile.read(path), tmp_path / "gpu.json")
    np.testing.assert_allclose(network.forward([example["in0"]])[0], example["out0"], atol=1e-6)
    np.testing.assert_array_equal(next(iter(network.relaid()[1].values())), stack.weights["lstm_1/kernel"])
    assert char_stack(network).last_only is True


@pytest.mark.parametrize("name", ["char_sigmoid", "char_hard", "char_no_bias", "char_embedded", "char_one_hot"])
def test_a_character_model_of_keras_2_predicts_here_what_it_did_there(written, name):
    stack, example = stack_of(written / f"{name}.h5"), np.load(written / f"{name}.npz")
    gates = "hard_sigmoid" if name in ("char_hard", "char_embedded") else "sigmoid"
    assert stack.options.recurrent_activation == gates
    assert stack.options.dropout == (0.3 if name in ("char_sigmoid", "char_hard", "char_no_bias") else 0)
    assert stack.last_only is (name != "char_embedded")
    if name == "char_embedded":
        np.testing.assert_allclose(probabilities(stack, example["in0"]), example["out0"], atol=2e-6)
    [outputs] = stack.network.forward([example["in0"]])
    last = example["out0"] if stack.last_only else example["out0"][:, -1]
    np.testing.assert_allclose(outputs[:, -1], last, atol=2e-6)
    assert 0 < char_parity(stack).relative < 1e-5


def test_keras_1_wrote_twelve_arrays_in_another_order(written, tmp_path):
    raw, example = LegacyFile.read(written / "char_hard.h5").weighted, np.load(written / "char_hard.npz")
    layers = [(f"lstm_{k}", to_keras_1(*layer.arrays)) for k, layer in enumerate(raw[:2])] + [("dense", raw[2].arrays)]
    stack = stack_of(write_weights(tmp_path / "w.h5", layers, version=None))
    [outputs] = stack.network.forward([example["in0"]])
    np.testing.assert_allclose(outputs[:, -1], example["out0"], atol=2e-6)
    whole = stack_of(written / "char_hard.h5")
    assert stack.options.recurrent_activation == "hard_sigmoid"
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(stack.weights[name], array)


@pytest.mark.parametrize(("version", "default"), [
    ("1.2.2", "hard_sigmoid"), (None, "hard_sigmoid"), ("2.0.8", "hard_sigmoid"), ("2.2.4", "hard_sigmoid"),
    ("2.2.5", "hard_sigmoid"), ("2.1.6-tf", "hard_sigmoid"), ("2.2.4-tf", "hard_sigmoid"), ("2.3.0", "sigmoid"),
    ("2.3.0-tf", "sigmoid"), ("2.4.0", "sigmoid"), ("2.21.0", "sigmoid")])
def test_the_recurrent_activation_that_nobody_named_is_the_version_s_default(version, default, tmp_path):
    lstms, dense = random_stack(3, V, np.random.default_rng(0))
    path = write_weights(tmp_path / "w.h5", [("lstm_1", lstms[0]), ("lstm_2", lstms[1]), ("d", dense)], version=version)
    file = LegacyFile.read(path)
    assert leaves_open_recurrent_activation(file)
    assert default_recurrent_activation(file) == default
    assert stack_of(path).options.recurrent_activation == default
    for named in ("sigmoid", "hard_sigmoid"):
        assert stack_of(path, named).options.recurrent_activation == named


def test_what_is_known_of_the_recurrent_activation_cannot_be_contradicted(written, tmp_path):
    generator = np.random.default_rng(0)
    lstms, dense = random_stack(3, V, generator, layers=1)
    file = LegacyFile.read(write_weights(tmp_path / "w.h5", [("gpu", to_cudnn(*lstms[0], generator)), ("d", dense)]))
    assert not leaves_open_recurrent_activation(file)
    with pytest.raises(UserError, match=r"layer gpu \(CuDNNLSTM\) is known to have sigmoid"):
        LegacyNetwork.of(file, None, "hard_sigmoid")
    with pytest.raises(UserError, match="is known to have hard_sigmoid"):
        LegacyNetwork.of(LegacyFile.read(written / "char_hard.h5"), None, "sigmoid")


def test_hard_sigmoid_is_keras_2_s_and_runs_where_it_can():
    options = ModelOptions(units=5, recurrent_activation="hard_sigmoid")
    model = CharLSTM(options, V)
    gate = model.lstm_layers[0].cell.recurrent_activation
    x = np.array([-3, -2.5, -1, 0, 1, 2.5, 3], np.float32)
    np.testing.assert_allclose(gate(tf.constant(x)).numpy(), np.clip(0.2 * x + 0.5, 0, 1))
    assert gate(tf.constant([1.0])).numpy() == pytest.approx(0.7)
    with pytest.raises(UserError, match=r"--kernel cudnn .*hard_sigmoid"):
        choose_kernel("cudnn", "hard_sigmoid")


DENSE = [np.zeros((3, V)), np.zeros(V)]
LSTM_3 = [np.zeros((1, 12)), np.zeros((3, 12)), np.zeros(12)]
OTHERS = {
    "a convolution": [("c", [np.zeros((3, 4, 5)), np.zeros(5)]), ("d", DENSE)],
    "two dense layers": [("l", LSTM_3), ("d", DENSE), ("e", [np.zeros((V, V)), np.zeros(V)])],
    "no dense layer": [("l", LSTM_3)],
    "a silent stranger": [("l", LSTM_3), ("flatten_1", []), ("d", DENSE)],
    "a bidirectional layer": [("l", LSTM_3 * 2), ("d", DENSE)],
    "a bias of no size": [("l", [LSTM_3[0], LSTM_3[1], np.zeros(20)]), ("d", DENSE)],
    "nothing": [],
    "an activation between": [("l", LSTM_3), ("activation_1", []), ("d", DENSE)],
    "two activations behind": [("l", LSTM_3), ("d", DENSE), ("activation_1", []), ("activation_2", [])],
    "a layer whose name begins like a silent one": [("l", LSTM_3), ("input_gate_scaler", []), ("d", DENSE)],
}
SILENT = {
    "dropout": [("lstm_1", LSTM_3), ("dropout_1", []), ("d", DENSE)],
    "dropout of features": [("lstm_1", LSTM_3), ("spatial_dropout1d", []), ("d", DENSE)],
    "inputs": [("input_1", []), ("lstm_1", LSTM_3), ("d", DENSE)],
    "inputs of a Sequential": [("lstm_1_input", []), ("lstm_1", LSTM_3), ("d", DENSE)],
    "softmax": [("lstm_1", LSTM_3), ("d", DENSE), ("activation_1", [])],
}


@pytest.mark.parametrize("name", SILENT)
def test_layers_that_change_nothing_need_no_architecture(name, tmp_path):
    assert stack_of(write_weights(tmp_path / "w.h5", SILENT[name])).vocabulary == V


@pytest.mark.parametrize("name", OTHERS)
def test_weights_that_tell_no_architecture_ask_for_it(name, tmp_path):
    path = write_weights(tmp_path / "w.h5", OTHERS[name])
    with pytest.raises(UserError, match=r"--architecture FILE\.json, the text that model\.to_json\(\) returns"):
        LegacyNetwork.of(LegacyFile.read(path))


@pytest.mark.parametrize(("name", "reason"), [
    ("bidirectional", "no single chain"), ("convolutions", "softmax"), ("masked_numbers", "softmax"),
    ("many_names", "softmax")])
def test_other_networks_are_no_character_models_and_it_is_said_why(written, name, reason):
    assert reason in char_stack(LegacyNetwork.of(LegacyFile.read(written / f"{name}.h5")))


def test_a_network_that_puts_out_more_than_predictions_is_no_character_model(tmp_path):
    def entry(name, kind, source, **settings):
        return {"class_name": kind, "name": name, "config": {"name": name, **settings},
                "inbound_nodes": [[[source, 0, 0, {}]]] if source else []}

    generator = np.random.default_rng(0)
    lstms, dense = random_stack(3, V, generator, layers=1)
    content = {"layers": [
        entry("i", "InputLayer", None, batch_input_shape=[None, None, 1]),
        entry("l", "LSTM", "i", units=3, activation="tanh", recurrent_activation="sigmoid", return_sequences=True),
        entry("d", "Dense", "l", units=V, activation="softmax")], "input_layers": [["i", 0, 0]]}
    for outputs, reason in ((["d"], None), (["l", "d"], "not those of its last layer alone"), (["l"], "last layer")):
        ends = [[name, 0, 0] for name in outputs]
        config = {"class_name": "Functional", "config": {**content, "output_layers": ends}}
        path = write_weights(tmp_path / "w.h5", [("l", lstms[0]), ("d", dense)], config=config)
        found = char_stack(LegacyNetwork.of(LegacyFile.read(path)))
        assert reason in found if reason else found.vocabulary == V


def test_a_saturated_prediction_does_not_hide_an_error_in_an_lstm(tmp_path):
    lstms, dense = random_stack(4, V, np.random.default_rng(0), layers=1)
    dense[1][3] += 1e4
    stack = stack_of(write_weights(tmp_path / "w.h5", [("lstm_1", lstms[0]), ("dense_1", dense)]))
    assert 0 < char_parity(stack).relative < 1e-5
    stack.weights["lstm_1/kernel"][:] *= np.float32(1.5)
    with pytest.raises(UserError, match="layer lstm_1: the imported network deviates"):
        char_parity(stack)


def test_one_hot_vectors_of_a_large_vocabulary_take_no_square_of_it(tmp_path):
    lstms, dense = random_stack(1, 20_000, np.random.default_rng(0), size=20_000, layers=1)
    stack = stack_of(write_weights(tmp_path / "w.h5", [("lstm_1", lstms[0]), ("dense_1", dense)]))
    tracemalloc.start()
    try:
        vectors = stack.inputs(np.array([[0, 19_999, 7]]))
        assert tracemalloc.get_traced_memory()[1] < 1 << 22
    finally:
        tracemalloc.stop()
    assert vectors.shape == (1, 3, 20_000)
    assert vectors.argmax(axis=-1).tolist() == [[0, 19_999, 7]]
    assert vectors.sum() == 3


def test_cudnn_s_input_matrices_are_no_plain_transposes(tmp_path):
    """Five inputs and eight units: neither leaving the blocks as they are nor transposing them would do."""
    generator = np.random.default_rng(3)
    table = generator.normal(size=(V, 5)).astype(np.float32)
    lstms, dense = random_stack(8, V, generator, size=5, layers=1)
    layers = [("embedding_1", [table]), ("gpu", to_cudnn(*lstms[0], generator)), ("dense_1", dense)]
    stack = stack_of(write_weights(tmp_path / "w.h5", layers))
    assert stack.options == ModelOptions(units=8, input="embedding", embedding=5)
    np.testing.assert_array_equal(stack.weights["lstm_1/kernel"], lstms[0][0])
    np.testing.assert_array_equal(stack.weights["lstm_1/recurrent_kernel"], lstms[0][1])
    np.testing.assert_allclose(stack.weights["lstm_1/bias"], lstms[0][2], atol=1e-6)
    assert 0 < char_parity(stack).relative < 1e-5


def test_bidirectional_of_cudnn_is_bidirectional_of_lstm(tmp_path):
    generator = np.random.default_rng(4)
    (forwards,), (backwards,) = (random_stack(4, V, generator, size=3, layers=1)[0] for _ in range(2))
    arrays = {"LSTM": [*forwards, *backwards],
              "CuDNNLSTM": [*to_cudnn(*forwards, generator), *to_cudnn(*backwards, generator)]}
    numbers = generator.normal(size=(2, 7, 3))
    outputs, weights = [], []
    for kind, each in arrays.items():
        inner = {"name": "inner", "units": 4, "return_sequences": True}
        if kind == "LSTM":
            inner |= {"activation": "tanh", "recurrent_activation": "sigmoid"}
        layer = {"name": "both", "merge_mode": "concat", "layer": {"class_name": kind, "config": inner}}
        layers = [{"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [None, None, 3]}},
                  {"class_name": "Bidirectional", "config": layer}]
        (tmp_path / "m.json").write_text(json.dumps({"class_name": "Sequential", "config": layers}))
        file = LegacyFile.read(write_weights(tmp_path / f"{kind}.h5", [("both", each)]))
        network = LegacyNetwork.of(file, tmp_path / "m.json")
        outputs.append(network.forward([numbers])[0])
        weights.append(network.relaid()[1])
        assert 0 < network_parity(network, *network.relaid()).relative < 1e-5
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-6)
    assert list(weights[0]) == list(weights[1])
    for name, array in weights[0].items():
        np.testing.assert_allclose(weights[1][name], array, atol=1e-6)
