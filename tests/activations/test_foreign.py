"""What layers of somebody's own network do, against the equations in float64 and against Keras."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from probe.activations import stream_deviation
from probe.activations.foreign import ForeignModel
from probe.activations.foreign.reader import Reader
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from tests.activations import oracles
from tests.activations.foreign_networks import L, collected, corpus, extraction, filled, keras, weights

# What Keras itself reads in a test: it takes milliseconds for each character.
BEGINNING = Segment(0, 90)
SIGNALS = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")


@pytest.fixture(scope="module")
def text():
    return corpus()


def one_hot(text):
    return np.eye(len(text.vocabulary))[text.ids]


def close(received, expected, tolerance=1e-5):
    np.testing.assert_allclose(received, expected, atol=tolerance, rtol=0)


@pytest.fixture(scope="module", autouse=True)
def _one_core():
    """What reads with a layer is compiled anew for each number of cores: for two in one test alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("probe.activations.foreign.steps.CORES", 1)
        yield


@pytest.fixture(scope="module")
def stack(text):
    """One layer of every kind that can stream."""
    return filled(keras.Sequential([
        keras.Input((None, len(text.vocabulary))), L.LSTM(7, return_sequences=True, name="long"), L.Dropout(0.5),
        L.GRU(6, return_sequences=True, name="gated"), L.LayerNormalization(name="normal"),
        L.Conv1D(5, 3, padding="causal", dilation_rate=2, name="seeing"),
        L.GRU(5, return_sequences=True, reset_after=False, name="gated_before"),
        L.SimpleRNN(4, return_sequences=True, name="simple"), L.TimeDistributed(L.Dense(3), name="dense")]))


@pytest.fixture(scope="module")
def expected(text, stack):
    """The rows of every layer of the stack, from the equations."""
    of = {layer.name: weights(layer) for layer in stack.layers}
    rows = {("long", name): values for name, values in oracles.lstm(one_hot(text), *of["long"]).items()}
    rows["dropout", "output"] = rows["long", "hidden"]
    rows["gated", "hidden"] = oracles.gru(rows["long", "hidden"], *of["gated"], reset_after=True)
    rows["normal", "output"] = oracles.layer_normalisation(rows["gated", "hidden"], *of["normal"])
    rows["seeing", "output"] = oracles.causal_convolution(rows["normal", "output"], *of["seeing"], dilation=2)
    rows["gated_before", "hidden"] = oracles.gru(rows["seeing", "output"], *of["gated_before"], reset_after=False)
    rows["simple", "hidden"] = oracles.simple_rnn(rows["gated_before", "hidden"], *of["simple"])
    rows["dense", "output"] = rows["simple", "hidden"] @ of["dense"][0] + of["dense"][1]
    return rows


@pytest.mark.parametrize("block", [1, 37, 100_000])
def test_one_stream_equals_the_equations_for_any_block_size(text, stack, expected, block):
    segment = None if block > 1 else Segment(0, 60)
    values = collected(extraction(stack, text, segment, layers="*", signals="all", streams=1, block=block))
    rows = {("dropout" if source[0].startswith("dropout") else source[0], source[1]): array
            for source, array in values.items()}
    assert list(rows) == list(expected)
    for source, array in rows.items():
        stop = len(text) if segment is None else segment.stop
        close(array[:stop], expected[source][:stop])


@pytest.mark.parametrize("reading", [
    {"streams": 3, "overlap": 5, "block": 19}, {"streams": 1, "block": 64}, {"windowed": 4},
    {"documents": "lines", "streams": 2},
], ids=["streams", "one", "windows", "documents"])
def test_it_goes_on_from_the_state_after_any_block_bit_for_bit(text, stack, reading, monkeypatch):
    monkeypatch.setattr("probe.activations.stretches.WINDOWS", 30)
    blocks = extraction(stack, text, Segment(3, 203), layers="*", **reading)
    whole = list(blocks.blocks_after(None))
    assert len(whole) > 3
    read = []
    former = Reader.read
    monkeypatch.setattr(Reader, "read", lambda self, ids, *rest: read.append(ids.shape) or former(self, ids, *rest))
    for taken in (1, len(whole) - 1, len(whole)):
        read.clear()
        state = pickle.loads(pickle.dumps(whole[taken - 1][1]))
        rest = list(replace(blocks).blocks_after(state))
        assert len(rest) == len(whole) - taken
        assert len(read) <= len(rest)
        for (block, after), (expected_block, expected_after) in zip(rest, whole[taken:], strict=True):
            np.testing.assert_array_equal(block.starts, expected_block.starts)
            assert after.keys() == expected_after.keys()
            for array, other in ((block.activations, expected_block.activations), (after, expected_after)):
                assert all(np.array_equal(array[key], other[key]) for key in other)


