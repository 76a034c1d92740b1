"""Attributions by Captum, of the same network in PyTorch."""

import time

import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import LayerGradCam, LayerIntegratedGradients
from explained import STEPS, TARGET, Explained


class Convolutional(torch.nn.Module):
    """As ``contenders.ours_explaining`` has it; PyTorch wants time last."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        given = {name: torch.tensor(array) for name, array in weights.items()}
        self.embedding = torch.nn.Embedding.from_pretrained(given["embedding"])
        self.convolutions = torch.nn.ModuleList()
        for name in ("conv_1", "conv_2"):
            width, channels, filters = weights[name].shape
            layer = torch.nn.Conv1d(channels, filters, width)
            layer.weight.data, layer.bias.data = given[name].permute(2, 1, 0).contiguous(), given[f"{name}_bias"]
            self.convolutions.append(layer)
        self.dense = torch.nn.Linear(*weights["dense"].shape)
        self.dense.weight.data, self.dense.bias.data = given["dense"].T.contiguous(), given["dense_bias"]
        self.seen = torch.nn.ReLU()

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        first = F.max_pool1d(F.relu(self.convolutions[0](self.embedding(ids).transpose(1, 2))), 5)
        return self.dense(self.seen(self.convolutions[1](first)).amax(dim=2))


class Recurrent(torch.nn.Module):
    """As ``contenders.ours_explaining`` has it."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        given = {name: torch.tensor(array) for name, array in weights.items()}
        self.embedding = torch.nn.Embedding.from_pretrained(given["embedding"])
        size, units = weights["forward"].shape[0], weights["forward_recurrent"].shape[0]
        self.lstm = torch.nn.LSTM(size, units, bidirectional=True, batch_first=True)
        for way, suffix in (("forward", ""), ("backward", "_reverse")):
            own = {"weight_ih_l0": given[way].T, "weight_hh_l0": given[f"{way}_recurrent"].T,
                   "bias_ih_l0": given[f"{way}_bias"], "bias_hh_l0": torch.zeros(4 * units)}
            for name, array in own.items():
                getattr(self.lstm, name + suffix).data = array.contiguous()
        self.dense = torch.nn.Linear(2 * units, weights["dense"].shape[1])
        self.dense.weight.data, self.dense.bias.data = given["dense"].T.contiguous(), given["dense_bias"]
        self.seen = torch.nn.Identity()

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        # Captum's Grad-CAM takes units before time.
        return self.dense(self.seen(self.lstm(self.embedding(ids))[0].transpose(1, 2)).amax(dim=2))


class Captum:
    """Captum as its users call it."""

    def __init__(self, work: Explained, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = {"conv": Convolutional, "lstm": Recurrent}[work.kind](work.weights()).eval()
        self._ids = torch.from_numpy(work.ids())

    def integrated_gradients(self) -> tuple[float, np.ndarray]:
        """Return the seconds of one call and the contributions (B, T)."""
        began = time.perf_counter()
        method = LayerIntegratedGradients(self._model, self._model.embedding)
        # The row of id 0 is zero, so that both begin at vectors of zeros.
        found = method.attribute(self._ids, torch.zeros_like(self._ids), target=TARGET, n_steps=STEPS)
        return time.perf_counter() - began, found.sum(dim=2).detach().numpy()

    def grad_cam(self) -> tuple[float, np.ndarray]:
        """Return the seconds of one call and the map (B, T')."""
        began = time.perf_counter()
        found = LayerGradCam(self._model, self._model.seen).attribute(self._ids, target=TARGET,
                                                                       relu_attributions=True)
        return time.perf_counter() - began, found[:, 0].detach().numpy()
