"""Whether what was imported computes what the file's arrays say."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from probe.errors import UserError
from probe.model.char_lstm import CharLSTM
from probe.model.checkpoint import Checkpoint
from probe.model.engine import tf
from probe.model.legacy.architecture import Architecture
from probe.model.legacy.char_stack import CharStack
from probe.model.legacy.embedding import Embedding
from probe.model.legacy.layer import TooShort
from probe.model.legacy.network import LegacyNetwork
from probe.model.legacy.plain import InputLayer
from probe.model.legacy.rebuild import keras_model
from probe.model.run import load_weights

# float32 against float64 through hundreds of steps stays below 1e-5; a wrong layout is off by 0.1 and more.
TOLERATED = 1e-3
EXAMPLES, LENGTHS = 8, (24, 96, 384, 1536)


@dataclass(frozen=True)
class Parity:
    """How far the imported network's float32 outputs are from the float64 forward pass over the file's raw arrays.

    Attributes:
        absolute: largest difference.
        relative: the same, as a share of the largest output.
        outputs: numbers compared.
    """

    absolute: float
    relative: float
    outputs: int


def char_parity(stack: CharStack, seed: int = 0) -> Parity:
    """Compare probabilities after every character of random texts, as this machine's kernel computes them.

    Raises:
        UserError: they are not the same.
    """
    ids = np.random.default_rng(seed).integers(0, stack.vocabulary, (EXAMPLES, 100))
    expected = stack.network.forward([stack.inputs(ids)])
    model = CharLSTM(stack.options, stack.vocabulary)
    load_weights(model, Checkpoint(0, stack.weights, {}, np.empty(0, np.float32), {}))
    return _compared(stack.network, expected, [tf.nn.softmax(model(tf.constant(ids, tf.int32))).numpy()])


def network_parity(network: LegacyNetwork, architecture: Architecture, weights: Mapping[str, np.ndarray],
                   seed: int = 0) -> Parity:
    """Compare the outputs for random inputs, with masked steps in front, behind and in between where masks are used.

    Args:
        network: as in the file.
        architecture, weights: what :meth:`LegacyNetwork.relaid` made of it.

    Raises:
        UserError: they are not the same, or the layers do not fit together.
    """
    inputs, expected = _tried(network, np.random.default_rng(seed))
    model = keras_model(architecture, weights)
    received = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    received = received if isinstance(received, list | tuple) else [received]
    return _compared(network, expected, [np.asarray(each) for each in received])


def random_input(architecture: Architecture, name: str, steps: int, generator: np.random.Generator) -> np.ndarray:
    """Return values that the input ``name`` could get: int32 ids (B, T), or float32 (B, T, D) or (B, D)."""
    layer = next(layer for layer in architecture.layers if layer.name == name)
    shape = layer.shape if isinstance(layer, InputLayer) else ()
    reader = architecture.reader(name)
    size = (EXAMPLES, *(steps if length is None else length for length in shape))
    skipped = np.zeros(size[:2], bool)
    quarter = size[1] // 4
    skipped[1::4, size[1] - quarter:] = skipped[2::4, :quarter] = True
    skipped[3::4, 1::2] = quarter > 0
    if isinstance(reader, Embedding):
        first = 1 if reader.mask_zero and reader.input_dim > 1 else 0
        ids = generator.integers(first, reader.input_dim, size)
        return np.where(skipped & reader.mask_zero, 0, ids).astype(np.int32)
    values = generator.normal(size=size).astype(np.float32)
    if reader is not None and len(size) == 3:
        values[skipped] = reader.mask_value
    return values


def _tried(network: LegacyNetwork, generator: np.random.Generator) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Inputs long enough for every convolution and pooling, and the outputs for them."""
    for steps in LENGTHS:
        inputs = [random_input(network.architecture, name, steps, generator) for name in network.architecture.inputs]
        try:
            return inputs, network.forward(inputs)
        except TooShort:
            if steps == LENGTHS[-1]:
                raise
    raise AssertionError("the loop returns or raises")


def _compared(network: LegacyNetwork, expected: list[np.ndarray], received: list[np.ndarray]) -> Parity:
    shapes = [[each.shape for each in outputs] for outputs in (expected, received)]
    if shapes[0] != shapes[1]:
        raise UserError(f"{network.file.path}: the imported network's outputs have the shapes {shapes[1]} where the "
                        f"file's have {shapes[0]}; nothing was imported")
    absolute = max(float(np.abs(one - other).max()) for one, other in zip(expected, received, strict=True))
    largest = max(float(np.abs(each).max()) for each in expected)
    relative = absolute / largest if largest else absolute
    if not relative <= TOLERATED:
        raise UserError(f"{network.file.path}: the imported network deviates from the file's arrays by {absolute:.2g} "
                        f"({relative:.2g} of the largest output); nothing was imported")
    return Parity(absolute, relative, sum(each.size for each in expected))
