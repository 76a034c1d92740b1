"""The parts of a translator that read, as Keras models of their own with the same layers."""

from probe.model.engine import keras


def encoder_of(model: keras.Model) -> keras.Model:
    """Return source ids (B, S) → what both directions of the encoder give on (B, S, 2U)."""
    return keras.Model(model.inputs[0], model.get_layer("encoder").output, name="encoder")


def decoder_of(model: keras.Model) -> keras.Model:
    """Return target ids (B, T) → the decoder's h (B, T, U).

    The decoder is asked before the attention answers, so what it knows at a step is what was written before.
    """
    return keras.Model(model.inputs[1], model.get_layer("decoder").output, name="decoder")
