"""Weights of attention in float64 numpy from the equations: shares no code with Keras or the package."""

import numpy as np


def softmax(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Softmax over the last axis of what is allowed; rows of zeros where nothing is."""
    largest = np.where(allowed, scores, -1e300).max(-1, keepdims=True)
    powers = np.where(allowed, np.exp(scores - largest), 0)
    sums = powers.sum(-1, keepdims=True)
    return powers / np.where(sums == 0, 1, sums)


def dot(query: np.ndarray, key: np.ndarray, scale: float, allowed: np.ndarray) -> np.ndarray:
    """Luong et al. (2015), equation 8, dot: (T, S) of (T, D) and (S, D)."""
    return softmax(scale * query @ key.T, allowed)


def concat(query: np.ndarray, key: np.ndarray, scale: float, weight: float, allowed: np.ndarray) -> np.ndarray:
    """Keras' score_mode="concat"."""
    return softmax(weight * np.tanh(scale * (query[:, None] + key[None])).sum(-1), allowed)


def additive(query: np.ndarray, key: np.ndarray, scale: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Bahdanau et al. (2015), A.1.2, the projections made before: v · tanh(q + k)."""
    return softmax((scale * np.tanh(query[:, None] + key[None])).sum(-1), allowed)


def heads(query: np.ndarray, key: np.ndarray, into_query, into_key, allowed: np.ndarray) -> np.ndarray:
    """Vaswani et al. (2017), equation 1, for each head: (H, T, S). Projections are pairs of (D, H, K) and (H, K)."""
    q = np.einsum("td,dhk->htk", query, into_query[0]) + into_query[1][:, None]
    k = np.einsum("sd,dhk->hsk", key, into_key[0]) + into_key[1][:, None]
    k = np.repeat(k, len(q) // len(k), axis=0)  # grouped queries share a key
    return softmax(np.einsum("htk,hsk->hts", q, k) / np.sqrt(q.shape[-1]), allowed)
