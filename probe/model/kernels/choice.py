"""Which kernel runs here."""

from collections.abc import Callable

from probe.errors import UserError
from probe.model.engine import keras, tf
from probe.model.kernels.fused import fused_lstm
from probe.model.kernels.layer import cudnn_lstm, keras_lstm
from probe.model.options import KERNELS

# (layer, inputs, h, c) → (hidden (T, B, U), h (B, U), c (B, U)); inputs are (T, B, D) float32, or (T, B) ids that
# stand for one-hot vectors.
Kernel = Callable[[keras.layers.LSTM, tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]


def choose_kernel(name: str) -> tuple[str, Kernel]:
    """Return the name and function of the kernel ``name``; ``"auto"`` is cuDNN on a GPU and fused on a CPU.

    Raises:
        UserError: unknown name, or cuDNN on a machine without a GPU.
    """
    if name not in KERNELS:
        raise UserError(f"--kernel must be one of {', '.join(KERNELS)}; received {name!r}")
    gpu = bool(tf.config.list_physical_devices("GPU"))
    if name == "cudnn" and not gpu:
        raise UserError("--kernel cudnn needs a GPU, and TensorFlow sees none; use auto, fused or keras")
    chosen = ("cudnn" if gpu else "fused") if name == "auto" else name
    return chosen, {"cudnn": cudnn_lstm, "fused": fused_lstm, "keras": keras_lstm}[chosen]
