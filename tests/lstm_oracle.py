"""A float64 LSTM written from the equations: what the kernels are held against."""

from collections.abc import Callable

import numpy as np


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """Keras 2's."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def lstm(inputs: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, h: np.ndarray,
         c: np.ndarray, gate: Callable[[np.ndarray], np.ndarray] = sigmoid,
         ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """inputs (T, B, D) → hidden (T, B, U), last h (B, U), last c (B, U); gates in the order i, f, g, o."""
    inputs, kernel, recurrent, bias, h, c = (np.asarray(x, np.float64) for x in (inputs, kernel, recurrent, bias, h, c))
    units = recurrent.shape[0]
    hidden = []
    for x in inputs:
        z = x @ kernel + h @ recurrent + bias
        i, f, g, o = (z[:, k * units:(k + 1) * units] for k in range(4))
        c = gate(f) * c + gate(i) * np.tanh(g)
        h = gate(o) * np.tanh(c)
        hidden.append(h)
    return np.stack(hidden), h, c


def read_text(ids: np.ndarray, weights: dict[str, np.ndarray], layers: int) -> tuple[list[np.ndarray], np.ndarray]:
    """One-hot ids (N,) from the zero state → hidden of each layer (N, U), and logits (N, V)."""
    x = np.eye(weights["lstm_1/kernel"].shape[0])[np.asarray(ids)][:, None]
    hidden = []
    for layer in range(1, layers + 1):
        kernel, recurrent, bias = (weights[f"lstm_{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
        zero = np.zeros((1, recurrent.shape[0]))
        x, _, _ = lstm(x, kernel, recurrent, bias, zero, zero)
        hidden.append(x[:, 0])
    return hidden, hidden[-1] @ weights["dense/kernel"].astype(np.float64) + weights["dense/bias"]


def losses(ids: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """−log probability in nats (N − 1,) of each next id."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(ids) - 1), np.asarray(ids[1:], int)]


def lstm_signals(inputs: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray, h: np.ndarray,
                 c: np.ndarray, gate: Callable[[np.ndarray], np.ndarray] = sigmoid,
                 activation: Callable[[np.ndarray], np.ndarray] = np.tanh) -> dict[str, np.ndarray]:
    """inputs (T, B, D) → every signal (T, B, U)."""
    inputs, kernel, recurrent, bias, h, c = (np.asarray(x, np.float64) for x in (inputs, kernel, recurrent, bias, h, c))
    recorded = []
    for x in inputs:
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f, g, o = gate(i), gate(f), activation(g), gate(o)
        c = f * c + i * g
        h = o * activation(c)
        recorded.append((h, c, i, f, g, o))
    names = "hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate"
    return {name: np.stack(steps) for name, steps in zip(names, zip(*recorded, strict=True), strict=True)}