@pytest.mark.parametrize("segment", [Segment(5, 5), Segment(-3, 10), Segment(0, 10_000)])
def test_a_segment_that_is_empty_or_outside_is_refused(text, stack, segment):
    with pytest.raises(UserError, match=r"must lie within the [0-9,]+ characters of the text; received"):
        extraction(stack, text, segment)


def test_parallel_streams_come_close_and_their_deviation_is_measured(text, stack):
    segment = Segment(0, 700)
    exact = collected(extraction(stack, text, segment, layers="*", streams=1))
    for overlap in (1, 130):
        parallel = extraction(stack, text, segment, layers="*", streams=5, overlap=overlap, block=64)
        values = collected(parallel)
        largest = max(float(np.nanmax(np.abs(values[source] - exact[source]))) for source in exact)
        deviation = stream_deviation(parallel)
        assert (deviation.characters, deviation.streams) == (700, 5)
        assert deviation.largest == pytest.approx(largest, rel=1e-3, abs=1e-7)
        assert (largest > 1e-2) if overlap == 1 else (largest < 1e-3)


@pytest.mark.parametrize(("gate", "activation", "equations"), [
    ("hard_sigmoid", "tanh", (oracles.hard_sigmoid, np.tanh)),
    ("sigmoid", "softsign", (oracles.sigmoid, lambda x: x / (1 + np.abs(x)))),
])
def test_an_lstm_of_other_activations_equals_the_equations(text, gate, activation, equations):
    model = filled(keras.Sequential([keras.Input((None,)), L.Embedding(len(text.vocabulary), 4), L.LSTM(
        5, activation=activation, recurrent_activation=gate, use_bias=False)]))
    embedding, lstm = model.layers
    x = weights(embedding)[0][text.ids[:200]]
    values = collected(extraction(model, text, Segment(0, 200), signals="all", streams=1))
    expected = oracles.lstm(x, *weights(lstm), 0, *equations)
    assert [signal for _, signal in values] == list(SIGNALS)
    for (_, signal), array in values.items():
        close(array[:200], expected[signal])


def test_a_scalar_input_is_the_id_divided_by_the_scale(text):
    model = filled(keras.Sequential([keras.Input((None, 1)), L.SimpleRNN(4)]))
    for scale in (None, 100):
        values = collected(extraction(model, text, scale=scale, streams=1))
        x = text.ids[:, None] / (scale or len(text.vocabulary))
        close(next(iter(values.values())), oracles.simple_rnn(x, *weights(model.layers[0])))


def test_units_are_chosen_by_their_indices(text, stack, expected):
    chosen = extraction(stack, text, layers="long,dense", units="0,2", signals="cell", streams=1)
    assert {source: list(units) for source, units in chosen.units.items()} == {
        ("long", "cell"): [0, 2], ("dense", "output"): [0, 2]}
    for source, array in collected(chosen).items():
        close(array, expected[source][:, [0, 2]])


def lines_of(text):
    characters = text.document().text
    ends = [k + 1 for k, character in enumerate(characters) if character == "\n"]
    return list(zip([0, *ends], [*ends, len(characters)], strict=True))


def paragraphs_of(text):
    """By hand: a paragraph ends where a line with words follows an empty one."""
    spans, start, empty = [], 0, False
    for begin, end in lines_of(text):
        is_empty = not text.document(begin, end).text.strip()
        if empty and not is_empty:
            spans.append((start, begin))
            start = begin
        empty = is_empty
    return [*spans, (start, len(text))]


@pytest.fixture(scope="module")
def both_ways(text):
    return filled(keras.Sequential([
        keras.Input((None,)), L.Embedding(len(text.vocabulary), 4),
        L.Bidirectional(L.LSTM(5, return_sequences=True), name="ways"),
        L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="sum", name="again"), L.Dense(2, name="dense")]))


