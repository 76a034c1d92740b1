"""What the maps have in common: they look at one layer, and lay its positions on the tokens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.errors import UserError
from probe.explain.method import Method
from probe.explain.methods.fields import CONVOLUTIONS, IN_PLACE, POOLS, RECURRENT, fields_of, path
from probe.explain.methods.stretching import RECEPTIVE_FIELD, stretched

if TYPE_CHECKING:
    from probe.explain.question.question import Question

# Kinds of layers that are taken if none is named: the last of the first group that the network has.
CHOICES = {
    "convolutional or recurrent layer": CONVOLUTIONS | RECURRENT,
    "pooling layer, as there is no convolutional or recurrent one": POOLS,
    "embedding, as no convolutional, recurrent or pooling layer behind it has a time axis": frozenset({"Embedding"}),
}
INSTEAD = ("integrated_gradients", "lrp_epsilon", "occlusion")


@dataclass(frozen=True)
class LayerMap(Method):
    """A method that makes one number of all units of a layer, at each of its positions."""

    looks_at_a_layer: ClassVar[bool] = True

    def layer_of(self, question: "Question") -> int:
        """Return the number of the value after the layer that was asked for, else of the layer chosen for its kind.

        Without a wish it is the last convolutional or recurrent layer with a time axis, else the last pooling layer,
        else the embedding; never a Dense layer, not even one that is applied at every position.

        Raises:
            UserError: there is no such layer between the tokens and the target.
        """
        return _choice(self, question)[0]

    def looked_at(self, question: "Question") -> tuple[int, tuple[str, ...]]:
        """Return the layer's value, as :meth:`layer_of`, and what a reader must know of it.

        Raises:
            UserError: it puts out no time axis; the message names the layers that do.
        """
        value, notes = _choice(self, question)
        if not _has_time(question, value):
            step = question.network.writer[value]
            raise UserError(f"{self.name}: layer {step.name} ({step.layer.__class__.__name__}) puts out no time axis; "
                            f"layers that do: {', '.join(_timed(question)) or 'none'}")
        if all(step.kind in IN_PLACE for step in path(question.network, value, question.places)):
            name = question.network.writer[value].name
            notes = (*notes, f"what {name} puts out depends on the token alone, so that equal tokens get equal weight "
                             f"wherever they stand: {', '.join(INSTEAD[:-1])} or {INSTEAD[-1]} say more")
        return value, notes


def laid(question: "Question", value: int, heatmap: np.ndarray, interpolation: str,
         ) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a map over positions (B, T') as one over tokens (B, T), float64, and what a reader must know of that.

    Raises:
        UserError: the interpolation cannot be done on this layer.
    """
    length = question.points[0].shape[1]
    if interpolation != RECEPTIVE_FIELD:
        return stretched(heatmap, length, interpolation), (
            f"the map's {heatmap.shape[1]} positions are stretched evenly over the {length} tokens ({interpolation}), "
            "whatever they have seen of them",)
    fields = fields_of(question.network, value, question.places, length)
    lost = np.abs(heatmap[:, fields.seen.sum(axis=1) == 0]).sum()
    told = () if lost == 0 else (f"{lost / np.abs(heatmap).sum():.1%} of the map lies at positions that saw no token, "
                                 "only what a layer fills up with, and is laid on none",)
    return fields.shared(heatmap), fields.notes + told


def _choice(method: Method, question: "Question") -> tuple[int, tuple[str, ...]]:
    if question.layer is not None:
        return question.layer, ()
    timed = _timed(question)
    for words, kinds in CHOICES.items():
        of_kind = [name for name, value in timed.items()
                   if type(question.network.writer[value].layer).__name__ in kinds]
        if of_kind:
            return timed[of_kind[-1]], (f"{of_kind[-1]} was chosen, the last {words}",)
    raise UserError(f"{method.name}: needs a convolutional, recurrent, pooling or embedding layer with a time axis; "
                    f"{question.network.name} has none; layers with a time axis: {', '.join(timed) or 'none'}")


def _timed(question: "Question") -> dict[str, int]:
    """The values between the tokens and the target that have a time axis, by the name of their layer."""
    network = question.network
    after = frozenset[int]().union(*(network.downstream(place) for place in question.places))
    return {name: value for name, value in network.ends.items() if value in after and _has_time(question, value)
            and question.target.value in network.downstream(value)}


def _has_time(question: "Question", value: int) -> bool:
    return len(question.network.shape(value)) == 3
