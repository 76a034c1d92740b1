"""Which positions of a layer hold what the score grows with: Grad-CAM, for text."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution, Check
from probe.explain.methods.layer_map import LayerMap, laid
from probe.explain.methods.stretching import INTERPOLATIONS
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class GradCam(LayerMap):
    """relu(Σ_k w_k A_tk) with w_k the mean over t of ∂f/∂A_tk (Selvaraju et al. 2017)."""

    name: ClassVar[str] = "grad_cam"
    words: ClassVar[str] = "Grad-CAM (Selvaraju et al. 2017)"
    any_layer: ClassVar[bool] = True

    relu: bool = option(True, "leave out what speaks against")
    counterfactual: bool = option(False, "negate the gradients: show what would lower the score")
    interpolation: str = option("receptive_field", "how positions are laid on tokens", choices=INTERPOLATIONS)

    def attribute(self, question: "Question") -> Attribution:
        """Return the map of a layer; the check is that of a class activation map, where the network makes it one."""
        value, notes = self.looked_at(question)
        scores, activations, slopes = question.at_layer(value)
        weighted = class_map(activations, slopes)
        check = activation_map_law(question, value, scores, slopes, weighted)
        heatmap = shown(weighted, self.relu, self.counterfactual)
        tokens, told = laid(question, value, heatmap, self.interpolation)
        return Attribution(scores, tokens, heatmap=heatmap, check=check, notes=notes + told)


def class_map(activations: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return Σ_k w_k A_tk, (B, T') float64, of activations and gradients (B, T', K); w_k is their mean over time."""
    return np.asarray(np.einsum("btk,bk->bt", activations, slopes.mean(axis=1)))


def shown(weighted: np.ndarray, relu: bool, counterfactual: bool) -> np.ndarray:
    """Return a map as it is asked for: of the negated gradient, and without what is negative then."""
    turned = -weighted if counterfactual else weighted
    return np.maximum(turned, 0.0) if relu else turned


def activation_map_law(question: "Question", value: int, scores: np.ndarray, slopes: np.ndarray,
                       weighted: np.ndarray) -> Check | None:
    """Return the check of a class activation map (Zhou et al. 2016), or None where it is none.

    If a network goes from the layer through an average over time and Dense layers without activation to the score,
    Σ_t Σ_k w_k A_tk is the score less what the biases give: the map is then the score, shared among the positions.
    A mask makes it a weighted average, to which Grad-CAM's mean does not belong.

    Args:
        question, value: what was asked at which layer.
        scores: (B,).
        slopes: (B, T', K), the gradient there.
        weighted: (B, T'), the map before negatives are left out.
    """
    biases = _biases(question, value)
    if biases is None or not np.allclose(slopes, slopes[:, :1], rtol=1e-4, atol=1e-7 * np.abs(slopes).max(initial=0.0)):
        return None
    target = question.target
    return Check("class activation map: before negatives are left out, the map adds up to the score less its biases",
                 scores - target.sign * biases[target.index] - target.shift, weighted.sum(axis=1))


def _biases(question: "Question", value: int) -> np.ndarray | None:
    """The target's value if the layer puts out zeros, where only an average over time and Dense layers follow it."""
    target, network = question.target, question.network
    biases: np.ndarray | None = None
    while value != target.value:
        steps = [step for step in network.readers[value] if target.value in network.downstream(step.writes[0])]
        if len(steps) != 1:
            return None
        kind, layer, value = steps[0].kind, steps[0].layer, steps[0].writes[0]
        if kind == "GlobalAveragePooling1D" and biases is None:
            biases = np.zeros(network.shape(value)[-1] or 0)
        elif kind == "Dense" and biases is not None:
            biases = biases @ np.asarray(layer.kernel, np.float64)
            biases = biases + (np.asarray(layer.bias, np.float64) if layer.use_bias else 0.0)
        elif kind not in ("Dropout", "SpatialDropout1D"):
            return None
    return biases if target.function is None else None
