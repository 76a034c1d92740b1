"""Tiny classifiers of every architecture that is supported, for tests of every method.

Each reads ids of ``LENGTH`` tokens (0 is padding, ``BLANK`` a token whose vector is zero) and ends in three logits and
a softmax. The same network in float64, ending in logits, is an oracle that shares nothing with what is tested but
Keras.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from probe.model.engine import keras, tf

L = keras.layers
LENGTH, WIDTH, CLASSES, BLANK = 8, 3, 3, 11
# No token comes twice in a text, so that a token's row of the embedding belongs to one position.
FULL = np.array([[3, 1, 4, 10, 5, 9, 2, 6], [7, 2, 8, 1, 3, 10, 4, 5]])
PADDED = np.array([[0, 0, 3, 1, 4, 10, 5, 9], [7, 2, 8, 1, 3, 10, 4, 5]])
PAD = 0.25  # every number of the vector of padding where a layer masks by vectors
SECOND = np.array([[0.5, -1.0], [2.0, 0.3]])  # what a network with two inputs reads beside the text


@dataclass(frozen=True)
class Case:
    """A network.

    Attributes:
        body: what stands between the embedding and the last Dense; it is given the second input too if there is one.
        masked: whether padding is masked.
        second: whether there is a second input, of two numbers.
        smooth: whether it has no corners, so that sums over the way from the baseline are exact.
    """

    body: Callable[..., Any]
    masked: bool = False
    second: bool = False
    smooth: bool = False

    @property
    def ids(self) -> np.ndarray:
        """(2, LENGTH) texts to explain."""
        return PADDED if self.masked else FULL


def _in_order(*layers: Callable[[], Any]) -> Callable[..., Any]:
    def body(values: Any) -> Any:
        for layer in layers:
            values = layer()(values)
        return values
    return body


def _branches(values: Any) -> Any:
    wide = L.Conv1D(4, 3, padding="same", activation="tanh")(values)
    narrow = L.Conv1D(4, 1, activation="sigmoid")(values)
    joined = L.Concatenate()([wide, L.Add()([wide, narrow]), L.Multiply()([wide, narrow])])
    return L.GlobalAveragePooling1D()(joined)


def _nested(values: Any) -> Any:
    inner = keras.Sequential([L.Conv1D(4, 2, activation="relu"), L.MaxPooling1D(2)], name="encoder")
    return L.Flatten()(inner(values))


def _two_inputs(values: Any, second: Any) -> Any:
    text = L.GlobalMaxPooling1D()(L.Conv1D(4, 3, activation="relu")(values))
    return L.Dense(5, activation="tanh")(L.Concatenate()([text, second]))


CASES = {
    "conv_same": Case(_in_order(lambda: L.Conv1D(4, 3, padding="same", activation="relu"), L.Flatten)),
    "convolutions": Case(_in_order(
        lambda: L.Conv1D(4, 2, padding="valid", activation="tanh"), lambda: L.Conv1D(4, 2, padding="causal"),
        lambda: L.Conv1D(4, 3, strides=2, padding="same", activation="tanh"), lambda: L.Conv1D(4, 2, dilation_rate=2),
        L.Flatten), smooth=True),
    "max_pooling": Case(_in_order(lambda: L.MaxPooling1D(3, 2), lambda: L.Conv1D(5, 2, activation="relu"),
                                  L.GlobalMaxPooling1D)),
    "average_pooling": Case(_in_order(lambda: L.AveragePooling1D(2), lambda: L.Conv1D(4, 2, activation="tanh"),
                                      L.GlobalAveragePooling1D), smooth=True),
    "lstm": Case(_in_order(lambda: L.LSTM(4, return_sequences=True, name="lower"),
                           lambda: L.LSTM(3, name="upper")), masked=True, smooth=True),
    "bidirectional": Case(_in_order(lambda: L.Bidirectional(L.LSTM(3, return_sequences=True), name="both"),
                                    L.GlobalAveragePooling1D), masked=True, smooth=True),
    "gru": Case(_in_order(lambda: L.Masking(mask_value=PAD), lambda: L.GRU(4, name="gru")), smooth=True),
    "inference": Case(_in_order(lambda: L.SpatialDropout1D(0.5), lambda: L.Conv1D(4, 2), L.BatchNormalization, L.ReLU,
                                lambda: L.Dropout(0.5), L.GlobalMaxPooling1D)),
    "dense": Case(_in_order(lambda: L.Dense(4, activation="tanh"), L.Flatten, lambda: L.Dense(6, activation="gelu")),
                  smooth=True),
    "branches": Case(_branches, smooth=True),
    "nested": Case(_nested),
    "two_inputs": Case(_two_inputs, second=True),
}
# The fewest steps that loop over a text, for what is compiled.
KNOWN = CASES | {"one_lstm": Case(_in_order(lambda: L.LSTM(3, name="only")), masked=True, smooth=True)}


@cache
def network(name: str, dtype: str = "float32") -> keras.Model:
    """Return a network with fixed weights: it ends in a softmax in float32, in logits in float64."""
    case, policy = KNOWN[name], keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        ids = keras.Input((LENGTH,), dtype="int32")
        more = [keras.Input((2,))] if case.second else []
        vectors = L.Embedding(12, WIDTH, mask_zero=case.masked, name="embedding")(ids)
        squash = "softmax" if dtype == "float32" else None
        model = keras.Model([ids, *more] if more else ids,
                            L.Dense(CLASSES, activation=squash, name="labels")(case.body(vectors, *more)), name=name)
    finally:
        keras.config.set_dtype_policy(policy)
    draw = np.random.default_rng(sum(map(ord, name)))
    for weight in model.weights:
        values = draw.normal(0, 0.7, weight.shape).astype(np.float32)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)
    table = model.get_layer("embedding").embeddings
    rows = np.arange(12)[:, None]
    table.assign(np.select([rows == BLANK, rows == 0], [0, PAD], table.numpy()))
    return model


def inputs(name: str) -> list[np.ndarray]:
    """Return what a network reads, its texts first."""
    return [KNOWN[name].ids, *([SECOND] if KNOWN[name].second else [])]


def logits(name: str, ids: np.ndarray, table: np.ndarray | None = None, second: np.ndarray | None = None) -> np.ndarray:
    """Return the logits of the float64 network (R, CLASSES), with another embedding (12, WIDTH) if one is given."""
    model = network(name, "float64")
    embeddings = model.get_layer("embedding").embeddings
    kept = embeddings.numpy()
    if table is not None:
        embeddings.assign(table)
    try:
        given = [tf.constant(ids, tf.int32), *([tf.constant(second, tf.float64)] if KNOWN[name].second else [])]
        return np.asarray(model(given if len(given) > 1 else given[0]))
    finally:
        embeddings.assign(kept)


def table_of(name: str) -> np.ndarray:
    """Return the vectors of the tokens (12, WIDTH) float64."""
    return network(name, "float64").get_layer("embedding").embeddings.numpy()
