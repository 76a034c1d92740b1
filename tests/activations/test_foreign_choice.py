"""Which layers, characters and inputs are meant, and what is refused."""

import json

import numpy as np
import pytest

from probe.activations.foreign import CharacterMapping, ForeignModel
from probe.activations.foreign.choice import choose
from probe.corpus import Corpus
from probe.errors import UserError
from tests.activations.foreign_networks import L, collected, corpus, extraction, filled, keras


@pytest.fixture(scope="module")
def text():
    return corpus()


@pytest.fixture(scope="module")
def model(text):
    return ForeignModel.of(keras.Sequential([
        keras.Input((None, len(text.vocabulary))), L.Dense(4, name="first"),
        L.LSTM(3, return_sequences=True, name="lstm_1"), L.GRU(3, return_sequences=True, name="gru"),
        L.LSTM(5, return_sequences=True, name="lstm_2"), L.Dense(2, name="3")]))


@pytest.mark.parametrize(("given", "names"), [
    ("all", ["lstm_1", "gru", "lstm_2"]), ("gru", ["gru"]), ("lstm_*", ["lstm_1", "lstm_2"]),
    ("LSTM", ["lstm_1", "lstm_2"]), ("Dense", ["first", "3"]), ("2", ["lstm_1"]), ("-1", ["3"]), ("-5", ["first"]),
    ("5,1", ["first", "3"]), ("3", ["3"]), (" gru , LSTM ", ["lstm_1", "gru", "lstm_2"]), ("*", None),
])
def test_layers_are_chosen_by_name_pattern_number_or_class(model, given, names):
    found = [choice.place.name for choice in choose(model.graph, given, "hidden")]
    assert found == (names or ["first", "lstm_1", "gru", "lstm_2", "3"])


def test_a_network_without_recurrent_layers_gives_all_that_have_a_time_axis():
    found = ForeignModel.of(keras.Sequential([
        keras.Input((None, 4)), L.Conv1D(3, 2, name="c"), L.Dense(2, name="d"), L.GlobalMaxPooling1D(), L.Dense(1)]))
    assert [choice.place.name for choice in choose(found.graph, "all", "hidden")] == ["c", "d"]


@pytest.mark.parametrize(("layers", "signals", "reason"), [
    ("lstm", "hidden", r"--layers 'lstm' is no name, pattern, number or class of its layers first \(Dense\), lstm_1"),
    ("6", "hidden", "--layers counts from 1 to 5, or from -1 to -5; received 6"), ("0", "hidden", "received 0"),
    (",", "hidden", "--layers ',' is no name"),
    ("gru", "cell", r"layer gru \(GRU\) has the signals hidden; --signals asks for cell"),
])
def test_what_is_not_there_is_refused(model, layers, signals, reason):
    with pytest.raises(UserError, match=reason):
        choose(model.graph, layers, signals)


def test_layers_tell_what_they_are(model):
    notes = model.layers
    assert [(note.number, note.name, note.kind, note.units) for note in notes] == [
        (1, "first", "Dense", 4), (2, "lstm_1", "LSTM", 3), (3, "gru", "GRU", 3), (4, "lstm_2", "LSTM", 5),
        (5, "3", "Dense", 2)]
    assert notes[1].signals == ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")
    assert (notes[2].signals, notes[0].signals) == (("hidden",), ("output",))
    behind = ForeignModel.of(keras.Sequential([keras.Input((None, 4)), L.GRU(2, return_sequences=True), L.Bidirectional(
        L.LSTM(3)), L.Dense(2)])).layers
    assert [note.streams for note in behind] == [True, False, False]
    assert [note.units for note in behind] == [2, 3, 2]


IDS = {"a": 3, "b": 1, "é": 0}


@pytest.mark.parametrize("value", [IDS, {"3": "a", "1": "b", "0": "é"}, ["é", "b", "_", "a"]])
def test_a_mapping_is_read_from_the_usual_forms(tmp_path, value):
    path = tmp_path / "ids.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    mapping = CharacterMapping.read(path)
    text = Corpus.of("abéab" * 20)
    np.testing.assert_array_equal(mapping.table(text), [3, 1, 0])  # the text's own characters are in order: a, b, é
    learnt = CharacterMapping.of("abéab", np.array([3, 1, 0, 3, 1]))
    assert learnt.ids == IDS


@pytest.mark.parametrize(("value", "reason"), [
    (3, "must be a JSON object .* of characters and ids"), ({"a": 1.5}, r"received 'a': 1\.5"), ({"a": -1}, "'a': -1"),
    ({"a": True}, "'a': True"), ({"a": "x"}, "received 'a': 'x'"), ([], "holds no character"),
    ({"<unk>": 1}, "holds no character"), (["a", "b", "a"], "gives 'a' two ids"),
    ({"1": "a", "2": "a"}, "gives 'a' two ids"), ({"a": 1 << 30}, "'a': 1073741824"),
    ([["a"]], "must be a JSON object"),
])
def test_other_forms_are_refused(tmp_path, value, reason):
    path = tmp_path / "ids.json"
    path.write_text(json.dumps(value))
    with pytest.raises(UserError, match=reason) as raised:
        CharacterMapping.read(path)
    assert str(raised.value).startswith(str(path))


