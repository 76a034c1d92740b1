"""Untrained twins of networks of others: the same layers, reproducibly drawn weights of the layers' own kind."""

import pickle

import numpy as np
import pytest

from probe.activations.foreign import ForeignModel, open_model
from probe.activations.foreign.untrained import untrained_twin
from probe.errors import UserError
from probe.model.engine import keras
from tests.activations.foreign_networks import L, collected, corpus, extraction, filled
from tests.activations.test_foreign_files import branching, everything


def live(seeded=None):
    size = len(corpus().vocabulary)
    return filled(keras.Sequential([
        keras.Input((None, size)),
        L.LSTM(5, return_sequences=True, kernel_initializer=keras.initializers.RandomUniform(0.2, 0.3, seed=seeded)),
        L.Bidirectional(L.GRU(4, return_sequences=True)), L.BatchNormalization(), L.Dense(3)]))


def test_a_twin_of_a_live_model_draws_by_its_own_initialisers_reproducibly():
    model = live(seeded=7)  # whose own seed must not give every twin the same weights
    before = model.get_weights()
    reading = extraction(model, corpus(), layers="1")
    twins = [reading.untrained(seed) for seed in (1, 1, 2)]
    one, again, other = (twin.model.model.get_weights() for twin in twins)
    for left, right in zip(one, again, strict=True):
        np.testing.assert_array_equal(left, right)
    assert 0.2 <= one[0].min() < one[0].max() <= 0.3
    assert not np.array_equal(one[0], other[0])
    np.testing.assert_allclose(one[1] @ one[1].T, np.eye(5), atol=1e-5)  # Keras' recurrent kernels are orthogonal
    for kept, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, now)
    assert twins[0].provenance["model"]["variation"] == "untrained twin, seed 1"


def test_a_twin_reads_the_same_layers_of_the_same_text_and_travels():
    text = corpus()
    reading = extraction(live(), text, layers="1", streams=1)
    twin = reading.untrained(4)
    assert twin.units == reading.units and twin.segment == reading.segment
    values = collected(twin)
    probe = keras.Model(twin.model.model.inputs, twin.model.model.layers[0].output)
    expected = np.asarray(probe([np.eye(len(text.vocabulary))[None, text.ids[:60]]]))[0]
    source = next(source for source in values if source[1] == "hidden")
    np.testing.assert_allclose(values[source][:60], expected, atol=1e-5)
    np.testing.assert_array_equal(collected(pickle.loads(pickle.dumps(twin)))[source], values[source])


@pytest.mark.parametrize("make", [everything, branching])
def test_a_network_from_a_file_has_twins_of_the_same_architecture(make, tmp_path):
    trained = filled(make())
    trained.compile("adam", "mse")
    trained.save(tmp_path / "a.keras")
    model = open_model(tmp_path / "a.keras")
    twin, again = untrained_twin(model, 3), pickle.loads(pickle.dumps(untrained_twin(model, 3)))
    assert twin.network.architecture == model.network.architecture
    assert list(twin.network.weights) == list(model.network.weights)
    for name, array in model.network.weights.items():
        drawn = twin.network.weights[name]
        np.testing.assert_array_equal(drawn, again.network.weights[name])
        assert drawn.shape == array.shape and not np.array_equal(drawn, array)
    assert [w.shape for w in twin.model.get_weights()] == [w.shape for w in model.model.get_weights()]


def test_a_model_that_cannot_be_made_again_has_no_twins_and_says_why():

    class Own(keras.layers.Layer):
        def __init__(self, table):
            super().__init__()
            self.table = table

        def call(self, x):
            return x + self.table

    size = len(corpus().vocabulary)
    model = keras.Sequential([keras.Input((None, size)), L.LSTM(3, return_sequences=True), Own(1.0)])
    reading = extraction(ForeignModel.of(model, "mine"), corpus(), layers="1")
    with pytest.raises(UserError, match="mine: no untrained twin can be made of it, since a layer cannot"):
        reading.untrained(0)
