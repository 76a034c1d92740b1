"""A network as few matrices, as if every character entered it as a one-hot vector."""

from collections.abc import Mapping

import numpy as np

from probe.model.options import ModelOptions


def plain_weights(options: ModelOptions, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the weights of a network by the names of its layers, from ``"1"`` on, without an embedding.

    Args:
        options: the architecture.
        weights: name as in :func:`~probe.model.weights.weight_names` → array.

    Returns:
        Float32 arrays, columns of 4U in the order i, f, g, o: ``"1/kernel"`` (V, 4U), what each character gives by the
        kernel of the first layer; ``"2/kernel"`` (U, 4U) and so on; ``"{layer}/recurrent_kernel"`` (U, 4U) and
        ``"{layer}/bias"`` (4U,); ``"output/kernel"`` (U, V) and ``"output/bias"`` (V,).
    """
    plain = {f"{layer}/{name}": weights[f"lstm_{layer}/{name}"] for layer in range(1, options.layers + 1)
             for name in ("kernel", "recurrent_kernel", "bias")}
    plain |= {f"output/{name}": weights[f"dense/{name}"] for name in ("kernel", "bias")}
    if options.input != "one-hot":
        size = len(plain["output/bias"])
        vectors = weights["embedding/embeddings"] if options.input == "embedding" else np.arange(size)[:, None] / size
        plain["1/kernel"] = vectors.astype(np.float64) @ plain["1/kernel"]
    return {name: np.asarray(array, np.float32) for name, array in plain.items()}
