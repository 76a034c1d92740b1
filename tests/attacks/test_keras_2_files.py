"""Hostile files given to 'probe import': each ends in one line and status 1, soon, with nothing written."""

import h5py
import numpy as np
import pytest

from probe.cli.main import main
from probe.errors import UserError
from probe.files import read_manifest, write_bundle, write_manifest
from probe.model.imported import KIND, VERSION, ImportedNetwork
from probe.model.legacy.architecture import Architecture
from tests.model.legacy.layouts import write_weights

LSTM = {"units": 2, "activation": "tanh", "recurrent_activation": "sigmoid"}


def entry(kind, name, *sources, **settings):
    return {"class_name": kind, "name": name, "config": {"name": name, **settings},
            "inbound_nodes": [[[source, 0, 0, {}] for source in sources]] if sources else []}


def dense(name, source, units):
    return entry("Dense", name, source, units=units, activation="linear")


def functional(*entries):
    return {"class_name": "Functional", "config": {
        "layers": list(entries), "input_layers": [["i", 0, 0]], "output_layers": [[entries[-1]["name"], 0, 0]]}}


def sequential(*entries):
    return {"class_name": "Sequential", "config": list(entries)}


def entrance(*shape):
    return entry("InputLayer", "i", batch_input_shape=[None, *shape])


def weights(rows, columns):
    return [np.ones((rows, columns)), np.ones(columns)]


def doubling(times):
    """Concatenate layers, each of which reads the one before twice."""
    names = ["i", *(f"c{k}" for k in range(times))]
    return [entry("Concatenate", after, before, before, axis=-1)
            for before, after in zip(names[:-1], names[1:], strict=True)]


# What the file holds: its network, and its layers with weights.
NETWORKS = {
    "an input alone": (sequential(entrance(None, 3)), [], "must have layers beside its inputs"),
    "widths that cannot be added": (
        functional(entrance(5), dense("d", "i", 3), dense("e", "i", 4), entry("Add", "a", "d", "e")),
        [("d", weights(5, 3)), ("e", weights(5, 4))], "layer a (Add): cannot join inputs of the shapes (3,), (4,)"),
    "gates of Keras 1 for other inputs": (
        sequential(entrance(None, 3), entry("LSTM", "l", **LSTM)),
        [("l", [np.ones(shape) for width in (3, 4, 3, 3) for shape in ((width, 2), (2, 2), (2,))])],
        "layer l (LSTM): its arrays have the shapes"),
    "ids that are vectors": (
        sequential(entrance(4, 3), entry("Embedding", "e", input_dim=9, output_dim=2)), [("e", [np.ones((9, 2))])],
        "layer e (Embedding): must read an input of ids"),
    "ids that are computed": (
        functional(entrance(4), dense("d", "i", 4), entry("Embedding", "e", "d", input_dim=9, output_dim=2)),
        [("d", weights(4, 4)), ("e", [np.ones((9, 2))])], "layer e (Embedding): must read an input of ids"),
    "a size beyond all floats": (sequential(entrance(10**400), dense("d", "i", 3)), [("d", weights(3, 3))],
                                 "at most 4,194,304 numbers are accepted"),
    "units beyond all floats": (sequential(entrance(3), dense("d", "i", 10**400)), [("d", weights(3, 3))],
                                "units must be a whole number from 1 to"),
    "a number beyond all floats": (
        sequential(entrance(None, 3), entry("Masking", "m", mask_value=10**400), dense("d", "m", 3)),
        [("d", weights(3, 3))], "mask_value must be a finite number"),
    "a dilated convolution with strides": (
        sequential(entrance(None, 3), entry("Conv1D", "c", filters=2, kernel_size=3, strides=2, dilation_rate=2,
                                            activation="linear")), [("c", [np.ones((3, 3, 2)), np.ones(2)])],
        "Keras takes one of them at a time"),
    "a thousand layers": (sequential(entrance(3), *(dense(f"d{k}", "", 3) for k in range(1000))),
                          [("d0", weights(3, 3))], "with 1,001 layers; at most 500 are accepted"),
    "a wide input of any length": (
        sequential(entrance(None, 1 << 22), entry("GlobalMaxPooling1D", "p"), dense("d", "p", 3)),
        [("d", weights(3, 3))], "layer i (InputLayer): would put out"),
    "a wide layer after a long input": (
        sequential(entrance(60_000, 1), dense("d", "i", 100_000)), [("d", weights(1, 100_000))],
        "layer d (Dense): would put out 48,000,000,000 numbers"),
    "wide LSTM steps": (
        sequential(entrance(65_536, 1), entry("LSTM", "l", **{**LSTM, "units": 600}, return_sequences=True)),
        [("l", [np.ones((1, 2400)), np.ones((600, 2400)), np.ones(2400)])], "layer l (LSTM): would put out"),
    "wide embeddings": (
        sequential(entrance(60_000), entry("Embedding", "e", input_dim=1, output_dim=100_000)),
        [("e", [np.ones((1, 100_000))])], "layer e (Embedding): would put out"),
    "wide convolutions": (
        sequential(entrance(60_000, 1), entry("Conv1D", "c", filters=100_000, kernel_size=1, activation="linear")),
        [("c", [np.ones((1, 1, 100_000)), np.ones(100_000)])], "layer c (Conv1D): would put out"),
}


