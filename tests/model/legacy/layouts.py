"""Writing weights-only files by hand, in the layouts of cuDNN and of Keras 1, from the LSTM's own weights."""

import json
from pathlib import Path

import h5py
import numpy as np


def to_cudnn(kernel, recurrent, bias, generator):
    """Keras' (D, 4U), (U, 4U), (4U,) → CuDNNLSTM's arrays; the bias is divided at random into its two halves.

    cuDNN computes W x + b_W + R h + b_R with W (U, D) and R (U, U) stored row by row, one after the other; Keras put
    the numbers of each W, in that order, into a block of shape (D, U), and each R as it is.
    """
    size, units = kernel.shape[0], recurrent.shape[0]
    kernels = [kernel[:, gate * units:(gate + 1) * units].T.ravel().reshape(size, units) for gate in range(4)]
    recurrents = [recurrent[:, gate * units:(gate + 1) * units].T for gate in range(4)]
    first = generator.normal(size=bias.shape)
    return [np.concatenate(kernels, axis=1), np.concatenate(recurrents, axis=1), np.concatenate([first, bias - first])]


def to_keras_1(kernel, recurrent, bias):
    """The same arrays gate by gate in the order i, c, f, o, twelve of them."""
    gates = {gate: [np.split(array, 4, axis=-1)[place] for array in (kernel, recurrent, bias)]
             for place, gate in enumerate("ifco")}
    return [array for gate in "icfo" for array in gates[gate]]


def write_weights(path: Path, layers, *, version="2.2.4", as_text=False, names_of=None, config=None) -> Path:
    """Write a weights-only file.

    Args:
        layers: (name, arrays) in order.
        version: of Keras; None leaves it out, as the first ones did.
        as_text: whether names are str, rather than the bytes that Keras wrote.
        names_of: name of a layer → what its arrays are called, where that matters.
        config: the network's JSON value, for a whole-model file.
    """
    def text(value):
        return value if as_text else value.encode()

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [text(name) for name, _ in layers]
        if version is not None:
            file.attrs["keras_version"] = text(version)
            file.attrs["backend"] = text("tensorflow")
        if config is not None:
            file.attrs["model_config"] = text(json.dumps(config))
        for name, arrays in layers:
            group = file.create_group(name)
            names = [f"{name}/{each}:0" for each in (names_of or {}).get(name) or
                     [f"array_{number}" for number in range(len(arrays))]]
            group.attrs["weight_names"] = [text(each) for each in names]
            for each, array in zip(names, arrays, strict=True):
                group[each] = np.asarray(array, np.float32)
    return path


def random_stack(units, vocabulary, generator, *, size=1, layers=2, scale=1.0):
    """Keras' arrays of LSTMs and a Dense layer, with weights large enough for their layout to matter."""
    def normal(*shape):
        return (generator.normal(size=shape) * scale).astype(np.float32)

    stack = []
    for _ in range(layers):
        stack.append([normal(size, 4 * units), normal(units, 4 * units), normal(4 * units)])
        size = units
    return stack, [normal(units, vocabulary), normal(vocabulary)]
