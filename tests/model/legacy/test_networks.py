"""Files written by Keras 2 predict here what they predicted there."""

import json

import h5py
import numpy as np
import pytest

from probe.errors import UserError
from probe.model.imported import ImportedNetwork
from probe.model.legacy import LegacyFile, LegacyNetwork, keras_model, network_parity, parity, rebuild
from probe.model.legacy.architecture import Architecture
from tests.model.legacy.layouts import write_weights

NETWORKS = ["char_sigmoid", "char_hard", "char_no_bias", "char_embedded", "char_one_hot", "bidirectional",
            "convolutions", "functional", "masked_numbers", "gated", "activations", "many_names", "branches"]


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


@pytest.fixture
def _rebuilt_once(monkeypatch):
    """A test of one network rebuilds its layers once, for a prediction and for the parity check."""
    rebuilt, made = rebuild.keras_tensors, []

    def once(*given):
        made[:] = made or [rebuilt(*given)]
        return made[0]

    for module in (rebuild, parity):
        monkeypatch.setattr(module, "keras_tensors", once)


@pytest.mark.usefixtures("_rebuilt_once")
@pytest.mark.parametrize("name", NETWORKS)
def test_both_forward_passes_predict_what_keras_2_did(written, name):
    network = read(written, name)
    inputs, expected = predicted(written, name)
    model = keras_model(*network.relaid())
    for ours in (network.forward(inputs), outputs_of(model, inputs)):
        assert len(ours) == len(expected)
        for one, other in zip(ours, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)
    assert 0 < network_parity(network, *network.relaid()).relative < 1e-5


@pytest.mark.parametrize("name", ["bidirectional", "functional", "many_names", "branches"])
def test_weights_alone_with_the_architecture_as_json_are_the_same_network(written, name):
    whole, parts = read(written, name), read(written, f"{name}.weights-only")
    assert parts.architecture == whole.architecture
    for (path, array), (other, expected) in zip(parts.relaid()[1].items(), whole.relaid()[1].items(), strict=True):
        assert path == other
        np.testing.assert_array_equal(array, expected)


def test_arrays_under_other_names_are_handed_out_in_keras_order(written, tmp_path):
    """The third layer could be computed before the second; as the shapes are the same, nothing else would tell."""
    text = (written / "branches.json").read_text()
    for name in ("first", "second", "third"):
        text = text.replace(f'"{name}"', f'"renamed_{name}"')
    (tmp_path / "m.json").write_text(text)
    network = LegacyNetwork.of(LegacyFile.read(written / "branches.weights-only.h5"), tmp_path / "m.json")
    inputs, [expected] = predicted(written, "branches")
    np.testing.assert_allclose(network.forward(inputs)[0], expected, atol=1e-6)
    assert [layer.name for layer in network.architecture.layers][:4] == ["x", *(
        f"renamed_{name}" for name in ("first", "second", "third"))]


def test_arrays_that_the_file_calls_otherwise_are_refused(tmp_path):
    layer = {"name": "n", "axis": -1, "epsilon": 1e-3, "center": True, "scale": True}
    config = {"class_name": "Sequential", "config": [
        {"class_name": "BatchNormalization", "config": {**layer, "batch_input_shape": [None, 3]}}]}
    arrays = [np.full(3, number) for number in (1.0, 2.0, 3.0, 4.0)]
    names = ["gamma", "beta", "moving_mean", "moving_variance"]
    path = write_weights(tmp_path / "w.h5", [("n", arrays)], names_of={"n": names}, config=config)
    outputs = LegacyNetwork.of(LegacyFile.read(path)).forward([np.full((1, 3), 5.0)])[0]
    np.testing.assert_allclose(outputs, (5 - 3) / np.sqrt(4 + 1e-3) + 2)
    path = write_weights(tmp_path / "w.h5", [("n", arrays)], names_of={"n": ["beta", "gamma", *names[2:]]},
                         config=config)
    with pytest.raises(UserError, match="the arrays of n are called beta, gamma, moving_mean, moving_variance, and it"):
        LegacyNetwork.of(LegacyFile.read(path))
    path = write_weights(tmp_path / "w.h5", [("n", arrays)], names_of={"n": ["u", "v", "w", "x"]}, config=config)
    LegacyNetwork.of(LegacyFile.read(path))


