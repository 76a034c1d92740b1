"""A Keras 2 network that was read, understood and found to fit its arrays."""

from collections.abc import Mapping
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
from probe.model.legacy.layer import Arrays, Layer
from probe.model.legacy.lstm import LSTM, CuDNNLSTM
from probe.model.legacy.source import LegacyFile, parsed_json


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
        try:
            if file.config is not None or architecture is not None:
                found = Architecture.of(_config(file, architecture), by_tensorflow=file.by_tensorflow)
                _check_agrees(found, recurrent_activation)
                told_by = "file" if file.config is not None else "json"
            else:
                found = inferred_architecture(file, recurrent_activation or default_recurrent_activation(file))
                _check_agrees(found, recurrent_activation)
                told_by = "shapes"
            return cls(file, found, _assigned(file, found), told_by)
        except UserError as error:
            if str(error).startswith((str(file.path), str(architecture))):
                raise
            raise UserError(f"{file.path}: {error}") from error

    def forward(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """Compute the network in float64 from the file's arrays; see :func:`probe.model.legacy.forward.forward`."""
        try:
            return forward(self.architecture, self.arrays, inputs)
        except UserError as error:
            raise type(error)(f"{self.file.path}: {error}") from error

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


def _config(file: LegacyFile, architecture: Path | None) -> Mapping[str, Any]:
    if file.config is None and architecture is not None:
        return parsed_json(str(architecture), read_text(architecture))
    if architecture is not None:
        raise UserError(f"{file.path}: holds its own architecture; --architecture is for weights-only files")
    return file.config or {}


def _check_agrees(architecture: Architecture, recurrent_activation: str | None) -> None:
    """Refuse a --recurrent-activation that contradicts what is known."""
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
    return {layer.name: raws[layer.name].arrays for layer in layers}
