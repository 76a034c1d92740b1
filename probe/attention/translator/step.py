"""One update of a translator's weights, and what a validation measures."""

from collections.abc import Callable

import numpy as np

from probe.attention.translator.network import TranslatorNetwork
from probe.attention.translator.symbols import LONGEST, PADDING
from probe.model.char_lstm import cut
from probe.model.engine import keras, tf

IDS = tf.TensorSpec((None, None), tf.int32)
OUTPUTS = tf.TensorSpec((None, LONGEST), tf.int32)


def make_step(network: TranslatorNetwork, optimizer: keras.optimizers.Optimizer, batch: int, parts: int,
              ) -> Callable[[np.ndarray, np.ndarray, np.ndarray], tf.Tensor]:
    """Return the compiled update of a network by ``optimizer``; it changes both and nothing else.

    Args:
        network, optimizer: what is updated.
        batch: rows B of a batch.
        parts: in which they are read at once, each on a core of its own.

    Returns:
        A function of source ids (B, S), what the decoder is given (B, T) and what it is to put out (B, T), to the mean
        loss in nats of a character that is no padding.
    """
    variables = network.model.trainable_variables

    @tf.function(input_signature=(IDS, OUTPUTS, OUTPUTS), autograph=False)
    def step(source: tf.Tensor, given: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        characters = tf.reduce_sum(tf.cast(tf.not_equal(wanted, PADDING), tf.float32))
        losses, gradients = [], []
        for part in cut(batch, parts):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(_losses(network, source[part], given[part], wanted[part])[0]) / characters
            losses.append(loss)
            gradients.append([tf.convert_to_tensor(each) for each in tape.gradient(loss, variables)])
        optimizer.apply([tf.add_n(each) for each in zip(*gradients, strict=True)], variables)
        return tf.add_n(losses)

    return step


def make_reader(network: TranslatorNetwork) -> Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """Return a function of source ids (B, S), what the decoder is given (B, T) and what it is to put out (B, T), to
    five sums as float64: nats, characters without padding, right ones among them, outputs that are right as a whole,
    and outputs.

    A character is right if it is the likeliest after the true ones before it. An output of which all are right is what
    greedy decoding puts out, since that reads the same characters.
    """

    @tf.function(input_signature=(IDS, OUTPUTS, OUTPUTS), autograph=False)
    def read(source: tf.Tensor, given: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        losses, logits = _losses(network, source, given, wanted)
        padding = tf.equal(wanted, PADDING)
        right = tf.equal(tf.argmax(logits, axis=-1, output_type=tf.int32), wanted)
        sums = (tf.reduce_sum(tf.cast(losses, tf.float64)), _count(~padding), _count(right & ~padding),
                _count(tf.reduce_all(right | padding, axis=1)), tf.cast(tf.shape(source)[0], tf.float64))
        return tf.stack(sums)

    return lambda *rows: np.asarray(read(*rows))


def _losses(network: TranslatorNetwork, source: tf.Tensor, given: tf.Tensor, wanted: tf.Tensor,
            ) -> tuple[tf.Tensor, tf.Tensor]:
    """→ −log probability in nats (B, T) of what was wanted, 0 at padding, and the logits (B, T, 13)."""
    logits, _ = network.logits(source, given)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits)
    return losses * tf.cast(tf.not_equal(wanted, PADDING), losses.dtype), logits


def _count(flags: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(flags, tf.float64))