@pytest.mark.usefixtures("_rebuilt_once")
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
    architecture, weights = network.relaid()
    ImportedNetwork(architecture, weights, network.origin()).save(tmp_path / "network")
    opened = ImportedNetwork.open(tmp_path / "network")
    assert (opened.architecture, list(opened.weights)) == (architecture, list(weights))
    assert opened.origin["sha256"] == network.file.sha256
    for path, array in weights.items():
        np.testing.assert_array_equal(opened.weights[path], array, err_msg=path)


@pytest.mark.parametrize("name", ["char_sigmoid", "functional", "many_names"])
def test_an_imported_network_predicts_when_it_is_opened(written, name, tmp_path):
    network = read(written, name)
    inputs, expected = predicted(written, name)
    ImportedNetwork(*network.relaid(), network.origin()).save(tmp_path / "network")
    for one, other in zip(outputs_of(ImportedNetwork.open(tmp_path / "network").model(), inputs), expected,
                          strict=True):
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
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = "2.1.6-tf"  # so did tf.keras before its 2.2.4
    np.testing.assert_array_equal(LegacyNetwork.of(LegacyFile.read(path)).forward(inputs)[0], older.forward(inputs)[0])
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = "2.2.4-tf"
    np.testing.assert_array_equal(LegacyNetwork.of(LegacyFile.read(path)).forward(inputs)[0], newer.forward(inputs)[0])


def test_a_wrong_layout_does_not_pass_the_parity_check(written):
    network = read(written, "bidirectional")
    architecture, weights = network.relaid()
    name = next(path for path in weights if path.endswith("backward_recurrent_kernel"))
    turned = np.hstack([block.T for block in np.hsplit(weights[name], 4)])
    with pytest.raises(UserError, match=r"deviates from the file's arrays by .*nothing was imported"):
        network_parity(network, architecture, {**weights, name: turned})


def dense(name, source, units=3, activation="linear"):
    return {"class_name": "Dense", "config": {"name": name, "units": units, "activation": activation},
            "name": name, "inbound_nodes": [[[source, 0, 0, {}]]]}


def parity_of_a_changed_weight(path, config, layers, changed):
    network = LegacyNetwork.of(LegacyFile.read(write_weights(path, layers, config=config)))
    architecture, weights = network.relaid()
    assert 0 < network_parity(network, architecture, weights).relative < 1e-5
    with pytest.raises(UserError, match=rf"layer {changed.split('/')[0]}: the imported network deviates"):
        network_parity(network, architecture, {**weights, changed: weights[changed] * np.float32(1.01)})


def test_a_large_output_does_not_hide_an_error_in_a_small_one(tmp_path):
    generator = np.random.default_rng(0)
    config = chain(ENTRANCE, dense("d", "i"), dense("large", "i"), output_layers=[["d", 0, 0], ["large", 0, 0]])
    layers = [("d", [generator.normal(size=(3, 3)), np.zeros(3)]),
              ("large", [1e6 * generator.normal(size=(3, 3)), np.zeros(3)])]
    parity_of_a_changed_weight(tmp_path / "w.h5", config, layers, "d/kernel")


def test_a_saturated_output_does_not_hide_an_error_in_front_of_it(tmp_path):
    generator = np.random.default_rng(0)
    config = chain(ENTRANCE, dense("e", "i"), dense("d", "e", activation="tanh"))
    layers = [("e", [generator.normal(size=(3, 3)), np.zeros(3)]), ("d", [np.eye(3), np.full(3, 1e3)])]
    parity_of_a_changed_weight(tmp_path / "w.h5", config, layers, "e/kernel")


