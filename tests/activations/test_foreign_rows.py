"""Rows of documents of ids, against Keras reading each document alone."""

import numpy as np
import pytest

from probe.activations import ExtractOptions, Recorded
from probe.activations.foreign import ForeignModel
from probe.activations.foreign.rows import DocumentRows
from probe.errors import UserError
from probe.model.engine import keras

L = keras.layers
LENGTHS = (3, 1, 7, 3, 5, 2, 7)


def documents() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.integers(1, 9, length) for length in LENGTHS]


def network(*layers) -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((None,), dtype="int32"), L.Embedding(9, 4, name="embedding"), *layers])


READERS = {
    "lstm": lambda: network(L.LSTM(5, return_sequences=True, name="layer")),
    "gru": lambda: network(L.GRU(5, return_sequences=True, name="layer")),
    "masked": lambda: keras.Sequential([keras.Input((None,), dtype="int32"), L.Embedding(9, 4, mask_zero=True),
                                        L.LSTM(5, return_sequences=True, name="layer")]),
    "wide": lambda: network(L.Conv1D(5, 3, padding="same", name="layer")),  # sees padding, so it must have none
}


@pytest.mark.parametrize("name", READERS)
def test_each_document_is_read_as_if_it_were_alone(name):
    model = READERS[name]()
    rows = DocumentRows(ForeignModel.of(model), documents(), ExtractOptions(layers="layer"))
    (source,) = rows.units
    wanted = np.concatenate([np.asarray(model(each[None]))[0] for each in documents()])
    assert len(rows) == sum(LENGTHS)
    np.testing.assert_allclose(rows.rows(0, len(rows))[source], wanted, atol=1e-6)


def test_any_slice_is_the_same_rows_and_looks_like_a_part_of_an_array():
    rows = DocumentRows(ForeignModel.of(READERS["lstm"]()), documents(), ExtractOptions(signals="all", units="1,3-4"))
    whole = {source: np.asarray(array[:]) for source, array in rows.arrays().items()}
    assert len(whole) == 6 and all(values.shape == (28, 3) == rows.arrays()[s].shape for s, values in whole.items())
    assert rows.units["layer", "cell"] == [1, 3, 4]
    for start in range(28):
        for stop in range(start + 1, 29):
            for source, array in rows.arrays().items():
                np.testing.assert_allclose(array[start:stop], whole[source][start:stop], atol=1e-6)


def test_rows_are_laid_on_a_text_with_characters_that_were_not_read():
    rows = DocumentRows(ForeignModel.of(READERS["lstm"]()), documents())
    text = "".join("x" * length + "\n" for length in LENGTHS)
    spans = [(place, place + 1) for place, character in enumerate(text) if character == "x"]
    recorded = Recorded.of(rows.arrays(), text, spans=spans)
    laid = np.concatenate([block.rows(("layer", "hidden")) for block in recorded])
    whole = rows.rows(0, 28)["layer", "hidden"]
    assert len(laid) == len(text)
    np.testing.assert_allclose(laid[[start for start, _ in spans]], whole, atol=1e-6)
    breaks = [place for place, character in enumerate(text) if character == "\n"]
    np.testing.assert_array_equal(laid[breaks], laid[np.array(breaks) - 1])


@pytest.mark.parametrize(("made", "message"), [
    (lambda: DocumentRows(ForeignModel.of(READERS["lstm"]()), []), "at least one id"),
    (lambda: DocumentRows(ForeignModel.of(READERS["lstm"]()), [np.arange(3), np.arange(0)]), "at least one id"),
    (lambda: DocumentRows(ForeignModel.of(network(L.LSTM(5, name="layer"), L.Dense(2, name="out"))), documents(),
                          ExtractOptions(layers="out")), "one row for a whole text"),
    (lambda: DocumentRows(ForeignModel.of(keras.Sequential([keras.Input((None, 4)), L.LSTM(2)])), documents()),
     "documents of ids need"),
    (lambda: DocumentRows(ForeignModel.of(READERS["lstm"]()), documents(), ExtractOptions(units="5")), "below 5"),
    (lambda: DocumentRows(ForeignModel.of(READERS["lstm"]()), [np.array([1, 9])]).rows(0, 2), "cannot read texts"),
])
def test_what_cannot_be_read_is_refused(made, message):
    with pytest.raises(UserError, match=message):
        made()