@pytest.mark.parametrize("kind", ["lines", "paragraphs", "files"])
def test_both_directions_are_read_document_by_document(text, both_ways, kind, monkeypatch):
    model = both_ways
    if kind == "lines":
        monkeypatch.setattr("probe.activations.foreign.steps.CORES", 2)
    embedding, ways, again, dense = (weights(layer) for layer in model.layers)
    values = collected(extraction(model, text, layers="*", signals="all", documents=kind, streams=6))
    spans = {"lines": lines_of, "paragraphs": paragraphs_of, "files": lambda text: [(0, len(text))]}[kind](text)
    assert len(spans) == {"lines": len(lines_of(text)), "paragraphs": 10, "files": 1}[kind]
    for start, stop in spans:
        x = embedding[0][text.ids[start:stop]]
        ahead = oracles.lstm(x, *ways[:3])
        back = {name: rows[::-1] for name, rows in oracles.lstm(x[::-1], *ways[3:]).items()}
        for name in SIGNALS:
            close(values["ways/forward", name][start:stop], ahead[name])
            close(values["ways/backward", name][start:stop], back[name])
        y = np.hstack([ahead["hidden"], back["hidden"]])
        one = oracles.gru(y, *again[:3], reset_after=True)
        other = oracles.gru(y[::-1], *again[3:], reset_after=True)[::-1]
        close(values["again/forward", "hidden"][start:stop], one)
        close(values["again/backward", "hidden"][start:stop], other)
        close(values["dense", "output"][start:stop], (one + other) @ dense[0] + dense[1])


def test_layers_that_see_a_whole_text_are_read_as_keras_does(text):
    """Documents of one length alone are read side by side: padding would be seen."""
    x = keras.Input((None, len(text.vocabulary)))
    y = L.Conv1D(4, 3, padding="same", activation="relu", bias_initializer="ones")(x)
    y = L.Bidirectional(L.SimpleRNN(3, return_sequences=True), name="ways")(y)
    y = L.MultiHeadAttention(2, 3, name="attention")(y, y)
    model = filled(keras.Model(x, y))
    lines = lines_of(text)[:12]
    segment = Segment(0, lines[-1][1])
    values = collected(extraction(model, text, segment, layers="conv1d*,ways,attention", documents="lines", streams=5))
    parts = keras.Model(x, [model.layers[1].output, model.layers[2].output, y])
    for start, stop in lines:
        convolved, ways, attended = (np.asarray(each)[0] for each in parts(one_hot(text)[None, start:stop]))
        close(np.hstack([values["ways/forward", "hidden"], values["ways/backward", "hidden"]])[start:stop], ways)
        close(values["attention", "output"][start:stop], attended)
        close(values[model.layers[1].name, "output"][start:stop], convolved)


def test_a_layer_that_reads_backwards_has_its_rows_in_the_order_of_the_text(text):
    model = filled(keras.Sequential([keras.Input((None, len(text.vocabulary))), L.GRU(3, go_backwards=True)]))
    values = next(iter(collected(extraction(model, text, documents="lines")).values()))
    for start, stop in lines_of(text):
        close(values[start:stop], oracles.gru(one_hot(text)[start:stop][::-1], *weights(model.layers[0]),
                                              reset_after=True)[::-1])


def test_a_segment_cuts_documents_at_its_ends(text, both_ways):
    model, segment = both_ways, Segment(5, 61)
    values = collected(extraction(model, text, segment, layers="ways", documents="lines"))
    whole = collected(extraction(model, text, layers="ways", documents="lines"))
    inside = [(start, stop) for start, stop in lines_of(text) if start >= 5 and stop <= 61]
    assert inside
    for start, stop in inside:
        close(values["ways/backward", "hidden"][start:stop], whole["ways/backward", "hidden"][start:stop])
    assert np.abs(values["ways/forward", "hidden"][5:9] - whole["ways/forward", "hidden"][5:9]).max() > 1e-3