REFUSED = {
    "lambda": r"layer evil \(Lambda\): is refused: holds code",
    "gru": r"layer gated \(RNN\): is refused: accepted are InputLayer",
    "shared": r"layer embedding\w* \(Embedding\): is used more than once",
    "nested": r"layer inner \(Sequential\): is refused: a network inside a network",
    "state": r"layer stately \(LSTM\): return_state=True is not supported",
    "leaky": r"layer smooth \(Dense\): activation 'mish' is not supported",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_on_the_list_is_refused_by_name(written, name):
    with pytest.raises(UserError, match=REFUSED[name]) as raised:
        LegacyNetwork.of(LegacyFile.read(written / f"{name}.h5"))
    assert str(raised.value).startswith(f"{written / f'{name}.h5'}: layer ")


LAYER = {"name": "a", "units": 3, "activation": "tanh"}
LSTM = {**LAYER, "recurrent_activation": "sigmoid"}
SETTINGS = {
    "time_major": ("LSTM", {**LSTM, "time_major": True}, r"layer a \(LSTM\): time_major=True"),
    "unknown setting": ("LSTM", {**LSTM, "peephole": True}, "its setting peephole=True is not known here"),
    "activation": ("Dense", {**LAYER, "activation": "swoosh"}, "activation 'swoosh' is not supported"),
    "activation as code": ("Dense", {**LAYER, "activation": {"class_name": "function", "config": "os.system"}},
                           "is not supported"),
    "dtype": ("Dense", {**LAYER, "dtype": "float16"}, "dtype 'float16' is not supported"),
    "mixed policy": ("Dense", {**LAYER, "dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}},
                     "mixed_float16"),
    "channels first": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": [3], "data_format": "channels_first"},
                       "data_format='channels_first'"),
    "groups": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": 3, "groups": 2}, "groups=2"),
    "reach": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": 3, "dilation_rate": 1 << 20,
                         "activation": None}, "at most 4,096"),
    "strides of a dilated convolution": ("Conv1D", {"name": "a", "filters": 2, "kernel_size": 3, "dilation_rate": 2,
                                                    "strides": 2, "activation": None}, "one of them at a time"),
    "no activation": ("Dense", {"name": "a", "units": 3}, "has no activation, as Keras 2 writes it"),
    "no activation of gates": ("LSTM", LAYER, "has no recurrent_activation, as Keras 2 writes it"),
    "an escape sequence as name": ("Dense", {**LAYER, "name": "a\x1b[31m"}, "a name, of printable characters"),
    "absurd units": ("Dense", {"name": "a", "units": 10**12}, "units must be a whole number"),
    "units no number": ("Dense", {"name": "a", "units": True}, "units must be a whole number"),
    "no units": ("LSTM", {"name": "a", "output_dim": 4}, "has no units, as Keras 2 writes it"),
    "no name": ("Dense", {"units": 4}, "a layer must have a name"),
    "pool": ("MaxPooling1D", {"name": "a", "pool_size": 10**7, "strides": 1}, "at most 4,096"),
    "unmerged": ("Bidirectional", {"name": "a", "merge_mode": None, "layer": {"class_name": "LSTM",
                                                                               "config": LSTM}}, "merge_mode 'none'"),
    "backwards inside": ("Bidirectional", {"name": "a", "merge_mode": "sum", "layer": {
        "class_name": "LSTM", "config": {**LSTM, "go_backwards": True}}}, "go_backwards=True inside Bidirectional"),
    "a cell inside": ("Bidirectional", {"name": "a", "layer": {"class_name": "RNN", "config": {}}}, "layer is a 'RNN'"),
    "other backward layer": ("Bidirectional", {
        "name": "a", "merge_mode": "sum", "layer": {"class_name": "LSTM", "config": LSTM},
        "backward_layer": {"class_name": "LSTM", "config": {**LSTM, "units": 2, "go_backwards": True}}},
        "backward_layer has other settings"),
    "a stranger's layer inside": ("Bidirectional", {"name": "a", "merge_mode": "sum", "layer": {
        "class_name": "LSTM", "registered_name": "evil>LSTM", "config": LSTM}}, "somebody's own"),
    "time distributed lambda": ("TimeDistributed", {"name": "a", "layer": {"class_name": "Lambda", "config": {}}},
                                "holds a Lambda"),
    "axis": ("Concatenate", {"name": "a", "axis": 1}, "axis=1 is not supported"),
    "input of rank 4": ("InputLayer", {"name": "a", "batch_input_shape": [None, 9, 9, 3]}, "its input's shape"),
    "absurd input": ("InputLayer", {"name": "a", "batch_input_shape": [None, 1 << 20, 1 << 20]}, "at most 4,194,304"),
    "input beyond floats": ("InputLayer", {"name": "a", "batch_input_shape": [None, 10**400, 3]}, "at most 4,194"),
    "absurdly long input": ("InputLayer", {"name": "a", "batch_input_shape": [None, 65_537, 1]}, "at most 65,536 st"),
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
    settings = {"activation": "tanh", **settings} if kind == "Dense" else settings
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
        {"class_name": "Dense", "registered_name": "evil>Dense", "config": LAYER}]}, "somebody's own"),
    "a stranger's layer of Keras' name": ({"class_name": "Sequential", "config": [
        {"class_name": "Dense", "registered_name": "Dense", "config": LAYER}]}, "somebody's own"),
    "no shape": ({"class_name": "Sequential", "config": [{"class_name": "Dense", "config": LAYER}]},
                 "does not say the shape of its input"),
    "a list": ([], "must be described by a JSON object; received list"),
    "two sources": (chain(ENTRANCE, entry("d", "Dense", [[["i", 0, 0, {}], ["i", 0, 0, {}]]], units=2)),
                    "cannot tell what it reads"),
    "too many layers": (chain(ENTRANCE, *(entry(f"e{k}", "Dense", [[["i", 0, 0, {}]]], units=2) for k in range(500))),
                        "with 501 layers; at most 500 are accepted"),
    "ids of an embedding that are vectors": (chain(
        entry("i", "InputLayer", [], batch_input_shape=[None, 4, 3]),
        entry("d", "Embedding", [[["i", 0, 0, {}]]], input_dim=4, output_dim=2)),
        r"layer d \(Embedding\): must read an input of ids"),
    "ids of an embedding that a layer computes": (chain(
        ENTRANCE, entry("e", "Dense", [[["i", 0, 0, {}]]], units=4),
        entry("d", "Embedding", [[["e", 0, 0, {}]]], input_dim=4, output_dim=2)),
        r"layer d \(Embedding\): must read an input of ids"),
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
    ImportedNetwork(*network.relaid(), network.origin()).save(folder)  # ours may be replaced
    assert ImportedNetwork.open(folder).architecture == network.relaid()[0]
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="holds no imported network"):
        ImportedNetwork(*network.relaid(), network.origin()).save(stranger)
    with pytest.raises(UserError, match="not an imported network"):
        ImportedNetwork.open(stranger)


