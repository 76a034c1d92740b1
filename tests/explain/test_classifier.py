"""Classifiers: how texts reach the network, what it says, and how it is kept."""

import json
import re
import shutil

import numpy as np
import pytest

from probe.errors import UserError
from probe.explain.classifier.batch import Fitting
from probe.explain.classifier.classifier import Classifier
from probe.explain.tokenizers import CharacterTokenizer, FunctionTokenizer, WordTokenizer
from probe.files import read_manifest, write_manifest
from probe.model.engine import keras
from probe.model.imported import ImportedNetwork

L = keras.layers
TEXTS = ["The film was good, very good!", "a bad film; don't see it", "İstanbul café 👩‍🚀 film"]
WORDS = WordTokenizer.from_texts(TEXTS, start=True)
LABELS = ("bad", "good", "so-so")
pytestmark = pytest.mark.usefixtures("eager")


def network(rows: int, outputs: int, activation: str = "softmax", length: int | None = None) -> keras.Model:
    """A small network with the layers that classifiers of text have."""
    keras.utils.set_random_seed(1)
    ids = keras.Input((length,), dtype="int32")
    x = L.SpatialDropout1D(0.2)(L.Embedding(rows, 4)(ids))
    one = L.MaxPooling1D(2, padding="same")(L.Conv1D(5, 3, padding="same", activation="relu")(x))
    one = L.GlobalMaxPooling1D()(one)
    other = L.Bidirectional(L.LSTM(3))(L.BatchNormalization()(x))
    last = L.GRU(3)(L.Bidirectional(L.GRU(2, return_sequences=True))(x))
    y = L.Dropout(0.5)(L.Concatenate()([one, other, last]))
    return keras.Model(ids, L.Dense(outputs, activation=activation)(y))


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return network(WORDS.size, 3)