def refused(path, capsys, reason, *arguments):
    folder = sorted(path.parent.iterdir())
    assert main(["import", str(path), *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"probe: {path.parent}")
    assert printed.err.count("\n") == 1
    assert reason in printed.err
    assert "\x1b" not in printed.out + printed.err
    assert sorted(path.parent.iterdir()) == folder


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_that_cannot_be_is_refused_in_a_line(name, tmp_path, capsys):
    config, layers, reason = NETWORKS[name]
    refused(write_weights(tmp_path / "a.h5", layers, config=config), capsys, reason)


def test_outputs_that_double_with_each_layer_are_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("probe.model.legacy.layer.MOST_NUMBERS", 1 << 16)
    config = functional(entrance(3), *doubling(60), dense("d", "c59", 3))
    path = write_weights(tmp_path / "a.h5", [("d", weights(3, 3))], config=config)
    refused(path, capsys, "(Concatenate): would put out 98,304 numbers for 8 examples; at most 65,536 are accepted")


def test_many_outputs_that_are_too_large_together_are_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("probe.model.legacy.forward.MOST_NUMBERS", 1 << 16)
    config = functional(entrance(1), *(dense(f"d{k}", "i", 1 << 10) for k in range(9)))
    path = write_weights(tmp_path / "a.h5", [(f"d{k}", weights(1, 1 << 10)) for k in range(9)], config=config)
    refused(path, capsys, "layer d8 (Dense): is where the network's outputs exceed 65,536 numbers")


def test_a_setting_too_deep_to_be_printed_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UserError, match="nested too deeply"):
        Architecture.of(sequential(entrance(3), entry("Dense", "d", units=deep, activation="linear")))


def change(path, write):
    with h5py.File(path, "a") as file:
        write(file)
    return path


@pytest.fixture
def path(tmp_path):
    config = sequential(entrance(3), dense("d", "i", 3))
    return write_weights(tmp_path / "a.h5", [("d", weights(3, 3))], config=config)


def test_the_file_that_is_changed_below_is_accepted(path, capsys):
    assert main(["import", str(path)]) == 0


def test_a_json_of_a_great_depth_is_refused(path, capsys):
    (path.parent / "deep.json").write_text('{"class_name": "Sequential", "config": ' + "[" * 200_000)
    change(path, lambda file: file.attrs.__delitem__("model_config"))
    refused(path, capsys, "not valid JSON", "--architecture", str(path.parent / "deep.json"))


def test_a_json_of_a_great_length_is_refused(path, capsys, monkeypatch):
    monkeypatch.setattr("probe.model.legacy.source.LARGEST_JSON", 50)
    refused(path, capsys, "characters; at most 50 are accepted")


