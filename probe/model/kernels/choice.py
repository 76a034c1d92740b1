"""Which kernel runs here."""

from collections.abc import Callable

from probe.errors import UserError
from probe.model.engine import tf
from probe.model.kernels.fused import fused_lstm
from probe.model.kernels.layer import cudnn_lstm, keras_lstm
from probe.model.options import KERNELS

# (layer, inputs, h, c) → (hidden (T, B, U), h (B, U), c (B, U)); inputs are (T, B, D) float32, or (T, B) ids that
# stand for one-hot vectors. The fused kernel takes a dtype beside them.
Kernel = Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]]


def choose_kernel(name: str, recurrent_activation: str = "sigmoid") -> tuple[str, Kernel]:
    """Return the name and function of the kernel ``name``.

    ``"auto"`` is fused on a CPU, and on a GPU cuDNN, or Keras' own for gates that cuDNN does not compute.

    Raises:
        UserError: unknown name, cuDNN on a machine without a GPU, or for gates other than sigmoid.
    """
    if name not in KERNELS:
        raise UserError(f"--kernel must be one of {', '.join(KERNELS)}; received {name!r}")
    if name == "cudnn" and recurrent_activation != "sigmoid":
        raise UserError(f"--kernel cudnn computes sigmoid gates alone, and these are {recurrent_activation}; use auto, "
                        "fused or keras")
    gpu = bool(tf.config.list_physical_devices("GPU"))
    if name == "cudnn" and not gpu:
        raise UserError("--kernel cudnn needs a GPU, and TensorFlow sees none; use auto, fused or keras")
    on_gpu = "cudnn" if recurrent_activation == "sigmoid" else "keras"
    chosen = (on_gpu if gpu else "fused") if name == "auto" else name
    return chosen, {"cudnn": cudnn_lstm, "fused": fused_lstm, "keras": keras_lstm}[chosen]
