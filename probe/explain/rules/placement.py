"""Layers that only put numbers elsewhere: whatever is given goes back to where the number came from."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing

# What the layer does with (B, …) arrays.
Placing = Callable[[Any, Arrays], np.ndarray]


class Placement(Rule):
    """Flatten, Concatenate, Permute and their kin.

    Args:
        placing: by the layer's kind.
    """

    def __init__(self, placing: Placing) -> None:
        self._placing = placing

    def forward(self, step: Step, reads: Arrays, masks: tuple[np.ndarray | None, ...],
                written: np.ndarray | None) -> Arrays:
        return (self._placing(step.layer, reads),)

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        parts, padding = self._back(visit, given[0])
        return sharing.of_constant("biases", padding, parts)

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        return self._back(visit, given[0])[0]

    def _back(self, visit: Visit, given: np.ndarray) -> tuple[Arrays, np.ndarray]:
        """Number the entries of what is read from 1, see where the numbers go, and add up what is given there.

        Also returns (B,) what is given to padding.
        """
        numbered, ends = [], [1]
        for value in visit.reads:
            ends.append(ends[-1] + value[0].size)
            numbered.append(np.arange(ends[-2], ends[-1], dtype=np.float64).reshape(1, *value.shape[1:]))
        origins = self._placing(visit.step.layer, tuple(numbered)).astype(np.int64).ravel()
        sums = np.zeros((ends[-1], len(given)))  # row 0 is padding
        np.add.at(sums, origins, given.reshape(len(given), -1).T)
        parts = tuple(sums[first:last].T.reshape(value.shape)
                      for value, first, last in zip(visit.reads, ends, ends[1:], strict=False))
        return parts, sums[0]



PLACINGS: Mapping[str, Placing] = {
    "Flatten": lambda layer, reads: reads[0].reshape(len(reads[0]), -1),
    "Reshape": lambda layer, reads: reads[0].reshape(len(reads[0]), *layer.target_shape),
    "Permute": lambda layer, reads: reads[0].transpose(0, *layer.dims),
    "RepeatVector": lambda layer, reads: np.repeat(reads[0][:, None], layer.n, axis=1),
    "UpSampling1D": lambda layer, reads: np.repeat(reads[0], layer.size, axis=1),
    "ZeroPadding1D": lambda layer, reads: np.pad(reads[0], ((0, 0), tuple(layer.padding), (0, 0))),
    "Cropping1D": lambda layer, reads: reads[0][:, layer.cropping[0]:reads[0].shape[1] - layer.cropping[1]],
    "Concatenate": lambda layer, reads: np.concatenate(reads, axis=layer.axis),
}
