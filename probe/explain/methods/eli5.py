"""The text Grad-CAM of eli5, number by number, since published results rest on it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution
from probe.explain.methods.grad_cam import class_map, shown
from probe.explain.methods.layer_map import LayerMap
from probe.explain.methods.stretching import KINDS, stretched
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question
    from probe.explain.question.target import Target

# Added nowhere, but the least that a gradient's sum of squares counts as (TensorFlow's l2_normalize).
LEAST = 1e-12


@dataclass(frozen=True)
class Eli5(LayerMap):
    """Grad-CAM of the probability, its gradient divided by its norm, stretched over the tokens.

    eli5 reads one document at a time, so each example's gradient is divided by its own norm. A layer without time is
    taken as well: its map is gradient × output of each unit, stretched as if units were positions.
    """

    name: ClassVar[str] = "eli5"
    words: ClassVar[str] = "Grad-CAM as eli5 computes it"

    relu: bool = option(True, "leave out what speaks against")
    counterfactual: bool = option(False, "negate the gradients: show what would lower the probability")
    interpolation: str = option("linear", "how positions are stretched over tokens, as scipy's interp1d knows it",
                                choices=tuple(KINDS))

    def attribute(self, question: "Question") -> Attribution:
        """Return eli5's map. The weights of padding, which eli5 cuts off after stretching, are left in their places."""
        asked = question.about(of_output(question.target, question.network.outputs[0]))
        length = asked.points[0].shape[1]
        value = self.layer_of(question)
        timeless = len(asked.network.shape(value)) == 2
        notes = () if timeless else self.looked_at(question)[1]
        scores, activations, slopes = asked.at_layer(value)
        slopes = normalised(slopes)
        weighted = activations * slopes if timeless else class_map(activations, slopes)
        heatmap = shown(weighted, self.relu, self.counterfactual)
        if timeless:
            name = asked.network.writer[value].name
            notes = (f"layer {name} has no time axis: its {heatmap.shape[1]} units are stretched over the {length} "
                     "tokens as if they were positions, so where a weight lies means nothing",)
        else:
            notes = (*notes, f"the map's {heatmap.shape[1]} positions are stretched evenly over the {length} tokens "
                             f"({self.interpolation}), whatever they have seen of them")
        scored = "probability" if question.network.squashing else ""
        return Attribution(scores, stretched(heatmap, length, self.interpolation), heatmap=heatmap, notes=notes,
                           scored=scored)


def of_output(target: "Target", output: int) -> "Target":
    """Return a target's probability where its logit was asked for; others as they are.

    Args:
        target: what was asked.
        output: number of the network's output.
    """
    if target.value == output:
        return target
    return replace(target, value=output, kind="probability", shift=np.where(target.sign < 0, 1.0, 0.0))


def normalised(slopes: np.ndarray) -> np.ndarray:
    """Return gradients (B, …) divided by their l2 norm over all of an example; those that are zero stay zero."""
    squares = (slopes.reshape(len(slopes), -1) ** 2).sum(axis=1)
    norms = np.sqrt(np.maximum(squares, LEAST))
    return slopes / norms.reshape(-1, *[1] * (slopes.ndim - 1))
