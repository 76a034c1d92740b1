"""Networks and texts that the tests of classifiers share."""

from probe.model.engine import keras

L = keras.layers
TEXTS = ["The film was good, very good!", "a bad film; don't see it", "İstanbul café 👩‍🚀 film"]


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
