"""A network from a file of Keras that was read, understood and found to fit its arrays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.files import read_text
from probe.model.legacy.architecture import Architecture, Node
from probe.model.legacy.bidirectional import Bidirectional
from probe.model.legacy.forward import forward
from probe.model.legacy.inference import default_recurrent_activation, inferred_architecture
from probe.model.legacy.layer import Arrays, Flow, Layer
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.source import LegacyFile, RawLayer, parsed_json

# How Keras 2 names arrays; Keras 1 and converters have names of their own.
WEIGHT_NAMES = frozenset({"kernel", "recurrent_kernel", "bias", "embeddings", "gamma", "beta", "moving_mean",
                          "moving_variance"})


@dataclass(frozen=True, eq=False)
class LegacyNetwork:
    """The file, its architecture, and which arrays belong to which layer.

    Attributes:
        file: what was read.
        architecture: its layers as the file has them, CuDNNLSTM among them.
        arrays: name of a layer → its arrays as they lie in the file; layers without weights are left out.
        told_by: what the architecture was taken from: ``"file"``, ``"json"`` or ``"shapes"``.
    """

    file: LegacyFile
    architecture: Architecture
    arrays: Mapping[str, Arrays]
    told_by: str

    @classmethod
    def of(cls, file: LegacyFile, architecture: Path | None = None, recurrent_activation: str | None = None,
           ) -> "LegacyNetwork":
        """Understand ``file``.

        Args:
            file: weights-only or whole-model.
            architecture: for a weights-only file, what ``model.to_json()`` wrote; without it the architecture of a
                stack that predicts characters is inferred.
            recurrent_activation: for such a stack, of its LSTMs; None takes the default of the file's Keras.

        Raises:
            UserError: a layer or setting is refused, or the arrays do not fit; the message names the layer.
        """
        config = _config(file, architecture)
        told_by = "shapes" if config is None else "file" if architecture is None else "json"
        with told_of(architecture or file.path):
            found = (inferred_architecture(file, recurrent_activation or default_recurrent_activation(file))
                     if config is None else Architecture.of(config, zeroes_masked_steps=file.zeroes_masked_steps))
        with told_of(file.path):
            check_agrees(found, recurrent_activation)
            return cls(file, found, _assigned(file, found), told_by)

    def forward(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """Return the network's outputs, in float64 from the file's arrays."""
        flows = self.flows(inputs)
        return [flows[name].values for name in self.architecture.outputs]

    def flows(self, inputs: list[np.ndarray]) -> dict[str, Flow]:
        """Return every layer's output; see :func:`probe.model.legacy.forward.forward`."""
        with told_of(self.file.path):
            return forward(self.architecture, self.arrays, inputs)

    def relaid(self) -> tuple[Architecture, dict[str, np.ndarray]]:
        """Return the architecture in layers of today, and its float32 weights by ``"layer/weight"``."""
        nodes: list[Node] = []
        weights: dict[str, np.ndarray] = {}
        for node in self.architecture.nodes:
            layer, arrays = node.layer.relaid(self.arrays.get(node.layer.name, ()))
            nodes.append(Node(layer, node.sources))
            weights |= {f"{layer.name}/{name}": array for name, array in arrays.items()}
        return replace(self.architecture, nodes=tuple(nodes)), weights

    def relaying(self, layer: Layer) -> str:
        """Say in a few words how the arrays of ``layer`` were re-laid; empty if they were not."""
        return layer.relaying(self.arrays[layer.name]) if layer.name in self.arrays else ""

    def origin(self) -> dict[str, Any]:
        """Return as JSON values where the network comes from and how it was understood."""
        return {
            "file": self.file.path.name, "sha256": self.file.sha256, "keras_version": self.file.keras_version,
            "backend": self.file.backend, "architecture": self.told_by,
            "recurrent_activations": sorted({lstm.recurrent_activation if isinstance(lstm, LSTM) else "sigmoid"
                                             for lstm in _recurrent_layers(self.architecture)}),
            "relaid": {layer.name: words for layer in self.architecture.layers if (words := self.relaying(layer))},
        }


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Let errors begin with the file that they are about."""
    try:
        yield
    except UserError as error:
        raise type(error)(f"{path}: {error}") from error


def _config(file: LegacyFile, architecture: Path | None) -> Mapping[str, Any] | None:
    if architecture is None:
        return file.config
    if file.config is not None:
        raise UserError(f"{file.path}: holds its own architecture; --architecture is for weights-only files")
    return parsed_json(str(architecture), read_text(architecture))


def check_agrees(architecture: Architecture, recurrent_activation: str | None) -> None:
    """Refuse a --recurrent-activation that contradicts what is known.

    Raises:
        UserError: an LSTM of ``architecture`` has another one; None agrees with all.
    """
    if recurrent_activation is None:
        return
    for layer in _recurrent_layers(architecture):
        known = layer.recurrent_activation if isinstance(layer, LSTM) else "sigmoid"
        if known != recurrent_activation:
            raise UserError(f"--recurrent-activation {recurrent_activation}: layer {layer.name} ({layer.kind}) is "
                            f"known to have {known}")


def _recurrent_layers(architecture: Architecture) -> list[LSTM | CuDNNLSTM]:
    inner = [layer.layer if isinstance(layer, Bidirectional) else layer for layer in architecture.layers]
    return [layer for layer in inner if isinstance(layer, LSTM | CuDNNLSTM)]


def _assigned(file: LegacyFile, architecture: Architecture) -> dict[str, Arrays]:
    """The arrays of each layer: by name if the names are the same, else in order, as Keras itself loads them."""
    layers = [layer for layer in architecture.layers if layer.accepted_shapes(())]
    raws = {raw.name: raw for raw in file.weighted}
    if set(raws) != {layer.name for layer in layers}:
        if len(raws) != len(layers):
            raise UserError(f"{len(raws)} layers of the file have weights, and {len(layers)} of the architecture need "
                            "them")
        raws = {layer.name: raw for layer, raw in zip(layers, file.weighted, strict=True)}
    if file.backend not in ("", "tensorflow") and any(layer.kind == "Conv1D" for layer in layers):
        raise UserError(f"a convolution of the backend {file.backend!r:.80} is not supported; accepted is tensorflow")
    for layer in layers:
        layer.check(raws[layer.name].arrays)
        _check_names(layer, raws[layer.name])
    return {layer.name: raws[layer.name].arrays for layer in layers}


def _check_names(layer: Layer, raw: RawLayer) -> None:
    """Refuse arrays that the file itself calls other than what they would be taken for."""
    said = [name.rpartition("/")[2].partition(":")[0] for name in raw.weight_names]
    needed = [name.removeprefix("forward_").removeprefix("backward_") for name in layer.weight_names]
    if len(said) == len(needed) and any(one in WEIGHT_NAMES and one != other
                                        for one, other in zip(said, needed, strict=True)):
        raise layer.refusal(f"the arrays of {raw.name} are called {', '.join(said):.200}, and it needs "
                            f"{', '.join(needed)}")
