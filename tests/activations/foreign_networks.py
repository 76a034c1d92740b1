"""Small networks and a text, for tests of extraction from networks of others."""

from functools import cache

import numpy as np

from probe.activations.foreign import CharacterMapping, ForeignModel, ForeignOptions, KerasExtraction
from probe.activations.options import ExtractOptions
from probe.corpus import Corpus
from probe.model.engine import keras

L = keras.layers
TEXT = "".join(f"She said “{word}” twice,\nand the cat ran.\n" + "\n" * (k % 4 == 0)
               for k, word in enumerate(("yes", "no", "perhaps", "never mind") * 9)) + "no newline"


def corpus():
    return Corpus.of(TEXT)


def filled(model, seed=0):
    """The model with weights large enough for every state to matter, and batch moments that are not trivial."""
    generator = np.random.default_rng(seed)
    model.set_weights([generator.normal(size=weight.shape) * 0.6 if "variance" not in weight.name else
                       generator.uniform(0.5, 2, weight.shape) for weight in model.weights])
    return model


@cache
def opened(model):
    """The same of a model each time, because each compiles its own functions."""
    return ForeignModel.of(model)


def weights(layer):
    return [np.asarray(weight, np.float64) for weight in layer.get_weights()]


def extraction(model, text, segment=None, *, mapping="sorted", documents="none", entrance="auto", scale=None,
               stand_in=None, **options):
    """An extraction from a live model, a foreign model, or one whose mapping is given as an object."""
    foreign = ForeignOptions(mapping=mapping if isinstance(mapping, str) else None, documents=documents,
                             input=entrance, scale=scale, stand_in=stand_in)
    found = model if isinstance(model, ForeignModel) else opened(model)
    return KerasExtraction.of(found, text, segment, foreign=foreign, options=ExtractOptions(**options),
                              mapping=mapping if isinstance(mapping, CharacterMapping) else None)


def collected(blocks):
    """Activations by position (N, U), NaN where there are none; each position at most once."""
    size = len(blocks.corpus)
    values = {source: np.full((size, len(units)), np.nan, np.float32) for source, units in blocks.units.items()}
    seen = np.zeros(size, int)
    for block in blocks:
        assert block.losses.shape == (len(block.starts), block.length) and np.isnan(block.losses).all()
        assert set(block.activations) == set(values)
        for source, array in block.activations.items():
            assert array.dtype == np.float32
            assert array.shape == (len(block.starts), block.length, len(blocks.units[source]))
        for stream, start in enumerate(block.starts):
            seen[start:start + block.length] += 1
            for source, array in block.activations.items():
                values[source][start:start + block.length] = array[stream]
    expected = np.zeros(size, int)
    expected[blocks.segment.start:blocks.segment.stop] = 1
    np.testing.assert_array_equal(seen, expected)
    return values
