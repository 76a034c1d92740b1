"""Whether an imported network is a character model, and as which :class:`~probe.model.CharLSTM`."""

from dataclasses import dataclass, replace

import numpy as np

from probe.model.legacy.architecture import Node
from probe.model.legacy.dense import Activation, Dense
from probe.model.legacy.embedding import Embedding
from probe.model.legacy.input_layer import InputLayer
from probe.model.legacy.layer import Layer
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.network import LegacyNetwork
from probe.model.legacy.training_only import TrainingOnly
from probe.model.options import ModelOptions


@dataclass(frozen=True, eq=False)
class CharStack:
    """A character model that was found in a file of Keras.

    Attributes:
        network: where it was found, with every LSTM returning all its steps.
        options: its architecture.
        vocabulary: number V of characters.
        weights: name as in :func:`~probe.model.weights.weight_names` → float32 array.
        last_only: whether the network predicted after the last character of a window alone; None if the file does
            not tell.
        length: characters in a window, if the network was built for one length.
    """

    network: LegacyNetwork
    options: ModelOptions
    vocabulary: int
    weights: dict[str, np.ndarray]
    last_only: bool | None
    length: int | None

    def inputs(self, ids: np.ndarray) -> np.ndarray:
        """Return what the network in the file reads for ids (B, T)."""
        if self.options.input == "embedding":
            return ids
        if self.options.input == "scalar":
            return ids[..., np.newaxis] / self.vocabulary
        vectors = np.zeros((*ids.shape, self.vocabulary))
        np.put_along_axis(vectors, ids[..., np.newaxis], 1, axis=-1)
        return vectors


def char_stack(network: LegacyNetwork) -> CharStack | str:
    """Return the character model that ``network`` is, or why it is none, in a few words."""
    layers = list(network.architecture.layers)
    followers = network.architecture.nodes[1:]
    if any(node.sources != (before.name,) for before, node in zip(layers, followers, strict=False)):
        return "its layers are no single chain"
    if network.architecture.outputs != (layers[-1].name,):
        return "its outputs are not those of its last layer alone"
    layers = [layer for layer in layers if not isinstance(layer, TrainingOnly)]
    rates = {layer.rate for layer in network.architecture.layers if isinstance(layer, TrainingOnly) and layer.rate < 1}
    if len(layers) > 1 and isinstance(layers[-1], Activation) and isinstance(layers[-2], Dense) \
            and layers[-2].activation == "linear":
        layers[-2:] = [replace(layers[-2], activation=layers[-1].activation)]
    if len(layers) < 3:
        return "it has too few layers"
    entrance, *middle, output = layers
    embedding = middle.pop(0) if middle and isinstance(middle[0], Embedding) else None
    if not isinstance(entrance, InputLayer) or not isinstance(output, Dense) or output.activation != "softmax":
        return "it does not end with a Dense layer with softmax"
    stray = next((layer for layer in middle if not isinstance(layer, LSTM | CuDNNLSTM)), None)
    if stray is not None or not middle:
        return f"layer {stray.name} ({stray.kind}) is no LSTM" if stray else "it has no LSTM"
    recurrent = [layer.as_lstm if isinstance(layer, CuDNNLSTM) else layer for layer in middle if
                 isinstance(layer, LSTM | CuDNNLSTM)]
    kinds = {(lstm.units, lstm.activation, lstm.recurrent_activation, lstm.go_backwards) for lstm in recurrent}
    units, activation, recurrent_activation, backwards = next(iter(kinds))
    if len(kinds) > 1 or activation != "tanh" or backwards or recurrent_activation not in ("sigmoid", "hard_sigmoid"):
        return "its LSTMs differ in their units or activations, or are not tanh with sigmoid or hard_sigmoid"
    if not all(lstm.return_sequences for lstm in recurrent[:-1]):
        return "an LSTM before the last one does not return sequences"
    vocabulary = output.units
    size = entrance.shape[-1] if len(entrance.shape) == 2 else None
    if isinstance(embedding, Embedding):
        if embedding.mask_zero or embedding.input_dim != vocabulary:
            return f"its embedding masks 0, or has {embedding.input_dim} characters and its output {vocabulary}"
        kind, width = "embedding", embedding.output_dim
    elif size in (1, vocabulary):
        kind, width = ("scalar", 1) if size == 1 else ("one-hot", vocabulary)
    else:
        return f"it reads vectors of {size} numbers, neither 1 nor its {vocabulary} characters"
    options = ModelOptions(units=units, layers=len(recurrent), input=kind, embedding=width if embedding else 64,
                           dropout=rates.pop() if len(rates) == 1 else 0.0, recurrent_activation=recurrent_activation)
    last_only = None if network.told_by == "shapes" else not recurrent[-1].return_sequences
    weights = _weights(network, embedding, middle, output)
    return CharStack(_returning_all(network), options, vocabulary, weights, last_only, entrance.shape[0])


def _returning_all(network: LegacyNetwork) -> LegacyNetwork:
    nodes = [replace(node, layer=replace(node.layer, return_sequences=True))
             if isinstance(node.layer, LSTM | CuDNNLSTM) else node for node in network.architecture.nodes]
    entrance = nodes[0].layer
    if isinstance(entrance, InputLayer):
        nodes[0] = Node(replace(entrance, shape=(None, *entrance.shape[1:])))
    return replace(network, architecture=replace(network.architecture, nodes=tuple(nodes)))


def _weights(network: LegacyNetwork, embedding: Layer | None, recurrent: list[Layer], output: Layer,
             ) -> dict[str, np.ndarray]:
    weights: dict[str, np.ndarray] = {}
    if embedding is not None:
        weights["embedding/embeddings"] = embedding.relaid(network.arrays[embedding.name])[1]["embeddings"]
    for name, layer in [(f"lstm_{number}", layer) for number, layer in enumerate(recurrent, 1)] + [("dense", output)]:
        arrays = layer.relaid(network.arrays[layer.name])[1]
        arrays.setdefault("bias", np.zeros(arrays["kernel"].shape[1], np.float32))
        weights |= {f"{name}/{each}": array for each, array in arrays.items()}
    return weights
