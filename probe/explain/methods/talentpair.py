"""The map of Talentpair's article on convolutional networks for text (2018), which is not Grad-CAM."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution
from probe.explain.methods.layer_map import LayerMap
from probe.options import option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from probe.explain.explanation.explanation import TextExplanation
    from probe.explain.question.question import Question
    from probe.explain.question.target import Target

# An input of at least so many times the layer's length gets the wider window.
LONG = 1.5


@dataclass(frozen=True)
class Talentpair(LayerMap):
    """max(0, g_t · mean_k A_tk) over its maximum, with g_t the mean over examples and units of ∂f/∂A_tk."""

    name: ClassVar[str] = "talentpair"
    words: ClassVar[str] = "the map of Talentpair's article (2018)"

    threshold: float = option(0.0, "of the map, from 0 to 1: only what is above it is laid on tokens", minimum=0.0,
                              maximum=1.0)

    def attribute(self, question: "Question") -> Attribution:
        """Return the map; gradients are averaged over the examples of which the same output is asked."""
        value, notes = self.looked_at(question)
        scores, activations, slopes = question.at_layer(value)
        groups = same_target(question.target)
        heatmap = normed(article_map(activations, slopes, groups))
        length = question.points[0].shape[1]
        tokens = marked(heatmap, length, self.threshold)
        reach = window(length, heatmap.shape[1])
        together = int(np.bincount(groups).max())
        averaged = () if together == 1 else (
            f"gradients are averaged over {together} texts, as the article averages over a batch: alone, a text may "
            "get another map",)
        said = ("one gradient for all units of a position: this is not Grad-CAM",
                f"a position is laid on the token at its share of the text and on {reach} on either side; where two "
                "meet, the stronger stays")
        return Attribution(scores, tokens, heatmap=heatmap, notes=notes + averaged + said)


def same_target(target: "Target") -> np.ndarray:
    """Return (B,) int64: equal numbers for examples of which the same is asked."""
    return np.unique(np.stack([target.index, target.sign.astype(np.int64)]), axis=1, return_inverse=True)[1].ravel()


def article_map(activations: np.ndarray, slopes: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return max(0, g_t · mean_k A_tk), (B, T') float64.

    Args:
        activations, slopes: (B, T', K) float64, what the layer puts out and the gradient there.
        groups: (B,) int64; g_t is the mean of the gradient over the units and the examples of a group.
    """
    over_units = slopes.mean(axis=2)
    means = np.stack([over_units[groups == group].mean(axis=0) for group in range(groups.max() + 1)])
    return np.maximum(means[groups] * activations.mean(axis=2), 0.0)


def normed(heatmap: np.ndarray) -> np.ndarray:
    """Return a map (B, T') of numbers from 0 on divided by its largest, example by example; zeros stay zeros."""
    largest = heatmap.max(axis=1, keepdims=True)
    return np.divide(heatmap, largest, out=np.zeros_like(heatmap), where=largest > 0)


def window(length: int, positions: int) -> int:
    """Return how many neighbours on either side a position marks: 1 where T is under 1.5 T', else 2."""
    return 1 if length < LONG * positions else 2


def marked(heatmap: np.ndarray, length: int, threshold: float) -> np.ndarray:
    """Return (B, T) float64: each token gets the strongest weight above the threshold that is laid on it, or 0.

    Position p of T' stands at token ⌊p · T / T'⌋ and marks it and its neighbours within the :func:`window`.

    Args:
        heatmap: (B, T') float64, from 0 to 1.
        length: T.
        threshold: from 0 to 1.
    """
    count = heatmap.shape[1]
    reach = window(length, count)
    strong = np.where(heatmap > threshold, heatmap, 0.0)
    laid = np.zeros((len(heatmap), length))
    for place, centre in enumerate((np.arange(count) * length // count).tolist()):
        around = slice(max(0, centre - reach), centre + reach + 1)
        laid[:, around] = np.maximum(laid[:, around], strong[:, place, None])
    return laid


def talentpair_strip(explanation: "TextExplanation") -> "Figure":
    """Return the article's figure of an explanation by this method: the map as a strip, the tokens in five colours."""
    from probe.render.five_colours import five_colours_figure

    return five_colours_figure(explanation.tokens, explanation.weights, explanation.heatmap, explanation.pads)
