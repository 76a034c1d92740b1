"""Keras' own LSTM layer as a kernel: step by step on a CPU, cuDNN on a GPU."""

from probe.model.engine import keras, tf


def keras_lstm(layer: keras.layers.LSTM, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor,
               ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Run ``layer`` as Keras does without cuDNN; shapes as in :data:`probe.model.kernels.Kernel`."""
    return _call(layer, inputs, h, c, use_cudnn=False)


def cudnn_lstm(layer: keras.layers.LSTM, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor,
               ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Run ``layer`` with cuDNN; shapes as in :data:`probe.model.kernels.Kernel`."""
    return _call(layer, inputs, h, c, use_cudnn=True)


def _call(layer: keras.layers.LSTM, inputs: tf.Tensor, h: tf.Tensor, c: tf.Tensor, *, use_cudnn: bool,
          ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    if inputs.dtype.is_integer:
        inputs = tf.one_hot(inputs, layer.cell.kernel.shape[0])
    layer.use_cudnn = use_cudnn  # not part of a layer's config, so it is set at each use
    # A layer of a Keras model may keep its states to itself, or read backwards in it; a kernel is what was asked for.
    former = layer.return_state, layer.go_backwards
    layer.return_state, layer.go_backwards = True, False
    try:
        hidden, h, c = layer(tf.transpose(inputs, (1, 0, 2)), initial_state=[h, c])
    finally:
        layer.return_state, layer.go_backwards = former
    return tf.transpose(hidden, (1, 0, 2)), h, c
