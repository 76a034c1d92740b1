"""Whether what was imported computes what the file's arrays say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from probe.errors import UserError
from probe.model.char_lstm import CharLSTM
from probe.model.checkpoint import Checkpoint
from probe.model.engine import keras, tf
from probe.model.legacy.architecture import Architecture
from probe.model.legacy.char_stack import CharStack
from probe.model.legacy.dense import Dense
from probe.model.legacy.embedding import Embedding
from probe.model.legacy.input_layer import InputLayer
from probe.model.legacy.layer import EXAMPLES, Flow, TooShort, check_numbers
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.network import LegacyNetwork, told_of
from probe.model.legacy.rebuild import keras_tensors
from probe.model.weights import load_weights

# float32 against float64 through hundreds of steps stays below 1e-5; a wrong layout is off by 0.1 and more.
TOLERATED = 1e-3
LENGTHS = (24, 96, 384, 1536)
CHARACTERS = 100
# Numbers that the inputs may hold together.
MOST_INPUTS = 1 << 26


@dataclass(frozen=True)
class Parity:
    """How far the imported network is, in float32, from the float64 forward pass over the file's raw arrays.

    Attributes:
        absolute: largest difference of any layer's output.
        relative: largest difference as a share of the largest output of the same layer.
        outputs: numbers compared.
    """

    absolute: float
    relative: float
    outputs: int


def char_parity(stack: CharStack, seed: int = 0) -> Parity:
    """Compare every LSTM's output and the logits after each character of random texts, by this machine's kernel.

    Raises:
        UserError: they are not the same.
    """
    architecture = stack.network.architecture
    with told_of(stack.network.file.path):
        check_numbers(architecture.layers[0], EXAMPLES, CHARACTERS, stack.vocabulary)
    ids = np.random.default_rng(seed).integers(0, stack.vocabulary, (EXAMPLES, CHARACTERS))
    # Probabilities tell little where one of them is almost 1: the logits are compared.
    nodes = tuple(replace(node, layer=replace(node.layer, activation="linear")) if isinstance(node.layer, Dense) else
                  node for node in architecture.nodes)
    network = replace(stack.network, architecture=replace(architecture, nodes=nodes))
    flows = network.flows([stack.inputs(ids)])
    compared = [layer.name for layer in architecture.layers if isinstance(layer, LSTM | CuDNNLSTM | Dense)]
    model = CharLSTM(stack.options, stack.vocabulary)
    load_weights(model, Checkpoint(0, stack.weights, {}, np.empty(0, np.float32), {}))
    reading = model.read(tf.constant(ids, tf.int32), model.initial_states(EXAMPLES))
    received = [np.swapaxes(each.numpy(), 0, 1) for each in (*reading.hidden, model.logits(reading.features))]
    return _compared(network, {name: flows[name] for name in compared}, received)


def network_parity(network: LegacyNetwork, architecture: Architecture, weights: Mapping[str, np.ndarray],
                   seed: int = 0) -> Parity:
    """Compare every layer's output for random inputs, with masked steps in front, behind and between where masks are.

    Args:
        network: as in the file.
        architecture, weights: what :meth:`LegacyNetwork.relaid` made of it.

    Raises:
        UserError: they are not the same, or the layers do not fit together.
    """
    inputs, flows = _tried(network, np.random.default_rng(seed))
    names = [layer.name for layer in network.architecture.layers if not isinstance(layer, InputLayer)]
    with told_of(network.file.path):
        tensors = keras_tensors(architecture, weights)
        model = keras.Model([tensors[name] for name in architecture.inputs], [tensors[name] for name in names])
        received = model(inputs, training=False)
    received = received if isinstance(received, list | tuple) else [received]
    return _compared(network, {name: flows[name] for name in names}, [np.asarray(each) for each in received])


def random_input(architecture: Architecture, name: str, steps: int, generator: np.random.Generator) -> np.ndarray:
    """Return values that the input ``name`` could get: int32 ids (B, T), or float32 (B, T, D) or (B, D).

    Raises:
        UserError: they would be absurdly many.
    """
    layer = next(layer for layer in architecture.layers if layer.name == name)
    shape = layer.shape if isinstance(layer, InputLayer) else ()
    size = (EXAMPLES, *(steps if length is None else length for length in shape))
    check_numbers(layer, *size, most=MOST_INPUTS // len(architecture.inputs))
    readers = architecture.readers(name)
    embeddings = [reader for reader in readers if isinstance(reader, Embedding)]
    skipped = np.zeros(size[:2], bool)
    quarter = size[1] // 4
    skipped[1::4, size[1] - quarter:] = skipped[2::4, :quarter] = True
    skipped[3::4, 1::2] = quarter > 0
    if embeddings:
        rows, masks = min(each.input_dim for each in embeddings), any(each.mask_zero for each in embeddings)
        ids = generator.integers(1 if masks and rows > 1 else 0, rows, size)
        return np.where(skipped & masks, 0, ids).astype(np.int32)
    values = generator.normal(size=size).astype(np.float32)
    for reader in readers:
        if not isinstance(reader, Embedding) and len(size) == 3:
            values[skipped] = reader.mask_value
    return values


def _tried(network: LegacyNetwork, generator: np.random.Generator) -> tuple[list[np.ndarray], dict[str, Flow]]:
    """Inputs long enough for every convolution and pooling, and the layers' outputs for them."""
    for steps in LENGTHS:
        with told_of(network.file.path):
            inputs = [random_input(network.architecture, name, steps, generator)
                      for name in network.architecture.inputs]
        try:
            return inputs, network.flows(inputs)
        except TooShort:
            if steps == LENGTHS[-1]:
                raise
    raise AssertionError("the loop returns or raises")


def _compared(network: LegacyNetwork, flows: Mapping[str, Flow], received: Iterable[np.ndarray]) -> Parity:
    absolute, relative, outputs = 0.0, 0.0, 0
    for (name, flow), other in zip(flows.items(), received, strict=True):
        expected = flow.values
        if expected.shape != other.shape:
            raise UserError(f"{network.file.path}: layer {name}: the imported network's outputs have the shape "
                            f"{other.shape} where the file's have {expected.shape}; nothing was imported")
        difference, largest = float(np.abs(expected - other).max()), float(np.abs(expected).max())
        share = difference / (largest or 1)
        if not share <= TOLERATED:
            raise UserError(f"{network.file.path}: layer {name}: the imported network deviates from the file's arrays "
                            f"by {difference:.2g} ({share:.2g} of its largest output); nothing was imported")
        absolute, relative, outputs = max(absolute, difference), max(relative, share), outputs + expected.size
    return Parity(absolute, relative, outputs)
