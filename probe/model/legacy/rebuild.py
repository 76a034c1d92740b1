"""An imported network as a Keras 3 model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.model.engine import keras
from probe.model.legacy.architecture import Architecture
from probe.model.legacy.embedding import Embedding
from probe.model.legacy.input_layer import InputLayer
from probe.model.legacy.layer import Layer


def keras_model(architecture: Architecture, weights: Mapping[str, np.ndarray]) -> keras.Model:
    """Return a functional model whose layers bear the names of the architecture's, with ``/`` as ``_``.

    Args:
        architecture: of layers that Keras 3 has.
        weights: ``"layer/weight"`` → array, for each layer in the order in which Keras 3 keeps them.

    Raises:
        UserError: layers do not fit together.
    """
    tensors = keras_tensors(architecture, weights)
    ends = [[tensors[name] for name in names] for names in (architecture.inputs, architecture.outputs)]
    return keras.Model(*(end[0] if len(end) == 1 else end for end in ends))


def keras_tensors(architecture: Architecture, weights: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the symbolic output of every layer by its name, inputs too; errors as in :func:`keras_model`."""
    names = [keras_name(layer.name) for layer in architecture.layers]
    if len(set(names)) < len(names):
        raise UserError("two layers have names that differ only by / and _, which Keras 3 cannot tell apart")
    tensors: dict[str, Any] = {}
    for node in architecture.nodes:
        name = node.layer.name
        if isinstance(node.layer, InputLayer):
            ids = any(isinstance(reader, Embedding) for reader in architecture.readers(name))
            tensors[name] = keras.Input(node.layer.shape, dtype="int32" if ids else "float32", name=keras_name(name))
            continue
        sources = [tensors[source] for source in node.sources]
        tensors[name] = _connected(node.layer, sources, [
            array for path, array in weights.items() if path.rpartition("/")[0] == name])
    return tensors


def keras_name(name: str) -> str:
    """Return the name of a layer in the form that Keras 3 accepts."""
    return name.replace("/", "_")


def _connected(layer: Layer, sources: list[Any], weights: list[np.ndarray]) -> Any:
    try:
        built = replace(layer, name=keras_name(layer.name)).keras_layer()
        if not layer.keeps_mask:
            built.supports_masking = True  # or Keras 3 warns of what Keras 2 did silently
            built.compute_mask = lambda inputs, mask=None: None
        output = built(sources[0] if len(sources) == 1 else sources)
        built.set_weights(weights)
    except (ValueError, TypeError) as error:
        raise layer.refusal(f"does not fit what it reads: {error}") from error
    return output
