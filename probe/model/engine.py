"""Bring up TensorFlow and Keras quietly, before anything else imports them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from probe.cores import CORES


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Drop what TensorFlow's C++ prints on loading: it goes past Python, and no log level reaches it."""
    try:
        stderr = sys.__stderr__.fileno() if sys.__stderr__ is not None else None
    except (OSError, ValueError):
        stderr = None
    if stderr is None or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        yield
        return
    kept, nowhere = os.dup(stderr), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stderr)
        yield
    finally:
        os.dup2(kept, stderr)
        os.close(kept)
        os.close(nowhere)


__all__ = ["CORES", "keras", "tf"]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

with _silent_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()

# Streams are read in parts side by side, each on a core of its own, which wastes less than sharing every operation out.
# A program that has used TensorFlow before keeps the threads that it has.
with suppress(RuntimeError):
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(CORES)

# Its hints on how often a function is compiled are for whoever wrote the function, and reach whoever runs a scan.
tf.get_logger().setLevel("ERROR")

# TF32 rounds the mantissa to 10 bits in every GPU matrix product, so that activations would differ from a CPU's.
tf.config.experimental.enable_tensor_float_32_execution(False)

if keras.backend.backend() != "tensorflow":
    raise ImportError(f"probe needs Keras on TensorFlow, and Keras was already imported on {keras.backend.backend()}")
