"""Networks that classify texts, of the usual kinds."""

from probe.errors import UserError
from probe.model.engine import keras

L = keras.layers
ACTIVATIONS = {"single": "softmax", "multi": "sigmoid", "binary": "sigmoid"}


def two_convolutions(rows: int, labels: int, kind: str = "single", *, width: int = 64, filters: int = 128,
                     kernel_size: int = 5, pool: int = 5, dropout: float = 0.3, length: int | None = None,
                     ) -> keras.Model:
    """Return a network that looks at words through two convolutions, the second over what the first one pooled.

    Args:
        rows: ids that there are.
        labels: outputs; 1 for the kind ``"binary"``.
        kind: ``"single"`` ends in a softmax, ``"multi"`` and ``"binary"`` in sigmoids.
        width: of the embedding.
        filters, kernel_size: of both convolutions.
        pool: steps that are pooled between them.
        dropout: in training, after the embedding and before the outputs.
        length: tokens of a text, if all have as many.
    """
    ids = keras.Input((length,), dtype="int32", name="ids")
    x = L.SpatialDropout1D(dropout, name="dropout")(L.Embedding(rows, width, name="embedding")(ids))
    x = L.Conv1D(filters, kernel_size, activation="relu", padding="same", name="convolution_1")(x)
    x = L.MaxPooling1D(pool, padding="same", name="pooling")(x)
    x = L.Conv1D(filters, kernel_size, activation="relu", padding="same", name="convolution_2")(x)
    return _ended(ids, L.GlobalMaxPooling1D(name="maximum")(x), labels, kind, dropout)


def two_way_lstm(rows: int, labels: int, kind: str = "single", *, width: int = 64, units: int = 64,
                 dropout: float = 0.4, length: int | None = None) -> keras.Model:
    """Return a network that reads words by an LSTM from each end and skips pads (id 0).

    Other arguments are those of :func:`two_convolutions`.

    Args:
        units: of each LSTM.
    """
    ids = keras.Input((length,), dtype="int32", name="ids")
    x = L.SpatialDropout1D(dropout, name="dropout")(L.Embedding(rows, width, mask_zero=True, name="embedding")(ids))
    return _ended(ids, L.Bidirectional(L.LSTM(units, name="lstm"), name="two_ways")(x), labels, kind, dropout)


def character_convolutions(rows: int, labels: int, kind: str = "single", *, width: int = 24, filters: int = 96,
                           dropout: float = 0.2, length: int | None = None) -> keras.Model:
    """Return a network that looks at characters through three convolutions of 7, 5 and 3 steps, with pooling by 3
    between them; other arguments as of :func:`two_convolutions`."""
    ids = keras.Input((length,), dtype="int32", name="ids")
    x = L.Embedding(rows, width, name="embedding")(ids)
    for number, reach in enumerate((7, 5, 3), start=1):
        x = L.Conv1D(filters, reach, activation="relu", padding="same", name=f"convolution_{number}")(x)
        if number < 3:
            x = L.MaxPooling1D(3, padding="same", name=f"pooling_{number}")(x)
    return _ended(ids, L.GlobalMaxPooling1D(name="maximum")(x), labels, kind, dropout)


def _ended(ids: keras.KerasTensor, features: keras.KerasTensor, labels: int, kind: str, dropout: float) -> keras.Model:
    if kind not in ACTIVATIONS:
        raise UserError(f"kind must be one of {', '.join(ACTIVATIONS)}; received {kind!r:.40}")
    x = L.Dropout(dropout, name="dropout_before_outputs")(features)
    return keras.Model(ids, L.Dense(labels, activation=ACTIVATIONS[kind], name="outputs")(x))
