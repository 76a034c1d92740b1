"""Networks to write for: weights drawn large enough that every gate moves."""

import numpy as np

from probe.scan.weights import Network

SIGNALS = ("hidden", "cell", "input_gate", "forget_gate", "candidate", "output_gate")


def drawn_network(characters: str, *, layers: int = 1, units: int = 48, unknown: bool = False, gate: str = "sigmoid",
                  ) -> Network:
    chance, arrays, below = np.random.default_rng(5), {}, len(characters) + unknown
    for layer in range(1, layers + 1):
        for name, rows in (("kernel", below), ("recurrent_kernel", units), ("bias", 1)):
            arrays[f"{layer}/{name}"] = chance.normal(0, 1.5 / np.sqrt(units), (rows, 4 * units)).astype(np.float32)
        arrays[f"{layer}/bias"] = arrays[f"{layer}/bias"][0]
        below = units
    vocabulary = len(characters) + unknown
    arrays["output/kernel"] = chance.normal(0, 0.6, (units, vocabulary)).astype(np.float32)
    arrays["output/bias"] = chance.normal(0, 0.6, vocabulary).astype(np.float32)
    names = tuple(str(layer) for layer in range(1, layers + 1))
    return Network(names, gate, tuple(sorted(characters)), unknown, arrays)
