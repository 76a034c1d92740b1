"""The whole network in float64 numpy, from the file's raw arrays: what an imported network is held against."""

from collections.abc import Mapping, Sequence

import numpy as np

from probe.model.legacy.architecture import Architecture
from probe.model.legacy.layer import Arrays, Flow


def forward(architecture: Architecture, arrays: Mapping[str, Arrays], inputs: Sequence[np.ndarray],
            ) -> list[np.ndarray]:
    """Compute the network as Keras 2 did at inference.

    Nothing here is shared with what re-lays arrays for Keras 3.

    Args:
        architecture: as the file describes it.
        arrays: name of a layer → its arrays as they lie in the file.
        inputs: one for each of ``architecture.inputs``, ids (B, T) or numbers (B, T, D).

    Returns:
        One float64 array for each of ``architecture.outputs``.

    Raises:
        UserError: layers do not fit together.
    """
    flows = {name: Flow(np.asarray(values, np.float64))
             for name, values in zip(architecture.inputs, inputs, strict=True)}
    for node in architecture.nodes:
        if node.sources:
            sources = [flows[source] for source in node.sources]
            flows[node.layer.name] = node.layer.forward(sources, arrays.get(node.layer.name, ()))
    return [flows[name].values for name in architecture.outputs]
