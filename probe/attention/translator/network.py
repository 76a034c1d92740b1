"""The network of the date translator, in Keras' own layers, and how it is computed.

source ids → Embedding → Bidirectional LSTM → values v[s]; keys k[s] = K v[s]
target ids → Embedding → LSTM from the zero state → h[t];  query q[t] = Q h[t] + b
weights a[t, s] = softmax over s of Σ_j w_j tanh(q[t] + k[s])_j; context x[t] = Σ_s a[t, s] v[s]
output  softmax(W tanh(C [x[t]; h[t]]))

The score is that of Bahdanau, Cho and Bengio (2015), asked after the decoder's step as Luong, Pham and Manning (2015)
do, so that encoder and decoder are ordinary LSTM layers. The decoder starts from zeros: all that it learns of the
source comes through the attention.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from probe.attention.translator.options import TranslatorOptions
from probe.attention.translator.symbols import PADDING, TARGETS
from probe.errors import UserError
from probe.model.checkpoint import Checkpoint
from probe.model.engine import keras, tf
from probe.model.kernels import choose_kernel
from probe.model.weights import load_weights

# Values (B, S, 2U), keys (B, S, A) and mask (B, S) bool of what was read.
Encoded = tuple[tf.Tensor, tf.Tensor, tf.Tensor]


def keras_network(options: TranslatorOptions, sources: int, seed: int = 0) -> keras.Model:
    """Return the untrained network: (source ids (B, S), target ids (B, T)) → probabilities (B, T, 13).

    Args:
        options: the architecture.
        sources: number of source ids.
        seed: of the initial weights.
    """
    layers, seeds = keras.layers, np.random.default_rng(seed)

    def dense(units: int, name: str, activation: str | None = None, bias: bool = True) -> keras.layers.Dense:
        return layers.Dense(units, activation, use_bias=bias, name=name,
                            kernel_initializer=keras.initializers.GlorotUniform(_draw(seeds)))

    def embedding(size: int, name: str) -> keras.layers.Embedding:
        initial = keras.initializers.RandomUniform(-0.05, 0.05, _draw(seeds))
        return layers.Embedding(size, options.embedding, initial, mask_zero=True, name=name)

    def lstm(name: str, backwards: bool = False) -> keras.layers.LSTM:
        return layers.LSTM(options.units, return_sequences=True, go_backwards=backwards, name=name,
                           kernel_initializer=keras.initializers.GlorotUniform(_draw(seeds)),
                           recurrent_initializer=keras.initializers.Orthogonal(seed=_draw(seeds)))

    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    encoder = layers.Bidirectional(lstm("forward"), backward_layer=lstm("backward", True), name="encoder")
    values = encoder(embedding(sources, "source_embedding")(source))
    asking = lstm("decoder")(embedding(TARGETS, "target_embedding")(target))
    keys, query = dense(options.attention, "key", bias=False)(values), dense(options.attention, "query")(asking)
    context = layers.AdditiveAttention(name="attention")([query, values, keys])
    joined = layers.Concatenate(name="joined")([context, asking])
    logits = dense(TARGETS, "logits")(dense(options.units, "combined", "tanh")(joined))
    model = keras.Model([source, target], layers.Activation("softmax", name="probabilities")(logits), name="translator")
    scale = model.get_layer("attention").scale  # which takes no initializer, and would be other in each process
    scale.assign(keras.initializers.GlorotUniform(_draw(seeds))(scale.shape))
    return model


def trained_network(options: TranslatorOptions, sources: int, checkpoint: Checkpoint) -> keras.Model:
    """Return the network of :func:`keras_network` with the weights of a checkpoint.

    Raises:
        UserError: a weight is missing, unknown, of another shape, or not finite.
    """
    held = checkpoint.weights
    declared = {"source_embedding/embeddings": (sources, options.embedding), "attention/scale": (options.attention,),
                "decoder/recurrent_kernel": (options.units, 4 * options.units)}
    for name, shape in declared.items():  # before memory is taken for what was only declared
        if name not in held or held[name].shape != shape:
            found = f"has shape {held[name].shape}" if name in held else "is missing"
            raise UserError(f"checkpoint of step {checkpoint.step}: {name} {found}, and this network needs {shape}")
    for name, array in held.items():
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise UserError(f"checkpoint of step {checkpoint.step}: {name} must hold finite numbers of float32, and "
                            "holds others")
    model = keras_network(options, sources)
    load_weights(model, checkpoint)
    return model


class TranslatorNetwork:
    """The layers of :func:`keras_network`, computed by the kernels that character models use.

    Args:
        model: of :func:`keras_network`, with any weights.
        kernel: ``"auto"``, ``"cudnn"``, ``"fused"`` or ``"keras"``.
        dtype: of the operands of the LSTMs' matrix products, float32 or, with the fused kernel, bfloat16.
    """

    def __init__(self, model: keras.Model, kernel: str = "auto", dtype: tf.DType = tf.float32) -> None:
        self.model = model
        self.kernel_name, chosen = choose_kernel(kernel)
        self.dtype = dtype
        self._kernel: Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]] = (
            chosen if dtype == tf.float32 else partial(chosen, dtype=dtype))
        encoder = model.get_layer("encoder")
        self._forward, self._backward = encoder.forward_layer, encoder.backward_layer
        self._decoder, self._attention = model.get_layer("decoder"), model.get_layer("attention")
        self.units = int(self._decoder.units)

    def encoded(self, source: tf.Tensor) -> Encoded:
        """Read source ids (B, S), padded at the right."""
        mask = tf.not_equal(source, PADDING)
        lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        read = tf.transpose(self._layer("source_embedding", source), (1, 0, 2))  # (S, B, E)
        ahead = self._hidden(self._forward, read)
        # A row that is turned round up to its length ends in its padding, which its real part so never sees.
        behind = _reversed(self._hidden(self._backward, _reversed(read, lengths)), lengths)
        values = tf.transpose(tf.concat([ahead, behind], axis=-1), (1, 0, 2))
        values = tf.where(mask[:, :, tf.newaxis], values, 0.0)  # as Keras does; an empty text is all padding
        return values, self._layer("key", values), mask

    def asked(self, target: tf.Tensor, h: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Let the decoder read target ids (B, T) from its state (B, U); return its h (B, T, U) and the state after."""
        read = tf.transpose(self._layer("target_embedding", target), (1, 0, 2))
        hidden, h, c = self._kernel(self._decoder, tf.cast(read, self.dtype), h, c)
        return tf.transpose(tf.cast(hidden, tf.float32), (1, 0, 2)), h, c

    def answered(self, asking: tf.Tensor, encoded: Encoded) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the logits (B, T, 13) and the attention (B, T, S) for the decoder's h (B, T, U).

        Rows of attention sum to one and padding gets exactly zero; of an empty text, all do.
        """
        values, keys, mask = encoded
        context, weights = self._attention([self._layer("query", asking), values, keys], mask=[None, mask],
                                           return_attention_scores=True)
        combined = self._layer("combined", tf.concat([context, asking], axis=-1))
        return self._layer("logits", combined), tf.where(mask[:, tf.newaxis], weights, 0.0)

    def logits(self, source: tf.Tensor, target: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return logits (B, T, 13) and attention (B, T, S) where the decoder is given target ids (B, T)."""
        zero = self.zero_state(tf.shape(source)[0])
        return self.answered(self.asked(target, zero, zero)[0], self.encoded(source))

    def zero_state(self, rows: tf.Tensor | int) -> tf.Tensor:
        """Return h, or c, (B, U) of a decoder that has read nothing."""
        return tf.zeros((rows, self.units))

    def _hidden(self, layer: keras.layers.LSTM, read: tf.Tensor) -> tf.Tensor:
        zero = self.zero_state(tf.shape(read)[1])
        return tf.cast(self._kernel(layer, tf.cast(read, self.dtype), zero, zero)[0], tf.float32)

    def _layer(self, name: str, values: tf.Tensor) -> tf.Tensor:
        return self.model.get_layer(name)(values)


def in_few_sizes(rows: np.ndarray) -> np.ndarray:
    """Return rows, at least one, with the last of them again until their number is a power of two: kernels compile for
    each number of rows."""
    return np.pad(rows, ((0, (1 << (len(rows) - 1).bit_length()) - len(rows)), (0, 0)), mode="edge")


def _reversed(steps: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Turn round the first steps of each row of (S, B, D), as many as ``lengths`` (B,) says."""
    return tf.reverse_sequence(steps, lengths, seq_axis=0, batch_axis=1)


def _draw(seeds: np.random.Generator) -> int:
    return int(seeds.integers(2**31))
