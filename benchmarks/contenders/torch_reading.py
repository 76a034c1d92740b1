"""PyTorch's ``nn.LSTM`` read forward on a CPU, without gradients."""

import resource
import time

import numpy as np
import torch
import torch.nn.functional as F
from workload import Workload


class TorchReading:
    """All layers in one ``nn.LSTM``, which tells the last layer's hidden state alone: less than is asked of ours.

    Its inputs are one-hot vectors, looked up as rows of an identity matrix.
    """

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        torch.set_num_threads(threads)
        dtype = getattr(torch, precision)
        self._lstm = torch.nn.LSTM(work.vocabulary, work.model.units, work.model.layers).to(dtype).eval()
        self._one_hot = torch.eye(work.vocabulary, dtype=dtype)
        self._ids = torch.from_numpy(work.text()[0].T.astype(np.int64))

    def step(self) -> float:
        """Return the seconds of one reading."""
        began = time.perf_counter()
        with torch.inference_mode():
            self._lstm(F.embedding(self._ids, self._one_hot))
        return time.perf_counter() - began

    def long(self) -> tuple[str, int]:
        """Return what became of one reading, in words, and the largest memory of the process in bytes."""
        try:
            said = f"{self._ids.numel() / self.step():,.0f} characters/s"
        except RuntimeError as error:
            said = f"fails: {str(error).splitlines()[0]}"
        return said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
