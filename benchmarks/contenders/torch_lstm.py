"""PyTorch's ``nn.LSTM`` on a CPU."""

import numpy as np
import torch
import torch.nn.functional as F
from workload import Workload

# Keras' own, so that the optimizer is the same.
EPSILON = 1e-7


class TorchLSTM(torch.nn.Module):
    """``nn.LSTM`` as PyTorch's users write it, with what makes it faster on a CPU. See :class:`workload.Network`.

    Time comes first, Adam is fused, one-hot vectors are looked up as rows of an identity matrix. ``nn.LSTM`` has no
    way round the product of these with its weights.
    """

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(seed)
        super().__init__()
        model, self._vocabulary = work.model, work.vocabulary
        self._precision, self._clip, self._dropout = precision, clip, model.dropout
        self.embedding = torch.nn.Embedding(work.vocabulary, model.embedding) if model.input == "embedding" else None
        size = {"one-hot": work.vocabulary, "embedding": model.embedding, "scalar": 1}[model.input]
        self.register_buffer("one_hot", torch.eye(work.vocabulary))
        self.scalar = model.input == "scalar"
        self.lstm = torch.nn.LSTM(size, model.units, model.layers, dropout=model.dropout if model.layers > 1 else 0)
        self.dense = torch.nn.Linear(model.units, work.vocabulary)
        self._optimizer = torch.optim.Adam(self.parameters(), eps=EPSILON, fused=True)
        self._states = self.zero_states(work.streams)

    def update(self, ids: np.ndarray, targets: np.ndarray, carried: np.ndarray, learning_rate: float) -> float:
        self.train()
        kept = torch.from_numpy(carried)[:, None]
        self._optimizer.param_groups[0]["lr"] = learning_rate
        loss, (h, c) = self._mean_loss(ids, targets, tuple(state * kept for state in self._states))
        self._states = h.detach().float(), c.detach().float()
        self._optimizer.zero_grad()
        loss.backward()
        if self._clip:
            torch.nn.utils.clip_grad_norm_(self.parameters(), self._clip)
        self._optimizer.step()
        return loss.item()

    def zero_states(self, streams: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the zero states h and c, each (L, B, U)."""
        h = torch.zeros(self.lstm.num_layers, streams, self.lstm.hidden_size)
        return h, torch.zeros_like(h)

    @torch.no_grad()
    def read(self, ids: np.ndarray, targets: np.ndarray, states: tuple[torch.Tensor, torch.Tensor],
             ) -> tuple[float, tuple[torch.Tensor, torch.Tensor]]:
        """Read ids (B, T) from a state in float32; return the summed loss in nats of targets (B, T), and the state."""
        self.eval()
        loss, (h, c) = self._mean_loss(ids, targets, states)
        return loss.item() * targets.size, (h.float(), c.float())

    @torch.no_grad()
    def begin_from(self, weights: list[np.ndarray]) -> None:
        """Begin from weights in Keras' layout, which has one bias where PyTorch adds two: the second becomes zero."""
        given = [torch.tensor(weight) for weight in weights]
        if self.embedding is not None:
            self.embedding.weight.copy_(given.pop(0))
        for number in range(self.lstm.num_layers):
            kernel, recurrent, bias = (given.pop(0) for _ in range(3))
            zeros = torch.zeros_like(bias)
            for own, weight in zip(self.lstm.all_weights[number], (kernel.T, recurrent.T, bias, zeros), strict=True):
                own.copy_(weight)
        kernel, bias = given
        self.dense.weight.copy_(kernel.T)
        self.dense.bias.copy_(bias)

    def _mean_loss(self, ids: np.ndarray, targets: np.ndarray, states: tuple[torch.Tensor, ...],
                   ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and self._precision == "bfloat16"):
            hidden, after = self.lstm(self._entered(torch.from_numpy(ids.T.astype(np.int64))), states)
            hidden = F.dropout(hidden, self._dropout, self.training)
            expected = torch.from_numpy(targets.T.astype(np.int64))
            return F.cross_entropy(self.dense(hidden).flatten(0, 1).float(), expected.flatten()), after

    def _entered(self, ids: torch.Tensor) -> torch.Tensor:
        """ids (T, B) → (T, B, D)."""
        if self.scalar:
            return ids[..., None] / self._vocabulary
        return F.embedding(ids, self.one_hot) if self.embedding is None else self.embedding(ids)