@pytest.mark.parametrize(("files", "reason"), [
    ({"network.json": '{"hosts": []}'}, "not a manifest written by probe"),
    ({"network.json": None, "weights.safetensors": None, "thesis.txt": "years of work"}, "holds thesis.txt beside"),
    ({"weights.safetensors": None}, "holds no imported network")])
def test_no_folder_of_somebody_else_is_replaced(written, tmp_path, files, reason):
    network, ours, folder = read(written, "branches"), tmp_path / "ours", tmp_path / "folder"
    imported = ImportedNetwork(*network.relaid(), network.origin())
    imported.save(ours)
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes((ours / name).read_bytes() if text is None else text.encode())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(UserError, match=reason):
        imported.save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_fills_while_a_network_is_written_is_kept(written, tmp_path, monkeypatch):
    network, folder = read(written, "branches"), tmp_path / "folder"

    def meanwhile(path, arrays):
        folder.mkdir()
        (folder / "thesis.txt").write_text("years of work")
        return "0" * 64

    monkeypatch.setattr("probe.model.imported.write_bundle", meanwhile)
    with pytest.raises(UserError, match="holds no imported network"):
        ImportedNetwork(*network.relaid(), network.origin()).save(folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_what_keras_3_wrote_is_left_to_keras_3(written, tmp_path):
    path = tmp_path / "of-keras-3.h5"
    path.write_bytes((written / "char_hard.h5").read_bytes())
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = "3.0.0"
    with pytest.raises(UserError, match=r"written by Keras 3\.0\.0, which opens it itself"):
        LegacyFile.read(path)


def test_two_embeddings_that_read_one_input_get_ids_that_both_know(tmp_path):
    generator = np.random.default_rng(0)
    config = chain(
        entry("i", "InputLayer", [], batch_input_shape=[None, None]),
        entry("e", "Embedding", [[["i", 0, 0, {}]]], input_dim=900, output_dim=2),
        entry("f", "Embedding", [[["i", 0, 0, {}]]], input_dim=3, output_dim=2),
        entry("d", "Add", [[["e", 0, 0, {}], ["f", 0, 0, {}]]]))
    layers = [("e", [generator.normal(size=(900, 2))]), ("f", [generator.normal(size=(3, 2))])]
    network = LegacyNetwork.of(LegacyFile.read(write_weights(tmp_path / "w.h5", layers, config=config)))
    assert network_parity(network, *network.relaid()).relative < 1e-6


def test_as_many_layers_as_are_accepted_are_imported(tmp_path):
    config = {"class_name": "Sequential", "config": [
        {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [None, 2]}},
        *({"class_name": "Dropout", "config": {"name": f"dropout_{k}", "rate": 0.0}} for k in range(498)),
        {"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "linear"}}]}
    path = write_weights(tmp_path / "w.h5", [("d", [np.eye(2), np.zeros(2)])], config=config)
    network = LegacyNetwork.of(LegacyFile.read(path))
    assert network_parity(network, *network.relaid()).outputs == 8 * 2 * 499
