"""Which steps of time are masked after a layer, as Keras passes masks on."""

from collections.abc import Sequence

import numpy as np

from probe.explain.question.step import FUNCTIONS, Step
from probe.model.engine import keras


def mask_after(step: Step, reads: Sequence[np.ndarray], masks: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Return the mask of the first value that a step writes, (B, T) bool, or None.

    Args:
        step: the operation.
        reads: (B, …) float64.
        masks: of what is read.
    """
    layer = step.layer
    if step.function is not None and not isinstance(layer, FUNCTIONS):
        return masks[0]
    if not layer.supports_masking:
        return None
    merges = isinstance(layer, keras.layers.Concatenate | keras.layers.Add | keras.layers.Average
                        | keras.layers.Subtract | keras.layers.Multiply)
    found = layer.compute_mask(list(reads), list(masks)) if merges else layer.compute_mask(reads[0], masks[0])
    first = next(iter(found), None) if isinstance(found, list | tuple) else found
    return None if first is None else np.asarray(first, bool)