def test_one_small_array_under_eight_thousand_names_is_refused(path, capsys):
    """A megabyte named so often would be eight gigabytes."""
    def write(file):
        file["d/x"] = np.ones(1 << 18, np.float32)
        del file["d"].attrs["weight_names"]
        for part in range(2):
            file["d"].attrs[f"weight_names{part}"] = np.array([b"x"] * 4000)

    refused(change(path, write), capsys, "d: names an array twice")


def test_one_small_array_under_many_links_is_refused(path, capsys):
    def write(file):
        file["d/large"] = np.ones(1 << 18, np.float32)
        for number in range(800):
            file[f"d/{number}"] = file["d/large"]
        file["d"].attrs["weight_names"] = [str(number).encode() for number in range(800)]

    refused(change(path, write), capsys, "bytes of arrays in all, the most accepted")


@pytest.mark.parametrize("name", ["keras_version", "backend"])
@pytest.mark.parametrize("value", ["2.2.4\x1b]0;owned\x07", "2.2.4\nprobe: all is well", "2.2.4" + "0" * 40])
def test_a_version_that_drives_the_terminal_is_refused(name, value, path, capsys):
    refused(change(path, lambda file: file.attrs.__setitem__(name, value.encode())), capsys,
            f"its {name} '2.2.4")


def test_a_layer_whose_name_drives_the_terminal_is_refused(path, capsys):
    def write(file):
        file["d\x1b[31m"] = file["d"]
        file.attrs["layer_names"] = [b"d\x1b[31m"]

    refused(change(path, write), capsys, "is not printable")


def test_a_folder_of_ours_whose_manifest_was_changed_opens_to_one_line(path, tmp_path, capsys):
    folder = tmp_path / "network"
    assert main(["import", str(path), "--out", str(folder)]) == 0
    content = read_manifest(folder / "network.json", KIND, VERSION)
    layer = {**LSTM, "units": 1}
    cudnn = functional(entrance(None, 3), entry("CuDNNLSTM", "d", "i", units=3))
    for changed, reason in (
            ({"architecture": []}, "must be described by a JSON object"), ({"architecture": None}, "a JSON object"),
            ({"architecture": cudnn}, "names the weights"), ({"weights": 3}, "not the description of a network"),
            ({"weights": []}, "names the weights"), ({"weights": content["weights"][::-1]}, "names the weights"),
            ({"origin": 3}, "not the description of a network"), ({"sha256": []}, "damaged"),
            ({"architecture": functional(entrance(None, 3), entry("LSTM", "d", "i", **layer))}, "names the weights")):
        write_manifest(folder / "network.json", KIND, VERSION, {**content, **changed})
        with pytest.raises(UserError, match=reason) as raised:
            ImportedNetwork.open(folder)
        assert str(raised.value).startswith(str(folder))


def test_a_folder_of_ours_that_names_cudnn_s_layer_opens_to_one_line(tmp_path):
    arrays = {"d/kernel": np.ones((3, 8), np.float32), "d/recurrent_kernel": np.ones((2, 8), np.float32),
              "d/bias": np.ones(16, np.float32)}
    sha256 = write_bundle(tmp_path / "weights.safetensors", arrays)
    write_manifest(tmp_path / "network.json", KIND, VERSION, {
        "architecture": functional(entrance(None, 3), entry("CuDNNLSTM", "d", "i", units=2)), "weights": list(arrays),
        "sha256": sha256, "origin": {}})
    with pytest.raises(UserError, match=r"network\.json: layer d \(CuDNNLSTM\): is of a class that Keras 3 does not"):
        ImportedNetwork.open(tmp_path)


def test_the_json_of_somebody_else_s_program_is_no_network(path, capsys):
    other = path.parent / "other.json"
    change(path, lambda file: file.attrs.__delitem__("model_config"))
    for text, reason in (("[]", "must be a JSON object"), ("NaN", "must be a JSON object"),
                         ("{}", "must be Sequential or functional"),
                         ('{"class_name": ["Sequential"], "config": {}}', "must be Sequential or functional"),
                         ('{"class_name": "Sequential", "config": {"layers": [3]}}', "not a layer of a Keras")):
        other.write_text(text)
        refused(path, capsys, reason, "--architecture", str(other))
