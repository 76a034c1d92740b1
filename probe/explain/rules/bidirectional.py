"""Two recurrent layers that read a text from both ends."""

from typing import Any

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.linear import NO_BIAS
from probe.explain.rules.linear_map import Combination
from probe.explain.rules.recurrent import Kept, Masks, Passage, mask_used, why_refused
from probe.explain.rules.rule import Arrays, Visit
from probe.explain.rules.sharing import Sharing


class Both:
    """The passages of both layers.

    Args:
        layer: a Keras Bidirectional.
        reads: (B, T, D), and the initial states, those of the forward layer first.
        mask: (B, T) bool, or None.
    """

    def __init__(self, layer: Any, reads: Arrays, mask: np.ndarray | None) -> None:
        self.merge, self.sequences = layer.merge_mode, layer.return_sequences
        half = len(reads) // 2
        self.forward = Passage(layer.forward_layer, (reads[0], *reads[1:1 + half]), mask)
        self.backward = Passage(layer.backward_layer, (reads[0], *reads[1 + half:]), mask)
        self.outputs = self.forward.writes[0], self._turned(self.backward.writes[0])

    @property
    def writes(self) -> Arrays:
        """What the layer puts out, and the states if it returns them."""
        states = self.forward.writes[1:] + self.backward.writes[1:]
        first, second = self.outputs
        if self.merge is None:
            return first, second, *states
        if self.merge in ("sum", "ave"):
            return self._sum().forward(self.outputs), *states
        return (first * second if self.merge == "mul" else np.concatenate([first, second], axis=-1)), *states

    def relevance(self, given: Arrays, sharing: Sharing) -> Arrays:
        """Return the relevance of what was read."""
        if self.merge in ("sum", "ave"):
            of_outputs = sharing.linear(self._sum(), self.outputs, NO_BIAS, given[0])
        else:
            of_outputs = self._parted(given)
        first, second = self._given(of_outputs, given)
        return _joined(self.forward.relevance(first, sharing), self.backward.relevance(second, sharing))

    def multipliers(self, baseline: "Both", given: Arrays) -> Arrays:
        """Return the multipliers of what was read."""
        if self.merge in ("sum", "ave"):
            of_outputs = self._sum().transposed(given[0])
        elif self.merge == "mul":
            halves = [(here + there) / 2 for here, there in zip(self.outputs, baseline.outputs, strict=True)]
            of_outputs = given[0] * halves[1], given[0] * halves[0]
        else:
            of_outputs = self._parted(given)
        first, second = self._given(of_outputs, given)
        return _joined(self.forward.multipliers(baseline.forward, first),
                       self.backward.multipliers(baseline.backward, second))

    def _turned(self, values: np.ndarray) -> np.ndarray:
        return values[:, ::-1] if self.sequences else values

    def _sum(self) -> Combination:
        weight = np.full(1, 1.0 if self.merge == "sum" else 0.5)
        return Combination((weight, weight), tuple(value.shape for value in self.outputs))

    def _parted(self, given: Arrays) -> Arrays:
        """What was given to the outputs of both, which lie beside each other or are two values."""
        units = self.outputs[0].shape[-1]
        return given[:2] if self.merge is None else (given[0][..., :units], given[0][..., units:])

    def _given(self, of_outputs: Arrays, given: Arrays) -> tuple[Arrays, Arrays]:
        states = given[2 if self.merge is None else 1:]
        half = len(states) // 2
        return (of_outputs[0], *states[:half]), (self._turned(of_outputs[1]), *states[half:])


class Bidirectional(Kept):
    """Both directions, joined by concat, sum, ave or, for DeepLIFT with products in halves, mul."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        layer = step.layer
        if layer.merge_mode == "mul" and not products:
            return "multiplies both directions, which has no rule"
        return why_refused(step, layer.forward_layer, products) or why_refused(step, layer.backward_layer, products)

    def visit(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Visit:
        both = Both(step.layer, reads, mask_used(reads, masks))
        return Visit(step, reads, both.writes, masks, written, both)


def _joined(first: Arrays, second: Arrays) -> Arrays:
    return first[0] + second[0], *first[1:], *second[1:]