@pytest.fixture(scope="module")
def kept(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "classifier"
    Classifier(model, WORDS, LABELS, length=9, padding="pre", truncation="start", notes={"accuracy": 0.5}).save(folder)
    return folder


@pytest.mark.parametrize(("fitting", "rows", "pads"), [
    (Fitting(), [[1, 2, 3, 0], [4, 5, 0, 0], [6, 7, 8, 9]], [[3], [2, 3], []]),
    (Fitting(padding="pre", pad_value=77), [[77, 1, 2, 3], [77, 77, 4, 5], [6, 7, 8, 9]], [[0], [0, 1], []]),
    (Fitting(length=3), [[1, 2, 3], [4, 5, 0], [6, 7, 8]], [[], [2], []]),
    (Fitting(length=3, truncation="start"), [[1, 2, 3], [4, 5, 0], [7, 8, 9]], [[], [2], []]),
    (Fitting(length=2, padding="none"), [[1, 2], [4, 5], [6, 7]], [[], [], []]),
])
def test_texts_are_cut_and_filled_up_on_either_side(fitting, rows, pads):
    tokenizer = CharacterTokenizer.from_index({letter: place for place, letter in enumerate("abcdefghi", start=1)})
    batch = fitting.fit([tokenizer.encode(text) for text in ("abc", "de", "fghi")], pad_token="_")
    assert batch.ids.tolist() == rows
    assert [np.flatnonzero(row).tolist() for row in batch.pads] == pads
    for ids, tokens, offsets, at in zip(batch.ids, batch.tokens, batch.offsets, batch.pads, strict=True):
        assert tokens == tuple("_" if pad else tokenizer.token_of(id) for id, pad in zip(ids, at, strict=True))
        assert ((offsets == -1).all(axis=1) == at).all()
        assert (np.diff(offsets[~at, 0]) == 1).all()


def test_lengths_that_differ_are_refused_where_nothing_may_be_filled_up():
    texts = [CharacterTokenizer.from_texts(["ab"]).encode(text) for text in ("ab", "a")]
    with pytest.raises(UserError, match="each text must have 2 tokens; received one of 1"):
        Fitting(padding="none").fit(texts)


@pytest.mark.parametrize(("kind", "outputs", "activation", "labels"), [
    ("single", 3, "softmax", LABELS), ("multi", 3, "sigmoid", LABELS), ("binary", 1, "sigmoid", LABELS[:2])])
def test_probabilities_are_the_network_s_own_also_where_it_gives_logits(kind, outputs, activation, labels):
    squashed, logits = network(WORDS.size, outputs, activation), network(WORDS.size, outputs, "linear")
    logits.set_weights(squashed.get_weights())
    classifier = Classifier(squashed, WORDS, labels, kind, length=8)
    found = classifier.predict([*TEXTS, "film"])
    expected = np.asarray(squashed(classifier.encode([*TEXTS, "film"]).ids))
    expected = np.hstack([1 - expected, expected]) if kind == "binary" else expected
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(Classifier(logits, WORDS, labels, kind, length=8).predict([*TEXTS, "film"]), found,
                               atol=1e-6)


def test_a_network_of_one_length_tells_it():
    classifier = Classifier(network(WORDS.size, 3, length=7), WORDS, LABELS)
    assert classifier.encode(["a film"]).ids.shape == (1, 7)
    assert classifier.predict(["a film", "film"]).shape == (2, 3)


def test_without_a_length_a_text_s_probabilities_do_not_depend_on_its_company(model):
    classifier = Classifier(model, WORDS, LABELS)
    together = classifier.predict([*TEXTS, "film", "a film", TEXTS[0]])
    alone = np.concatenate([classifier.predict([text]) for text in TEXTS])
    np.testing.assert_allclose(together[:3], alone, atol=1e-6)
    np.testing.assert_allclose(together[0], together[-1], atol=1e-6)


@pytest.mark.usefixtures("compiled")
def test_a_classifier_is_the_same_after_it_was_kept(kept, model):
    opened = Classifier.open(kept)
    assert (opened.labels, opened.kind, opened.length, opened.padding, opened.truncation, opened.notes) == (
        LABELS, "single", 9, "pre", "start", {"accuracy": 0.5})
    assert opened.tokenizer == WORDS
    texts = [*TEXTS, "a " * 20 + "good"]
    expected = model.predict(Classifier(model, WORDS, LABELS, length=9, padding="pre", truncation="start").encode(
        texts).ids, verbose=0)
    np.testing.assert_allclose(opened.predict(texts), expected, atol=1e-6)
    opened.save(kept)
    np.testing.assert_allclose(Classifier.open(kept).predict(texts), expected, atol=1e-6)
    assert ImportedNetwork.open(kept / "network").model().output_shape == (None, 3)


def test_what_holds_code_cannot_be_kept(model, tmp_path):
    @keras.saving.register_keras_serializable("own")
    class Own(L.Layer):
        def call(self, x):
            return x

    for layer, complaint in ((L.Lambda(lambda x: x * 2, name="double"), r"layer double \(Lambda\): is refused: holds"),
                             (Own(name="mine"), r"layer mine \(own>Own\): is a class of somebody's own"),
                             (L.MultiHeadAttention(1, 2, name="heads"), r"layer heads \(MultiHeadAttention\)")):
        ids = keras.Input((None,))
        x = L.Embedding(99, 4)(ids)
        x = layer(x, x) if layer.name == "heads" else layer(x)
        other = keras.Model(ids, L.Dense(3)(L.GlobalMaxPooling1D()(x)), name="mixed")
        with pytest.raises(UserError, match=f"model mixed cannot be kept: .*{complaint}"):
            Classifier(other, WORDS, LABELS).save(tmp_path / "c")
    with pytest.raises(UserError, match="a tokenizer that is a function cannot be saved"):
        Classifier(model, FunctionTokenizer(lambda text: [1]), LABELS).save(tmp_path / "c")
    with pytest.raises(UserError, match="notes must be JSON values"):
        Classifier(model, WORDS, LABELS, notes={"accuracy": np.float32(0.5)}).save(tmp_path / "c")
    assert not list(tmp_path.iterdir())
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="is not empty and holds no classifier alone"):
        Classifier(model, WORDS, LABELS).save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize(("make", "complaint"), [
    (lambda model: Classifier(model, WORDS, LABELS[:2]), "needs outputs of the shape (None, 2); the model functional"),
    (lambda model: Classifier(model, WORDS, LABELS, "binary"), "needs two labels and outputs of the shape (None, 1)"),
    (lambda model: Classifier(model, WORDS, ("a", "a", "b")), "received one of them twice"),
    (lambda model: Classifier(model, WORDS, ("a", "b", "\x1b[31m")), "different printable names"),
    (lambda model: Classifier(model, WORDS, "abc"), "labels must be a list"),
    (lambda model: Classifier(model, WORDS, LABELS, "many"), "kind must be one of single, multi, binary"),
    (lambda model: Classifier(model, WORDS, LABELS, padding="left"), "--padding must be one of pre, post, none"),
    (lambda model: Classifier(model, WORDS, LABELS, length=0), "--length must be at least 1"),
    (lambda model: Classifier("model", WORDS, LABELS), "needs a Keras model"),
    (lambda model: Classifier(model, WORDS, LABELS).predict(["a", ""]), "text 2: the text '' holds no token"),
    (lambda model: Classifier(model, WORDS, LABELS).predict("a film"), "texts must be a list of strings"),
    (lambda model: Classifier(model, WORDS, LABELS).encode([]), "at least one text is needed"),
    (lambda model: Classifier(model, WordTokenizer({"zoo": 99}), LABELS).encode(["a", "zoo"]),
     "text 2: token 'zoo' has the id 99, and the model"),
    (lambda model: Classifier(model, WordTokenizer({"zoo": 99}), LABELS).predict(["a b", "c", "d e zoo"]),
     "text 3: token 'zoo' has the id 99, and the model"),
    (lambda model: Classifier(network(99, 3, length=7), WORDS, LABELS, length=3).predict(["a film"]),
     "cannot read texts of 3 tokens"),
])
def test_mistakes_are_one_line(model, make, complaint):
    with pytest.raises(UserError, match=re.escape(complaint)) as raised:
        make(model)
    assert "\n" not in str(raised.value)


