"""Ways to compute one LSTM layer. All read the same Keras weights and give the same numbers."""

from probe.model.kernels.choice import Kernel, choose_kernel

__all__ = ["Kernel", "choose_kernel"]
