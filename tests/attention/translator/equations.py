"""The date translator in float64 numpy from the equations, a text at a time and without padding."""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.lstm_oracle import lstm

DIGITS = "0123456789-"


def read(weights: Mapping[str, np.ndarray], source: Sequence[int], output: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids of a text and an output → log probabilities (T, 13) of what comes after each of its characters, the first
    of them after the boundary, and the attention (T, S)."""
    w = {name: np.asarray(array, np.float64) for name, array in weights.items()}
    embedded = w["source_embedding/embeddings"][list(source)]
    values = np.concatenate([_hidden(w, "encoder/forward_forward", embedded),
                             _hidden(w, "encoder/backward", embedded[::-1])[::-1]], axis=1)
    asking = _hidden(w, "decoder", w["target_embedding/embeddings"][[1, *(2 + DIGITS.index(c) for c in output)]])
    keys, queries = values @ w["key/kernel"], asking @ w["query/kernel"] + w["query/bias"]
    scores = np.array([[w["attention/scale"] @ np.tanh(query + key) for key in keys] for query in queries])
    scores = scores.reshape(len(queries), len(keys))
    attention = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-1e9))
    attention /= attention.sum(axis=1, keepdims=True) if len(keys) else 1
    joined = np.concatenate([attention @ values, asking], axis=1)
    combined = np.tanh(joined @ w["combined/kernel"] + w["combined/bias"])
    logits = combined @ w["logits/kernel"] + w["logits/bias"]
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), attention


def loss(weights: Mapping[str, np.ndarray], texts: Sequence[Sequence[int]], outputs: Sequence[str]) -> float:
    """Mean −log probability in nats of a character of the outputs, their ends among them."""
    nats = []
    for text, output in zip(texts, outputs, strict=True):
        wanted = [*(2 + DIGITS.index(character) for character in output), 1]
        nats += list(-read(weights, text, output)[0][np.arange(len(wanted)), wanted])
    return float(np.mean(nats))


def _hidden(w: Mapping[str, np.ndarray], name: str, inputs: np.ndarray) -> np.ndarray:
    """(T, D) → (T, U)."""
    kernel, recurrent, bias = (w[f"{name}/{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
    if not len(inputs):
        return np.zeros((0, len(recurrent)))
    zero = np.zeros((1, len(recurrent)))
    return lstm(inputs[:, np.newaxis], kernel, recurrent, bias, zero, zero)[0][:, 0]
