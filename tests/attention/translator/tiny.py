"""Translators that are made in a moment."""

import re
from collections.abc import Mapping
from functools import cache

import numpy as np

from probe.attention.dates import DateOptions
from probe.attention.translator.network import keras_network
from probe.attention.translator.options import TranslatorOptions
from probe.attention.translator.symbols import Symbols
from probe.attention.translator.translator import Translator
from probe.model.weights import weight_names

NETWORK = TranslatorOptions(units=6, embedding=5, attention=4)
SYMBOLS = Symbols(" -.0123456789JMabehinruy")
DATES = DateOptions(locales="en_GB", styles="day_month_year", cases="written", no_date=0.1)
TEXTS = ("1 January 2016", "", "23 May 1999", "a", "30 June 2001 ", "?\0")
OUTPUTS = ("2016-01-01", "", "1999-05", "-", "2001-06-30", "7")


def network(seed: int = 1, spread: float = 0.6):
    """A Keras network whose weights, biases among them, are all far from zero."""
    model = keras_network(NETWORK, SYMBOLS.sources, seed)
    _spread(model, seed, spread)
    return model


def _spread(model, seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(weight.numpy() + spread * rng.normal(size=weight.shape))


def weights_of(model) -> Mapping[str, np.ndarray]:
    return dict(zip(weight_names(model), (weight.numpy() for weight in model.weights), strict=True))


def translator(seed: int = 1, spread: float = 0.6) -> Translator:
    return Translator(network(seed, spread), SYMBOLS, DATES, NETWORK, {"longest": 17, "step": 0})


def reseeded(seed: int = 1, spread: float = 0.6) -> Translator:
    """The one translator that is compiled once, with other weights; until it is asked for again."""
    made, initial = _compiled_once()
    for weight, array in zip(made.model.weights, initial, strict=True):
        weight.assign(array)
    _spread(made.model, seed, spread)
    return made


@cache
def _compiled_once() -> tuple[Translator, list[np.ndarray]]:
    made = translator(spread=0.0)
    return made, [weight.numpy() for weight in made.model.weights]


def plain(text: str) -> str:
    """A text with the plain space in place of every other that Unicode has."""
    return re.sub("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]", " ", text)


def ids(text: str) -> list[int]:
    """The ids of a text, found without the package."""
    known = SYMBOLS.characters
    return [known.index(character) + 2 if character in known else 1 for character in plain(text)]