def test_windows_are_read_from_the_zero_state(text, stack, expected):
    window, segment = 12, Segment(0, 90)
    values = collected(extraction(stack, text, segment, layers="*", windowed=window))
    lstm = weights(stack.layers[0])
    for position in (window - 1, window, 50, 89):
        x = one_hot(text)[position - window + 1:position + 1]
        close(values["long", "hidden"][position], oracles.lstm(x, *lstm)["hidden"][-1])
    parts = keras.Model(stack.inputs[0], [layer.output for layer in stack.layers])
    windows = np.stack([one_hot(text)[end - window + 1:end + 1] for end in range(window - 1, 90)])
    for array, outputs in zip(values.values(), parts(windows), strict=True):
        close(array[window - 1:90], np.asarray(outputs)[:, -1])


def test_windows_give_a_row_to_layers_that_have_one_for_a_whole_text(text):
    """The article's network has 100 steps and no others; so has this one 9."""
    model = filled(keras.Sequential([
        keras.Input((9,)), L.Embedding(len(text.vocabulary), 4), L.MaxPooling1D(2, 1, "same"),
        L.Bidirectional(L.LSTM(5), name="ways"), L.Dense(6, activation="relu", name="dense"), L.Dense(3, name="last")]))
    values = collected(extraction(model, text, Segment(0, 70), layers="*", windowed=9))
    windows = np.stack([text.ids[end - 8:end + 1] for end in range(8, 70)])
    parts = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    embedded, pooled, ways, dense, last = (np.asarray(each) for each in parts(windows))
    close(np.hstack([values["ways/forward", "hidden"], values["ways/backward", "hidden"]])[8:70], ways)
    close(values["dense", "output"][8:70], dense)
    close(values["last", "output"][8:70], last)
    arrays = list(values.values())
    close(arrays[0][8:70], embedded[:, -1])
    close(arrays[1][8:70], pooled[:, -1])


def test_branches_are_computed_only_as_far_as_they_are_needed(text):
    x = keras.Input((None, len(text.vocabulary)))
    one, other = L.LSTM(4, return_sequences=True, name="one")(x), L.GRU(4, return_sequences=True, name="other")(x)
    joined = L.Concatenate(name="joined")([L.Add(name="sum")([one, other]), L.BatchNormalization(name="batch")(one)])
    both = L.Bidirectional(L.LSTM(3), name="both")(joined)
    model = filled(keras.Model(x, L.Dense(2)(both)))
    values = collected(extraction(model, text, BEGINNING, layers="one,other,joined", streams=1))
    parts = keras.Model(x, [one, other, joined])
    for array, outputs in zip(values.values(), parts(one_hot(text)[None, :BEGINNING.stop]), strict=True):
        close(array[:BEGINNING.stop], np.asarray(outputs)[0])


STREAMING = {
    "both ways": (lambda v: [L.Bidirectional(L.LSTM(3, return_sequences=True), name="ways")],
                  r"layer ways \(Bidirectional\) also reads the text from its end, so it cannot stream a text; "
                  "--documents lines, paragraphs or files"),
    "backwards": (lambda v: [L.LSTM(3, go_backwards=True, name="back")], r"back \(LSTM\) reads the text from its end"),
    "same": (lambda v: [L.Conv1D(3, 3, padding="same", name="wide"), L.LSTM(3)],
             r"wide \(Conv1D\) sees what is to come \(padding='same', strides=1\)"),
    "pooling": (lambda v: [L.MaxPooling1D(2, name="pool"), L.LSTM(3)], r"pool \(MaxPooling1D\) may look at the whole"),
    "last": (lambda v: [L.LSTM(3, name="first"), L.RepeatVector(4, name="again"), L.LSTM(2)],
             r"again \(RepeatVector\) may look at the whole of a text"),
    "across time": (lambda v: [L.LayerNormalization(axis=[1, 2], name="across"), L.LSTM(2)],
                    r"across \(LayerNormalization\) joins or compares the steps"),
}


@pytest.mark.parametrize("name", STREAMING)
def test_what_cannot_stream_says_so(text, name):
    make, reason = STREAMING[name]
    steps = 8 if name == "across time" else None
    model = keras.Sequential([keras.Input((steps, len(text.vocabulary))), *make(len(text.vocabulary))])
    with pytest.raises(UserError, match=reason):
        extraction(model, text)


