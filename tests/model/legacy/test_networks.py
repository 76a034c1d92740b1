"""Files written by Keras 2 predict here what they predicted there."""

import json

import h5py
import numpy as np
import pytest

from probe.errors import UserError
from probe.model.imported import ImportedNetwork
from probe.model.legacy import LegacyFile, LegacyNetwork, keras_model, network_parity
from probe.model.legacy.architecture import Architecture

NETWORKS = ["char_sigmoid", "char_hard", "char_no_bias", "char_embedded", "char_one_hot", "bidirectional",
            "convolutions", "functional", "masked_numbers", "activations", "many_names"]


def read(written, name):
    file = LegacyFile.read(written / f"{name}.h5")
    plain = name.removesuffix(".weights-only")
    return LegacyNetwork.of(file, written / f"{plain}.json" if plain != name else None)


def predicted(written, name):
    arrays = np.load(written / f"{name}.npz")
    return ([arrays[key] for key in arrays if key.startswith("in")],
            [arrays[key] for key in arrays if key.startswith("out")])


def outputs_of(model, inputs):
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(each) for each in (outputs if isinstance(outputs, list | tuple) else [outputs])]


@pytest.mark.parametrize("name", NETWORKS)
def test_both_forward_passes_predict_what_keras_2_did(written, name):
    network = read(written, name)
    inputs, expected = predicted(written, name)
    model = keras_model(*network.relaid())
    for ours in (network.forward(inputs), outputs_of(model, inputs)):
        assert len(ours) == len(expected)
        for one, other in zip(ours, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    parity = network_parity(network, *network.relaid())
    assert 0 < parity.relative < 1e-5


@pytest.mark.parametrize("name", ["bidirectional", "functional", "many_names"])
def test_weights_alone_with_the_architecture_as_json_are_the_same_network(written, name):
    whole, parts = read(written, name), read(written, f"{name}.weights-only")
    assert parts.architecture == whole.architecture
    for (path, array), (other, expected) in zip(parts.relaid()[1].items(), whole.relaid()[1].items(), strict=True):
        assert path == other
        np.testing.assert_array_equal(array, expected)


def test_the_sentiment_classifier_predicts_its_published_number(shared):
    network = LegacyNetwork.of(LegacyFile.read(shared / "legacy" / "keras_sentiment_classifier.h5"))
    row = np.array([[1, 4825, 14, 9, 87, 21, 24, 38, 87]])
    [exact], [rebuilt] = network.forward([row]), outputs_of(keras_model(*network.relaid()), [row])
    assert f"{exact.item():.7f}" == "0.5912497"
    assert exact.item() == pytest.approx(0.5912496, abs=1e-7)
    assert rebuilt.item() == pytest.approx(0.5912496, abs=1e-7)
    assert network_parity(network, *network.relaid()).absolute < 1e-6


@pytest.mark.parametrize("name", NETWORKS)
def test_an_imported_network_opens_as_it_was_saved(written, name, tmp_path):
    network = read(written, name)
    inputs, expected = predicted(written, name)
    architecture, weights = network.relaid()
    ImportedNetwork(architecture, weights, network.origin()).save(tmp_path / "network")
    opened = ImportedNetwork.open(tmp_path / "network")
    assert opened.architecture == architecture
    assert opened.origin["sha256"] == network.file.sha256
    for one, other in zip(outputs_of(opened.model(), inputs), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)


def test_multi_backend_keras_repeated_outputs_at_masked_steps(written, tmp_path):
    """tf.keras zeroes them inside Bidirectional, and an unmasked maximum afterwards tells the two apart."""
    path = tmp_path / "of-keras.h5"
    path.write_bytes((written / "bidirectional.h5").read_bytes())
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = "2.2.4"
    older, newer = LegacyNetwork.of(LegacyFile.read(path)), read(written, "bidirectional")
    inputs, _ = predicted(written, "bidirectional")
    assert np.abs(older.forward(inputs)[0] - newer.forward(inputs)[0]).max() > 1e-3
    np.testing.assert_allclose(older.forward(inputs)[1], newer.forward(inputs)[1])
    assert network_parity(older, *older.relaid()).relative < 1e-5


def test_a_wrong_layout_does_not_pass_the_parity_check(written):
    network = read(written, "bidirectional")
    architecture, weights = network.relaid()
    name = next(path for path in weights if path.endswith("backward_recurrent_kernel"))
    turned = np.hstack([block.T for block in np.hsplit(weights[name], 4)])
    with pytest.raises(UserError, match=r"deviates from the file's arrays by .*nothing was imported"):
        network_parity(network, architecture, {**weights, name: turned})


REFUSED = {
    "lambda": r"layer evil \(Lambda\): is refused: holds code",
    "gru": r"layer gated \(GRU\): is refused: accepted are InputLayer",
    "shared": r"layer embedding\w* \(Embedding\): is used more than once",
    "nested": r"layer inner \(Sequential\): is refused: a network inside a network",
    "state": r"layer stately \(LSTM\): return_state=True is not supported",
    "leaky": r"layer smooth \(Dense\): activation 'gelu' is not supported",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_on_the_list_is_refused_by_name(written, name):
    with pytest.raises(UserError, match=REFUSED[name]) as raised:
        LegacyNetwork.of(LegacyFile.read(written / f"{name}.h5"))
    assert str(raised.value).startswith(f"{written / f'{name}.h5'}: layer ")


LAYER = {"name": "a", "units": 3}
SETTINGS = {
    "time_major": ("LSTM", {**LAYER, "time_major": True}, r"layer a \(LSTM\): time_major=True"),
    "unknown setting": ("LSTM", {**LAYER, "peephole": True}, "its setting peephole=True is not known here"),
    "activation": ("Dense", {**LAYER, "activation": "swoosh"}, "activation 'swoosh' is not supported"),
    "activation as code": ("Dense", {**LAYER, "activation": {"class_name": "function", "config": "os.system"}},
                           "is not supported"),
    "dtype": ("Dense", {**LAYER, "dtype": "float16"}, "dtype 'float16' is not supported"),
    "mixed policy": ("Dense", {**LAYER, "dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}},
                     "mixed_float16"),
    "channels first": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": [3], "data_format": "channels_first"},
                       "data_format='channels_first'"),
    "groups": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": 3, "groups": 2}, "groups=2"),
    "reach": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": 3, "dilation_rate": 1 << 20}, "at most 4,096"),
    "absurd units": ("Dense", {"name": "a", "units": 10**12}, "units must be a whole number"),
    "units no number": ("Dense", {"name": "a", "units": True}, "units must be a whole number"),
    "no units": ("LSTM", {"name": "a", "output_dim": 4}, "has no units, as Keras 2 writes it"),
    "no name": ("Dense", {"units": 4}, "a layer must have a name"),
    "pool": ("MaxPooling1D", {"name": "a", "pool_size": 10**7, "strides": 1}, "at most 4,096"),
    "unmerged": ("Bidirectional", {"name": "a", "merge_mode": None, "layer": {"class_name": "LSTM", "config": {
        "name": "b", "units": 2}}}, "merge_mode 'none'"),
    "backwards inside": ("Bidirectional", {"name": "a", "merge_mode": "sum", "layer": {"class_name": "LSTM", "config": {
        "name": "b", "units": 2, "go_backwards": True}}}, "go_backwards=True inside Bidirectional"),
    "gru inside": ("Bidirectional", {"name": "a", "layer": {"class_name": "GRU", "config": {}}}, "layer is a 'GRU'"),
    "other backward layer": ("Bidirectional", {
        "name": "a", "merge_mode": "sum", "layer": {"class_name": "LSTM", "config": {"name": "b", "units": 2}},
        "backward_layer": {"class_name": "LSTM", "config": {"name": "c", "units": 3, "go_backwards": True}}},
        "backward_layer has other settings"),
    "time distributed lambda": ("TimeDistributed", {"name": "a", "layer": {"class_name": "Lambda", "config": {}}},
                                "holds a Lambda"),
    "axis": ("Concatenate", {"name": "a", "axis": 1}, "axis=1 is not supported"),
    "input of rank 4": ("InputLayer", {"name": "a", "batch_input_shape": [None, 9, 9, 3]}, "its input's shape"),
    "absurd input": ("InputLayer", {"name": "a", "batch_input_shape": [None, 1 << 20, 1 << 20]}, "at most 4,194,304"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_would_change_the_arithmetic_is_never_ignored(name):
    kind, settings, reason = SETTINGS[name]
    layers = [{"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [None, None, 3]}},
              {"class_name": kind, "config": settings}]
    with pytest.raises(UserError, match=reason):
        Architecture.of({"class_name": "Sequential", "config": layers})


def chain(*entries, **config):
    return {"class_name": "Functional", "config": {"layers": list(entries), "input_layers": [["i", 0, 0]],
                                                   "output_layers": [["d", 0, 0]], **config}}


def entry(name, kind, inbound, **settings):
    return {"class_name": kind, "name": name, "config": {"name": name, **settings}, "inbound_nodes": inbound}


ENTRANCE = entry("i", "InputLayer", [], batch_input_shape=[None, 3])
GRAPHS = {
    "a ring": (chain(ENTRANCE, entry("d", "Dense", [[["e", 0, 0, {}]]], units=2),
                     entry("e", "Dense", [[["d", 0, 0, {}]]], units=2)), "reads a layer that is missing, or itself"),
    "a call with states": (chain(ENTRANCE, entry("d", "Dense", [[["i", 0, 0, {"initial_state": ["x"]}]]], units=2)),
                           "is called with 'initial_state'"),
    "a second output": (chain(ENTRANCE, entry("d", "Dense", [[["i", 0, 1, {}]]], units=2)), "the one output of"),
    "two of a name": (chain(ENTRANCE, entry("d", "Dense", [[["i", 0, 0, {}]]], units=2),
                            entry("d", "Dense", [[["i", 0, 0, {}]]], units=2)), "two layers are called d"),
    "no such output": (chain(ENTRANCE, entry("e", "Dense", [[["i", 0, 0, {}]]], units=2)), "no such layer"),
    "a class of one's own": ({"class_name": "MyNetwork", "config": {}}, "must be Sequential or functional"),
    "no layers": ({"class_name": "Sequential", "config": {"layers": []}}, "must have a list of layers"),
    "a stranger's layer": ({"class_name": "Sequential", "config": [
        {"class_name": "Dense", "registered_name": "evil>Dense", "config": {"name": "d", "units": 2}}]},
        "somebody's own"),
    "no shape": ({"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": "d", "units": 2}}]},
                 "does not say the shape of its input"),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_is_no_plain_network_is_refused(name):
    config, reason = GRAPHS[name]
    with pytest.raises(UserError, match=reason):
        Architecture.of(config)


def test_a_deep_json_a_foreign_file_and_weights_that_do_not_fit_are_refused(written, tmp_path):
    deep = tmp_path / "deep.json"
    deep.write_text('{"config": ' * 100_000)
    weights = LegacyFile.read(written / "functional.weights-only.h5")
    with pytest.raises(UserError, match="not valid JSON"):
        LegacyNetwork.of(weights, deep)
    with pytest.raises(UserError, match="layers of the file have weights, and"):
        LegacyNetwork.of(weights, written / "convolutions.json")
    with pytest.raises(UserError, match="holds its own architecture"):
        LegacyNetwork.of(LegacyFile.read(written / "functional.h5"), written / "functional.json")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["numbers"] = [1.0]
    with pytest.raises(UserError, match="not a Keras 2 file: it has no layer_names"):
        LegacyFile.read(tmp_path / "other.h5")
    config = json.loads((written / "char_hard.json").read_text())
    config["config"]["layers"][1]["config"]["units"] = 9
    (tmp_path / "wide.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match=r"\(LSTM\): its arrays have the shapes \(1, 32\).*it needs \(any, 36\)"):
        LegacyNetwork.of(LegacyFile.read(written / "char_hard.weights-only.h5"), tmp_path / "wide.json")


def test_damage_to_a_saved_network_is_noticed(written, tmp_path):
    network = read(written, "char_hard")
    folder = tmp_path / "network"
    ImportedNetwork(*network.relaid(), network.origin()).save(folder)
    raw = bytearray((folder / "weights.safetensors").read_bytes())
    raw[-1] ^= 1
    (folder / "weights.safetensors").write_bytes(raw)
    with pytest.raises(UserError, match="damaged"):
        ImportedNetwork.open(folder)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="holds no imported network"):
        ImportedNetwork(*network.relaid(), network.origin()).save(stranger)
    with pytest.raises(UserError, match="not an imported network"):
        ImportedNetwork.open(stranger)
