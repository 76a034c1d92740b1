"""The character model: ids → one-hot, embedding or scalar → L × (LSTM, Dropout) → logits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from probe.model.engine import CORES, keras, tf
from probe.model.hard_sigmoid import hard_sigmoid
from probe.model.kernels import choose_kernel
from probe.model.options import ModelOptions

States = tuple[tuple[tf.Tensor, tf.Tensor], ...]
"""(h, c) of each layer, each (B, U)."""

# Fewer streams than this make matrix products too thin to be worth a core.
STREAMS_A_CORE = 8


@dataclass(frozen=True)
class Reading:
    """What a network did while it read T characters in B streams.

    Attributes:
        hidden: for each layer, h after every character, (T, B, U), before dropout.
        features: what the output layer sees: the last layer's h after dropout, (T, B, U).
        states: (h, c) of each layer after the last character.
    """

    hidden: tuple[tf.Tensor, ...]
    features: tf.Tensor
    states: States


class CharLSTM(keras.Model):
    """A character-level LSTM whose weights live in plain Keras layers.

    Recurrent states are passed in and returned, never kept, and dropout draws from a seed that is passed in: a call is
    a function of its arguments, so that reading or validating in mid-training changes nothing.

    Args:
        options: the architecture.
        vocabulary: number V of characters, the size of the output layer.
        kernel: ``"auto"``, ``"cudnn"``, ``"fused"`` or ``"keras"``.
        seed: of the initial weights.
    """

    def __init__(self, options: ModelOptions, vocabulary: int, *, kernel: str = "auto", seed: int = 0) -> None:
        super().__init__(name="char_lstm")
        self.options = options
        self.vocabulary = vocabulary
        self.kernel_name, self._kernel = choose_kernel(kernel, options.recurrent_activation)
        seeds = keras.random.SeedGenerator(seed)
        size = {"one-hot": vocabulary, "embedding": options.embedding, "scalar": 1}[options.input]
        self.embedding = None
        if options.input == "embedding":
            initial = keras.initializers.RandomUniform(-0.05, 0.05, seed=_draw(seeds))
            self.embedding = keras.layers.Embedding(vocabulary, size, embeddings_initializer=initial, name="embedding")
            self.embedding.build((None, None))
        self.lstm_layers = []
        for number in range(1, options.layers + 1):
            layer = keras.layers.LSTM(
                options.units, return_sequences=True, return_state=True, name=f"lstm_{number}",
                recurrent_activation=hard_sigmoid if options.recurrent_activation == "hard_sigmoid" else "sigmoid",
                kernel_initializer=keras.initializers.GlorotUniform(seed=_draw(seeds)),
                recurrent_initializer=keras.initializers.Orthogonal(seed=_draw(seeds)))
            layer.build((None, None, size))
            self.lstm_layers.append(layer)
            size = options.units
        self.dense = keras.layers.Dense(vocabulary, name="dense",
                                        kernel_initializer=keras.initializers.GlorotUniform(seed=_draw(seeds)))
        self.dense.build((None, None, size))
        self.built = True

    def initial_states(self, streams: int) -> States:
        """Return the zero state of every layer for ``streams`` streams."""
        zeros = tf.zeros((streams, self.options.units))
        return tuple((zeros, zeros) for _ in range(self.options.layers))

    def read(self, ids: tf.Tensor, states: States, dropout_seed: tf.Tensor | None = None,
             dtype: tf.DType = tf.float32) -> Reading:
        """Read characters from a state.

        Args:
            ids: (B, T) integer ids in [0, V).
            states: (h, c) of each layer, each (B, U) float32.
            dropout_seed: (2,) int32; None turns dropout off.
            dtype: of the operands of matrix products, float32 or, with the fused kernel, bfloat16.
        """
        readings = []
        for number, part in enumerate(self.parts(ids.shape[0])):
            seed = None if dropout_seed is None else tf.random.experimental.stateless_fold_in(dropout_seed, number)
            carried = tuple((h[part], c[part]) for h, c in states)
            readings.append(self.read_part(ids[part], carried, seed, dtype))
        return readings[0] if len(readings) == 1 else _joined(readings)

    def parts(self, streams: int | None, cores: int = CORES) -> list[slice]:
        """Return the parts in which ``streams`` streams are best read at once on ``cores``, each on one of its own."""
        on_gpu = self.kernel_name != "fused" and bool(tf.config.list_physical_devices("GPU"))
        return [slice(None)] if streams is None or on_gpu else cut(streams, min(cores, streams // STREAMS_A_CORE))

    def read_part(self, ids: tf.Tensor, states: States, dropout_seed: tf.Tensor | None = None,
                  dtype: tf.DType = tf.float32) -> Reading:
        """Read as :meth:`read`, all streams in one."""
        kernel = self._kernel if dtype == tf.float32 else partial(self._kernel, dtype=dtype)
        x = self.entered(tf.transpose(ids))
        hidden, after = [], []
        for number, (layer, (h, c)) in enumerate(zip(self.lstm_layers, states, strict=True)):
            x, h, c = kernel(layer, x if x.dtype.is_integer else tf.cast(x, dtype), h, c)
            hidden.append(x)
            after.append((h, c))
            if dropout_seed is not None and self.options.dropout > 0:
                seed = tf.random.experimental.stateless_fold_in(dropout_seed, number)
                # Drawn in float32: bfloat16 would draw other masks, from 256 values.
                x = tf.nn.experimental.stateless_dropout(tf.cast(x, tf.float32), self.options.dropout, seed)
        return Reading(tuple(hidden), x, tuple(after))

    def logits(self, features: tf.Tensor) -> tf.Tensor:
        """Return the output layer's logits (..., V) for features (..., U)."""
        return self.dense(features)

    def losses(self, reading: Reading, targets: tf.Tensor) -> tf.Tensor:
        """Return −log probability in nats of what came next.

        Args:
            reading: of T characters in B streams.
            targets: (B, K) ids that came after the last K of them, K ≤ T.

        Returns:
            (B, K) float32.
        """
        features = reading.features
        if features.shape[0] is None or features.shape[0] != targets.shape[1]:
            features = features[-tf.shape(targets)[1]:]
        logits = self.logits(tf.cast(features, tf.float32))
        return tf.transpose(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.transpose(targets), logits))

    def call(self, ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the logits (B, T, V) after each character of ids (B, T), read from the zero state, without dropout."""
        reading = self.read(ids, self.initial_states(tf.shape(ids)[0]))
        return tf.transpose(self.logits(reading.features), (1, 0, 2))

    def entered(self, ids: tf.Tensor) -> tf.Tensor:
        """Return what the first layer is given for ids (T, B): themselves where it reads one-hot, else (T, B, D)."""
        if self.embedding is not None:
            return self.embedding(ids)
        if self.options.input == "scalar":
            return tf.cast(ids, tf.float32)[..., tf.newaxis] / self.vocabulary
        return tf.cast(ids, tf.int32)

    def entering(self) -> np.ndarray:
        """Return the products (V, 4U) float32 of each character with the first layer's kernel, without its bias."""
        vectors = self.entered(tf.range(self.vocabulary)[:, tf.newaxis])
        kernel = tf.convert_to_tensor(self.lstm_layers[0].cell.kernel)
        return np.asarray(kernel if vectors.dtype.is_integer else tf.matmul(vectors[:, 0], kernel))


def cut(streams: int, count: int) -> list[slice]:
    """Cut streams into ``count`` parts whose sizes differ by one at most: no less than one, and none empty."""
    count = max(1, min(streams, count))
    return [slice(number * streams // count, (number + 1) * streams // count) for number in range(count)]


def stacked_states(states: States) -> tf.Tensor:
    """Return the states as one tensor (L, 2, B, U)."""
    return tf.stack([tf.stack(pair) for pair in states])


def unstacked_states(stacked: tf.Tensor | Sequence) -> States:
    """Return the states held in a tensor (L, 2, B, U)."""
    return tuple((pair[0], pair[1]) for pair in tf.unstack(tf.convert_to_tensor(stacked)))


def _joined(parts: list[Reading]) -> Reading:
    """The reading of all streams from the readings of parts of them."""
    hidden = tuple(tf.concat(layer, axis=1) for layer in zip(*(part.hidden for part in parts), strict=True))
    states = tuple(tuple(tf.concat(state, axis=0) for state in zip(*layer, strict=True))
                   for layer in zip(*(part.states for part in parts), strict=True))
    return Reading(hidden, tf.concat([part.features for part in parts], axis=1), states)


def _draw(seeds: keras.random.SeedGenerator) -> int:
    return int(keras.ops.convert_to_numpy(seeds.next())[0])
