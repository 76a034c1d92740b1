"""Layers in float64 from their equations, one text at a time: what extraction from foreign networks is held against."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def hard_sigmoid(x):
    """Keras 3's."""
    return np.clip(x + 3, 0, 6) / 6


def lstm(x, kernel, recurrent, bias, gate=sigmoid, tanh=np.tanh):
    """x (T, D) → the six signals, (T, U) each."""
    units = recurrent.shape[0]
    h, c = np.zeros(units), np.zeros(units)
    rows = []
    for row in x:
        i, f, g, o = np.split(row @ kernel + h @ recurrent + bias, 4)
        i, f, g, o = gate(i), gate(f), tanh(g), gate(o)
        c = f * c + i * g
        h = o * tanh(c)
        rows.append((h, c, i, f, g, o))
    names = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")
    return {name: np.stack([row[k] for row in rows]) for k, name in enumerate(names)}


def gru(x, kernel, recurrent, bias, reset_after):
    """x (T, D) → h (T, U); gates in the order z, r, candidate."""
    units = recurrent.shape[0]
    of_x, of_h = bias if reset_after else (bias, np.zeros(3 * units))
    h, rows = np.zeros(units), []
    for row in x:
        a_z, a_r, a_g = np.split(row @ kernel + of_x, 3)
        b_z, b_r, b_g = np.split(h @ recurrent + of_h, 3)
        z, r = sigmoid(a_z + b_z), sigmoid(a_r + b_r)
        g = np.tanh(a_g + r * b_g) if reset_after else np.tanh(a_g + (r * h) @ recurrent[:, 2 * units:])
        h = z * h + (1 - z) * g
        rows.append(h)
    return np.stack(rows)


def simple_rnn(x, kernel, recurrent, bias):
    """x (T, D) → h (T, U)."""
    h, rows = np.zeros(recurrent.shape[0]), []
    for row in x:
        h = np.tanh(row @ kernel + h @ recurrent + bias)
        rows.append(h)
    return np.stack(rows)


def causal_convolution(x, kernel, bias, dilation):
    """x (T, D), kernel (K, D, F) → (T, F); tap k sees the input (K − 1 − k) · dilation steps ago."""
    size = len(kernel)
    out = np.tile(np.asarray(bias, np.float64), (len(x), 1))
    for t in range(len(x)):
        for k in range(size):
            ago = t - (size - 1 - k) * dilation
            if ago >= 0:
                out[t] += x[ago] @ kernel[k]
    return out


def layer_normalisation(x, gamma, beta, epsilon=1e-3):
    """Over the last axis of x (T, D)."""
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + epsilon) * gamma + beta
