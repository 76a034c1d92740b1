"""The hard sigmoid of Keras 2, with which old LSTMs were trained. Keras 3 calls another function by that name."""

from probe.model.engine import keras, tf


# Registered under a name of its own, or a layer that Keras copies by its config gets Keras 3's function.
@keras.saving.register_keras_serializable(package="probe", name="hard_sigmoid_of_keras_2")
def hard_sigmoid(x: tf.Tensor) -> tf.Tensor:
    """Return clip(0.2 x + 0.5, 0, 1) of ``x``, any shape; Keras 3's own is relu6(x + 3) / 6."""
    return tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)