def changed(**values):
    return lambda content: content.update(values)


@pytest.mark.parametrize(("change", "complaint"), [
    (changed(labels=["a", "b"]), "needs outputs of the shape"),
    (changed(labels=[["a"], "b", "c"]), "labels must be different printable names"),
    (changed(labels=7), "labels must be a list"),
    (changed(kind=["single"]), "kind must be one of"),
    (changed(fitting={"length": 10**30}), "--length must be at most"),
    (changed(fitting={"length": 4, "surprise": 1}), "not the description of a classifier"),
    (changed(fitting=[]), "not the description of a classifier"),
    (changed(notes=7), "not the description of a classifier"),
    (changed(tokenizer={"kind": "function", "function": "os.system"}), "its kind must be one of characters, words"),
    (changed(tokenizer={"kind": "words", "ids": {"a": 10**9}}), "an id from 0 to"),
    (changed(network="0" * 64), "its network is not the one with which it was written"),
    (lambda content: content.pop("labels"), "not the description of a classifier"),
])
def test_hostile_folders_are_refused(kept, tmp_path, change, complaint):
    folder = shutil.copytree(kept, tmp_path / "c")
    content = read_manifest(folder / "classifier.json", "classifier", 1)
    change(content)
    write_manifest(folder / "classifier.json", "classifier", 1, content)
    with pytest.raises(UserError, match=re.escape(complaint)) as raised:
        Classifier.open(folder)
    assert str(raised.value).startswith(str(folder)) and "\n" not in str(raised.value)


def test_damaged_folders_are_refused(kept, tmp_path):
    with pytest.raises(UserError, match=r"not a classifier: it has no classifier\.json"):
        Classifier.open(tmp_path)
    folder = shutil.copytree(kept, tmp_path / "c")
    weights = folder / "network" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\1\0")
    with pytest.raises(UserError, match="damaged"):
        Classifier.open(folder)
    manifest = folder / "classifier.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "version": 2}), encoding="utf-8")
    with pytest.raises(UserError, match="written by a newer probe"):
        Classifier.open(folder)
