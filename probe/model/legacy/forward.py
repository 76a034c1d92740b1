"""The whole network in float64 numpy, from the file's raw arrays: what an imported network is held against."""

from collections.abc import Mapping, Sequence

import numpy as np

from probe.model.legacy.architecture import Architecture
from probe.model.legacy.layer import MOST_NUMBERS, Arrays, Flow


def forward(architecture: Architecture, arrays: Mapping[str, Arrays], inputs: Sequence[np.ndarray]) -> dict[str, Flow]:
    """Compute the network as Keras 2 did at inference.

    Nothing here is shared with what re-lays arrays for Keras 3.

    Args:
        architecture: as the file describes it.
        arrays: name of a layer → its arrays as they lie in the file.
        inputs: one for each of ``architecture.inputs``, ids (B, T) or numbers (B, T, D).

    Returns:
        The output of every layer, by its name.

    Raises:
        UserError: layers do not fit together, or their outputs are absurdly large.
    """
    flows = {name: Flow(np.asarray(values, np.float64))
             for name, values in zip(architecture.inputs, inputs, strict=True)}
    left = MOST_NUMBERS
    # What overflows is not finite, which a comparison notices.
    with np.errstate(all="ignore"):
        for node in architecture.nodes:
            if node.sources:
                sources = [flows[source] for source in node.sources]
                flow = node.layer.forward(sources, arrays.get(node.layer.name, ()))
                left -= flow.values.size
                if left < 0:
                    raise node.layer.refusal(f"is where the network's outputs exceed {MOST_NUMBERS:,} numbers, the "
                                             "most accepted")
                flows[node.layer.name] = flow
    return flows
