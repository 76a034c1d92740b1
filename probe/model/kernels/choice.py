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


def choose_kernel(name: str, recurrent_activation: str = "sigmoid") -> tuple[str, Kernel]:
    """Return the name and function of the kernel ``name``; ``"auto"`` is cuDNN on a GPU and fused on a CPU.

    Other gates than sigmoid run in Keras' own layer.

    Raises:
        UserError: unknown name, cuDNN on a machine without a GPU, or a kernel that cannot compute such gates.
    """
    if name not in KERNELS:
        raise UserError(f"--kernel must be one of {', '.join(KERNELS)}; received {name!r}")
    if recurrent_activation != "sigmoid":
        if name in ("cudnn", "fused"):
            raise UserError(f"--kernel {name} computes sigmoid gates alone, and these are {recurrent_activation}; use "
                            "auto or keras")
        name = "keras"
    gpu = bool(tf.config.list_physical_devices("GPU"))
    if name == "cudnn" and not gpu:
        raise UserError("--kernel cudnn needs a GPU, and TensorFlow sees none; use auto, fused or keras")
    chosen = ("cudnn" if gpu else "fused") if name == "auto" else name
    return chosen, {"cudnn": cudnn_lstm, "fused": fused_lstm, "keras": keras_lstm}[chosen]
