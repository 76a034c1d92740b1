"""Parts of a reading: warmed up on what comes before them, small when sent, and no more than was there."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from probe.activations import Extraction, ExtractOptions
from probe.activations.foreign import ForeignModel, ForeignOptions, KerasExtraction
from probe.activations.foreign.mapping import CharacterMapping
from probe.corpus import Segment
from probe.errors import UserError
from probe.model import Run
from probe.model.engine import keras
from tests.activations.collecting import collected
from tests.lstm_oracle import read_text

SOURCE = ("2", "hidden")


@pytest.mark.parametrize(("start", "zero"), [(700, 640), (100, 100), (160, 100)])
def test_a_part_from_amid_a_text_warms_up_and_the_first_begins_where_the_text_does(run, start, zero):
    whole = Extraction.of(run, Segment(100, 1500), options=ExtractOptions(streams=1, overlap=60))
    hidden, _ = read_text(run.corpus.ids[zero:1500], run.checkpoint("best").weights, 2)
    values, _, seen = collected(whole.part(start, 1500))
    np.testing.assert_array_equal(np.flatnonzero(seen), np.arange(start, 1500))
    np.testing.assert_allclose(values[SOURCE][start:1500], hidden[1][start - zero:], atol=2e-6)


def test_a_part_stays_one_from_amid_a_text_however_it_is_read(run):
    options = ExtractOptions(streams=1, overlap=60)
    part = Extraction.of(run, Segment(100, 1500), options=options).part(700, 1500)
    expected = collected(part)[0][SOURCE][700:760]
    for again in (part.part(700, 1500), part.in_streams(8), part.beginning(60), pickle.loads(pickle.dumps(part))):
        np.testing.assert_allclose(collected(again)[0][SOURCE][700:760], expected, atol=1e-6)


def test_a_part_with_less_before_it_than_the_overlap_begins_at_the_zero_state(run):
    part = Extraction.of(run, options=ExtractOptions(streams=1, overlap=60)).part(30, 200)
    hidden, _ = read_text(run.corpus.ids[30:200], run.checkpoint("best").weights, 2)
    np.testing.assert_allclose(collected(part)[0][SOURCE][30:200], hidden[1], atol=2e-6)


def test_windows_are_the_same_in_parts(run):
    whole = Extraction.of(run, Segment(0, 300), options=ExtractOptions(windowed=20))
    values = collected(whole)[0][SOURCE]
    np.testing.assert_allclose(collected(whole.part(101, 300))[0][SOURCE][101:300], values[101:300], atol=1e-6)


def test_parts_of_others_networks_warm_up_too(corpus):
    model = keras.Sequential([keras.Input((None,)), keras.layers.Embedding(len(corpus.vocabulary), 4),
                              keras.layers.LSTM(6, return_sequences=True)])
    mapping = CharacterMapping({each: place for place, each in enumerate(corpus.vocabulary.characters)}, "own")
    options = ExtractOptions(streams=1, overlap=50, layers="lstm*")

    def reading(segment: Segment, **foreign: str) -> KerasExtraction:
        return KerasExtraction.of(ForeignModel.of(model), corpus, segment, mapping=mapping, options=options,
                                  foreign=ForeignOptions(**foreign))

    part = collected(reading(Segment(0, 500)).part(200, 400))[0]
    longer = collected(reading(Segment(150, 400)))[0]
    for source, values in part.items():
        np.testing.assert_allclose(values[200:400], longer[source][200:400], atol=1e-6)
    with pytest.raises(UserError, match="read in lines cannot be cut into parts"):
        reading(Segment(0, 500), documents="lines").part(200, 400)


def test_parts_of_a_store_hold_its_rows(five_hundred, arrays):
    source = ("1", "hidden")
    for part in (five_hundred.part(95, 310), five_hundred.part(20, 400).part(95, 310)):
        values, _, seen = collected(part)
        np.testing.assert_array_equal(np.flatnonzero(seen), np.arange(95, 310))
        np.testing.assert_array_equal(values[source][95:310], arrays[source][95:310])


def test_what_lies_outside_is_no_part(run, five_hundred):
    for blocks in (Extraction.of(run, Segment(100, 500)), five_hundred.blocks(Segment(100, 500))):
        for start, stop in ((99, 200), (100, 501), (300, 300)):
            with pytest.raises(UserError, match="a part must lie within the characters 100 to 500 that are read"):
                blocks.part(start, stop)


def test_many_parts_hold_weights_and_text_once(run):
    whole = Extraction.of(run)
    weights = sum(array.nbytes for array in whole.checkpoint.weights.values())
    parts = [whole.part(start, start + 10) for start in range(0, 1000, 10)]
    sizes = [len(pickle.dumps(parts[:many])) for many in (1, 101)]
    assert sizes[0] < weights + 5000
    assert (sizes[1] - sizes[0]) / 100 < 600


def test_a_part_is_read_from_another_working_folder(run, monkeypatch, tmp_path):
    monkeypatch.chdir(run.folder.parent)
    part = Extraction.of(Run.open(Path(run.folder.name)), options=ExtractOptions(streams=2)).part(100, 900)
    expected = collected(part)[0][SOURCE]
    packed = pickle.dumps(part)
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(collected(pickle.loads(packed))[0][SOURCE], expected)