def test_a_mapping_that_names_a_character_twice_is_refused(tmp_path):
    path = tmp_path / "ids.json"
    for content in ('{"a": 1, "b": 2, "a": 3}', '{"1": "a", "2": "b", "1": "c"}'):
        path.write_text(content)
        with pytest.raises(UserError, match=r"ids\.json: not valid JSON: an object has the key '[a1]' twice"):
            CharacterMapping.read(path)


def test_a_text_and_ids_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match=r"'a' \(U\+0061\) has the id 1 at first and 2 at position 2"):
        CharacterMapping.of("aba", [1, 3, 2])
    with pytest.raises(UserError, match="a text of 3 characters needs as many whole numbers; received"):
        CharacterMapping.of("aba", [1, 3])


def embedded(rows, mask_zero=False):
    return filled(keras.Sequential([keras.Input((None,)), L.Embedding(rows, 3, mask_zero=mask_zero), L.LSTM(2)]))


def test_a_mapping_is_never_guessed(text):
    with pytest.raises(UserError, match=r"does not tell which id each character has; --mapping FILE .* sorted"):
        extraction(embedded(50), text, mapping=None)


def test_characters_without_an_id_are_named_or_stood_in_for(text):
    known = CharacterMapping({"<unk>": 5, "a": 1, "\n": 2}, "ids.json")
    with pytest.raises(UserError, match=r"without an id in ids\.json: ' ' \(U\+0020\), .* and \d+ more; --s"):
        extraction(embedded(50), text, mapping=known)
    with pytest.raises(UserError, match=r"--stand-in must be a character or word of ids\.json; received 'z'"):
        extraction(embedded(50), text, mapping=known, stand_in="z")
    values = collected(extraction(embedded(50), text, mapping=known, stand_in="<unk>", streams=1))
    plain = {character: {"a": 1, "\n": 2}.get(character, 5) for character in text.vocabulary.characters}
    expected = collected(extraction(embedded(50), text, mapping=CharacterMapping(plain, "x"), streams=1))
    for one, other in zip(values.values(), expected.values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_ids_beyond_what_the_network_knows_are_refused(text):
    with pytest.raises(UserError, match=r"knows the ids 0 … 3, and the text's sorted characters gives .* the id"):
        extraction(embedded(4), text)
    with pytest.raises(UserError, match=r"knows the ids 0 … 3, and"):
        extraction(keras.Sequential([keras.Input((None, 4)), L.LSTM(2)]), text)


def test_the_id_of_padding_is_no_character_s(text):
    size = len(text.vocabulary)
    with pytest.raises(UserError, match=r"skips the id 0 as padding, and the text's sorted .* gives it to '\\n'"):
        extraction(embedded(size, mask_zero=True), text)
    masked = keras.Sequential([keras.Input((None, 1)), L.Masking(0.0, name="mask"), L.LSTM(2)])
    with pytest.raises(UserError, match="layer mask skips the id 0 as padding"):
        extraction(masked, text)
    model = embedded(size + 1, mask_zero=True)
    from_one = CharacterMapping({character: k + 1 for k, character in enumerate(text.vocabulary.characters)}, "x")
    values = collected(extraction(model, text, mapping=from_one, streams=1))
    last = np.asarray(model(text.ids[None, :30].astype(int) + 1))
    np.testing.assert_allclose(next(iter(values.values()))[29], last[0], atol=2e-6)


def test_an_input_that_leaves_it_open_is_asked_for(text):
    x = keras.Input((30,))
    model = keras.Model(x, L.SimpleRNN(2)(L.Reshape((30, 1))(x)))
    with pytest.raises(UserError, match="without an Embedding; --input says whether they are ids or scalars"):
        extraction(model, text, windowed=30)
    for entrance, scale in (("ids", 1), ("scalar", len(text.vocabulary))):
        values = collected(extraction(model, text, windowed=30, entrance=entrance))
        last = np.asarray(model(text.ids[None, 70:100] / scale))
        np.testing.assert_allclose(next(iter(values.values()))[99], last[0], atol=2e-6)


@pytest.mark.parametrize(("shape", "entrance", "scale", "reason"), [
    ((None, 1), "one-hot", None, "--input one-hot does not fit"),
    ((None, 50), "scalar", None, "--input scalar does not"),
    ((None, 50), "auto", 3, "--scale is for scalar inputs; .* reads one-hot"),
    ((None, 5, 5), "auto", None, "reads inputs of the shape"),
])
def test_inputs_that_do_not_fit_are_refused(text, shape, entrance, scale, reason):
    layers = [L.TimeDistributed(L.SimpleRNN(2))] if len(shape) == 3 else [L.LSTM(2)]
    with pytest.raises(UserError, match=reason):
        extraction(keras.Sequential([keras.Input(shape), *layers]), text, entrance=entrance, scale=scale, layers="*")
