"""Hostile `.keras` files: each is refused in one line that names what is wrong, and nothing in it is run."""

import io
import json
import os
import zipfile
from contextlib import suppress

import h5py
import numpy as np
import pytest

from probe.activations.foreign import open_model
from probe.errors import UserError
from probe.model.engine import keras

L = keras.layers
MEMBERS = ("metadata.json", "config.json", "model.weights.h5")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A file as Keras writes it, of an embedding that masks, an LSTM and a dense layer."""
    path = tmp_path_factory.mktemp("keras") / "original.keras"
    x = keras.Input((None,))
    y = L.LSTM(3, return_sequences=True, name="lstm")(L.Embedding(9, 4, mask_zero=True, name="embedding")(x))
    keras.Model(x, L.Dense(9, activation="softmax", name="dense")(y)).save(path)
    return path


def rewritten(original, path, *, config=None, metadata=None, weights=None, without=(), more=()):
    """A copy with its JSON or its arrays changed, members left out or added."""
    with zipfile.ZipFile(original) as archive:
        members = {name: archive.read(name) for name in MEMBERS if name not in without}
    if config is not None:
        value = json.loads(members["config.json"])
        config(value)
        members["config.json"] = json.dumps(value).encode()
    if weights is not None:
        buffer = io.BytesIO(members["model.weights.h5"])
        with h5py.File(buffer, "a") as file:
            weights(file)
        members["model.weights.h5"] = buffer.getvalue()
    members |= {} if metadata is None else {"metadata.json": metadata}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*members.items(), *more):
            archive.writestr(name, content)
    return path


def refused(path, reason):
    folder = sorted(path.parent.iterdir())
    with pytest.raises(UserError, match=reason) as raised:
        open_model(path)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert "\n" not in message and "\x1b" not in message
    assert sorted(path.parent.iterdir()) == folder


def test_the_file_that_is_changed_below_is_accepted(original, tmp_path):
    assert [note.kind for note in open_model(original).layers] == ["Embedding", "LSTM", "Dense"]
    assert open_model(rewritten(original, tmp_path / "a.keras")).origin["parity"]["relative"] < 1e-5


def layer(value, name):
    return next(entry for entry in value["config"]["layers"] if entry["name"] == name)


def lambda_in_place(value):
    entry = layer(value, "dense")
    entry |= {"class_name": "Lambda", "config": {"name": "dense", "function": {
        "class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}}}


def set_in(name, **changes):
    return lambda value: layer(value, name).update(changes)


def set_config(name, **changes):
    return lambda value: layer(value, name)["config"].update(changes)


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


FUNCTION = {"module": "builtins", "class_name": "function", "config": "system", "registered_name": "function"}
NOT_EQUAL = {"module": "keras.src.ops.numpy", "class_name": "NotEqual", "registered_name": "NotEqual",
             "config": {"name": "own"}, "name": "own", "inbound_nodes": []}
CONFIGS = {
    "lambda": (lambda_in_place, r"layer dense \(Lambda\): is refused: holds code, which is never run"),
    "registered class": (set_in("lstm", registered_name="Evil>LSTM", module=None),
                         r"layer lstm \(Evil>LSTM\): is a class of somebody's own, which is refused"),
    "class of a module": (set_in("lstm", module="os", class_name="system"),
                          r"layer lstm \(system\): is a class of somebody's own.*\(os\)"),
    "a layer's name from elsewhere": (set_in("lstm", module="evil.layers"), r"somebody's own.*\(evil\.layers\)"),
    "unknown layer": (set_in("lstm", class_name="TorchModuleWrapper"),
                      r"layer lstm \(TorchModuleWrapper\): is refused: accepted are"),
    "text vectorisation": (set_in("lstm", class_name="TextVectorization"), r"\(TextVectorization\): is refused"),
    "inner class": (lambda value: layer(value, "dense").update(class_name="TimeDistributed", config={
        "name": "dense", "layer": {"module": "evil", "class_name": "Dense", "config": {"name": "x"}}}),
        r"layer x \(Dense\): is a class of somebody's own"),
    "inner lambda": (lambda value: layer(value, "dense").update(class_name="TimeDistributed", config={
        "name": "dense", "layer": {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "x"}}}),
        r"layer dense \(TimeDistributed\): holds a Lambda"),
    "operation": (lambda value: value["config"]["layers"].append(NOT_EQUAL),
                  r"layer own \(NotEqual\): is an operation"),
    "activation that is a function": (set_config("dense", activation=FUNCTION), r"layer dense \(Dense\): activation"),
    "activation by our own name": (set_config("lstm", recurrent_activation="hard_sigmoid_of_keras_3"),
                                   "is not one of Keras"),
    "unknown setting": (set_config("lstm", surprise=1), r"layer lstm \(LSTM\): its setting surprise=1 is not known"),
    "absurd units": (set_config("lstm", units=10**12), r"layer lstm \(LSTM\): units must be a whole number"),
    "other units": (set_config("lstm", units=4), r"layer lstm \(LSTM\): its arrays have the shapes"),
    "units too deep": (set_config("lstm", units=nested(900)), r"layer lstm \(LSTM\): units must be"),
    "network of somebody's": (lambda value: value.update(registered_name="Own>Model", module="own"),
                              r"the network is a class of somebody's own, own\.Own>Model, which is refused"),
    "subclassed network": (lambda value: value.update(class_name="MyModel"), "must be Sequential or functional"),
    "no layers": (lambda value: value["config"].update(layers=[]), "must have a list of layers"),
    "layers that are no layers": (lambda value: value["config"].update(layers=[3]), "not a layer of a Keras"),
    "a thousand layers": (lambda value: value["config"].update(layers=[value["config"]["layers"][0]] * 1000),
                          "a list of at most 500 layers"),
    "circle": (lambda value: layer(value, "dense")["inbound_nodes"][0]["args"][0]["config"].update(
        keras_history=["dense", 0, 0]), r"layer dense \(Dense\): reads a layer that is missing, or itself"),
    "strange nodes": (set_in("lstm", inbound_nodes=[{"args": "x"}]), r"layer lstm \(LSTM\): cannot tell what it reads"),
    "strange tensors": (set_in("lstm", inbound_nodes=[{"args": [3], "kwargs": {}}]), r"lstm \(LSTM\): reads 3"),
    "nodes that are no list": (set_in("lstm", inbound_nodes=3), "its inbound_nodes must be a list"),
    "no config": (lambda value: value.update(config=None), "must be Sequential or functional"),
    "initial state": (lambda value: layer(value, "lstm")["inbound_nodes"][0]["kwargs"].update(initial_state=[1]),
                      r"layer lstm \(LSTM\): is called with 'initial_state'"),
    "a name that drives the terminal": (
        lambda value: [layer(value, "dense")["config"].update(name="\x1b[31m")], "must have a name, of printable"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_network_that_could_run_code_or_is_none_is_refused(name, original, tmp_path):
    change, reason = CONFIGS[name]
    refused(rewritten(original, tmp_path / "a.keras", config=change), reason)


def replaced(place, make):
    def write(file):
        del file[place]
        make(file, place)

    return write


def huge(file, place):
    file.create_dataset(place, shape=(10**6, 10**6), dtype="f4", chunks=(1000, 1000))


KERNEL = "layers/lstm/cell/vars/0"
WEIGHTS = {
    "soft link": (replaced(KERNEL, lambda file, place: file.__setitem__(place, h5py.SoftLink("/layers/lstm/vars"))),
                  "is a soft link; links are refused"),
    "link into another file": (
        replaced(KERNEL, lambda file, place: file.__setitem__(place, h5py.ExternalLink("/etc/passwd", "x"))),
        "is a link into another file; links are refused"),
    "external numbers": (
        replaced(KERNEL, lambda file, place: file.create_dataset(place, (4, 12), "f4", external="/etc/passwd")),
        "keeps its numbers in an external file"),
    "a shape of terabytes": (replaced(KERNEL, huge), "declares the shape 1,000,000 × 1,000,000"),
    "strings": (replaced(KERNEL, lambda file, place: file.__setitem__(place, "numbers")),
                "floats of 16, 32 or 64 bits"),
    "not finite": (lambda file: file[KERNEL].__setitem__((0, 0), np.nan), "holds numbers that are not finite"),
    "missing": (replaced(KERNEL, lambda file, place: None), "layers/lstm/cell/vars/0: is missing"),
    "no layers": (replaced("layers", lambda file, place: None), "has no group layers"),
    "another's name": (lambda file: file["layers/lstm/vars"].attrs.__setitem__("name", "other"),
                       r"layer lstm \(LSTM\): its weights should be in layers/lstm, which says .* 'other'"),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_are_no_plain_numbers_of_the_file_are_refused(name, original, tmp_path):
    change, reason = WEIGHTS[name]
    refused(rewritten(original, tmp_path / "a.keras", weights=change), reason)


@pytest.mark.parametrize("member", MEMBERS)
def test_an_archive_without_a_member_is_refused(member, original, tmp_path):
    refused(rewritten(original, tmp_path / "a.keras", without=(member,)), f"holds no file called {member}")


@pytest.mark.parametrize(("metadata", "reason"), [
    (b"[]", "must be a JSON object"), (b"{}", "keras_version must be a short"), (b"{", "not valid JSON"),
    (b"\xff", "not UTF-8"), (b'{"keras_version": "3.0\\u001b[31m"}', "keras_version must be a short printable"),
    (b'{"keras_version": 3}', "keras_version must be"), (b"[" * 100_000, "not valid JSON"),
])
def test_metadata_that_is_none_is_refused(metadata, reason, original, tmp_path):
    refused(rewritten(original, tmp_path / "a.keras", metadata=metadata), reason)


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5"])
def test_an_archive_that_unfolds_to_gigabytes_is_refused(member, original, tmp_path, monkeypatch):
    monkeypatch.setattr("probe.model.keras_file.reading.ALWAYS_ACCEPTED", 1 << 16)
    monkeypatch.setattr("probe.model.keras_file.reading.LARGEST_JSON", 1 << 16)
    monkeypatch.setattr("probe.model.keras_file.reading.LARGEST_RATIO", 2)
    path = rewritten(original, tmp_path / "a.keras", without=(member,), more=[(member, b" " * (1 << 24))])
    refused(path, f"{member} is larger than the .* bytes expected of it")


def test_members_with_paths_are_never_written_there(original, tmp_path):
    path = rewritten(original, tmp_path / "a.keras", more=[("../../evil", b"x"), ("/tmp/evil-of-probe", b"x")])
    open_model(path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.keras"]
    assert not (tmp_path.parents[1] / "evil").exists()


def test_truncated_archives_are_refused(original, tmp_path):
    content = original.read_bytes()
    for length in (10, len(content) // 2, len(content) - 3):
        path = tmp_path / "a.keras"
        path.write_bytes(content[:length])
        refused(path, "not a readable zip archive")


def test_flipped_bytes_are_refused_or_change_nothing_but_weights(original, tmp_path):
    """A zip has checksums: what opens computes what its arrays say."""
    generator = np.random.default_rng(0)
    content = bytearray(original.read_bytes())
    weights, accepted = open_model(original).network.weights, 0
    for _ in range(60):
        changed = bytearray(content)
        changed[int(generator.integers(len(changed)))] ^= int(generator.integers(1, 256))
        path = tmp_path / "a.keras"
        path.write_bytes(changed)
        with suppress(UserError):
            opened = open_model(path)
            accepted += 1
            assert [note.kind for note in opened.layers] == ["Embedding", "LSTM", "Dense"]
            assert all(np.array_equal(opened.network.weights[name], array) for name, array in weights.items())
    assert 0 < accepted < 30


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "neither a .keras file nor HDF5"), (b"\x80\x04\x95pickle", "neither a .keras file nor HDF5"),
    (b"PK\x03\x04", "not a readable zip archive"), (b"\x89HDF\r\n\x1a\n", "damaged or unreadable"),
])
def test_other_files_are_refused(content, reason, tmp_path):
    path = tmp_path / "a.keras"
    path.write_bytes(content)
    refused(path, reason)


def test_what_may_never_end_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a.keras")
    refused(tmp_path / "a.keras", "is a pipe or device")
    (tmp_path / "b.keras").symlink_to("/dev/zero")
    refused(tmp_path / "b.keras", "is a pipe or device")