ROWS = {
    "dense behind the last state": ([L.LSTM(3), L.Dense(2, name="d")], "d", "one row for a whole text"),
    "global pooling": ([L.GlobalMaxPooling1D(name="d")], "d", "one row for a whole text"),
    "half as many": ([L.MaxPooling1D(2, name="d")], "d", "another number of rows than the text has"),
    "fewer at the edge": ([L.Conv1D(2, 3, name="d")], "d", "another number of rows than the text has"),
    "recurrent behind half as many": ([L.AveragePooling1D(2), L.GRU(2, name="d")], "d", "another number of rows"),
    "behind one that reads backwards": (
        [L.LSTM(2, go_backwards=True, return_sequences=True, name="b"), L.Dense(2, name="d")], "d",
        "reads what b puts out from the end of the text to its beginning"),
}


@pytest.mark.parametrize("name", ROWS)
def test_layers_without_a_row_a_character_are_refused_for_documents(text, name):
    layers, chosen, reason = ROWS[name]
    model = keras.Sequential([keras.Input((None, len(text.vocabulary))), *layers])
    with pytest.raises(UserError, match=reason + r".*--windowed W"):
        extraction(model, text, layers=chosen, documents="lines")


def test_an_extraction_travels_to_another_process(text, stack):
    ours = extraction(stack, text, Segment(0, 200), layers="*", streams=2, overlap=20)
    theirs = pickle.loads(pickle.dumps(ours))
    for (source, array), other in zip(collected(ours).items(), collected(theirs).values(), strict=True):
        np.testing.assert_array_equal(array, other, err_msg=str(source))


def test_a_scan_has_two_halves_of_whole_documents(text, both_ways):
    model = both_ways
    first, second = extraction(model, text, documents="lines", characters=200).halves()
    assert first.segment.stop == second.segment.start
    assert first.segment.stop in {stop for _, stop in lines_of(text)}
    assert abs(first.segment.stop - len(text) // 2) < 40
    assert len(first.segment) == len(second.segment) == 200
    with pytest.raises(UserError, match="cannot be divided into two halves of whole documents"):
        extraction(model, text, documents="files").halves()


def test_provenance_is_json_and_names_network_input_and_mapping(text, stack):
    import json

    provenance = json.loads(json.dumps(dict(extraction(stack, text, streams=1).provenance)))
    assert provenance["input"] == {"kind": "one-hot", "size": len(text.vocabulary)}
    assert provenance["mapping"]["\n"] == 0
    assert provenance["scheme"] == "one stream from the zero state"


def test_what_is_no_network_of_layers_is_refused(text):
    class Own(keras.Model):
        def call(self, inputs):
            return inputs

    for model, reason in ((Own(), "is a Own with a call of its own"),
                          (keras.Sequential([L.Dense(2)]), "is not built yet"), (3, "must be a keras.Model")):
        with pytest.raises(UserError, match=reason):
            ForeignModel.of(model)
    x, y = keras.Input((None, 2)), keras.Input((None, 2))
    with pytest.raises(UserError, match="has 2 inputs; accepted is one"):
        ForeignModel.of(keras.Model([x, y], L.Add()([x, y])))


def test_a_shared_layer_can_be_passed_through_but_not_chosen(text):
    x = keras.Input((None, len(text.vocabulary)))
    dense = L.Dense(len(text.vocabulary), name="shared")
    model = filled(keras.Model(x, L.LSTM(3, return_sequences=True, name="lstm")(dense(dense(x)))))
    values = collected(extraction(model, text, BEGINNING, streams=1))
    close(values["lstm", "hidden"][:BEGINNING.stop], np.asarray(model(one_hot(text)[None, :BEGINNING.stop]))[0])
    with pytest.raises(UserError, match=r"layer shared \(Dense\) is used 2 times"):
        extraction(model, text, layers="shared")


def test_files_are_documents_of_their_own(tmp_path, stack):
    text = Corpus.embedded(characters=3000)
    model = filled(keras.Sequential([keras.Input((None,)), L.Embedding(len(text.vocabulary), 3),
                                     L.Bidirectional(L.SimpleRNN(2, return_sequences=True), name="ways")]))
    blocks = extraction(model, text, documents="files")
    values = collected(blocks)
    embedding, ways = (weights(layer) for layer in model.layers)
    assert sorted(int(start) for block in blocks for start in block.starts) == [file.start for file in text.files]
    for file in text.files[:2]:
        x = embedding[0][text.ids[file.start:file.stop]]
        close(values["ways/backward", "hidden"][file.start:file.stop], oracles.simple_rnn(x[::-1], *ways[3:])[::-1])
