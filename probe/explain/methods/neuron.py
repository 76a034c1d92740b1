"""What drives one unit of a layer at one position: neuron conductance and neuron integrated gradients."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.errors import UserError
from probe.explain.attribution import Attribution, of_parts
from probe.explain.methods.conductance import OfLayer, conducted, passed, through_check
from probe.explain.methods.integrated_gradients import POINTS, SUM, IntegratedGradients
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question

UNIT = option(0, "unit of the layer, from 0", minimum=0)
POSITION = option(None, "position in the layer, from 0, negative from the end; none is the last")


@dataclass(frozen=True)
class OfUnit(OfLayer):
    """A method that is about one number that a layer puts out."""

    unit: int = UNIT
    position: int | None = POSITION
    steps: int = POINTS
    quadrature: str = SUM

    def place(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return where the number stands in what the layer puts out, as :func:`place_of`."""
        return place_of(shape, self.unit, self.position, self.name)

    def said(self, question: "Question", value: int) -> str:
        """Return which unit is meant, in words."""
        where = "" if self.position is None else f" at position {self.position}"
        return f"unit {self.unit} of {question.network.writer[value].name}{where}"


@dataclass(frozen=True)
class NeuronConductance(OfUnit):
    """What one unit at one position of a layer contributes, shared among the tokens that drive it.

    (x − x′) · ∫ ∂f/∂y · ∂y/∂x dα for the number y that the unit puts out there (Dhamdhere, Sundararajan and Yan
    2019). The sum is that unit's output conductance, which the check takes by differences with a trapezoid of as many
    steps, whatever ``quadrature`` says: only rules with nodes at the ends of intervals have differences.
    """

    name: ClassVar[str] = "neuron_conductance"
    words: ClassVar[str] = "neuron conductance (Dhamdhere, Sundararajan and Yan 2019)"

    def attribute(self, question: "Question") -> Attribution:
        """Return what each token contributes through the unit.

        Raises:
            UserError: it has no such unit or position, or the target does not follow from it.
        """
        from probe.explain.question.cut import LayerCut, shape_at

        cut = LayerCut(self.layer_of(question))
        shape = shape_at(question, cut.value)
        chosen = np.zeros(shape, bool)
        chosen[self.place(shape)] = True
        parts = passed(question, cut, self.steps, self.quadrature, [chosen])
        scores, (units,) = conducted(question, cut, self.steps, "trapezoid")
        return of_parts(scores, parts, through_check(scores, units * chosen, parts), (
            f"what reaches the score through {self.said(question, cut.value)}", *self.told(question)))


@dataclass(frozen=True)
class NeuronIntegratedGradients(OfUnit):
    """What drives one unit at one position of a layer, whatever it does to the score (the target plays no part).

    Integrated gradients (Sundararajan, Taly and Yan 2017) of the number that the unit puts out there; the sum is how
    far it moves from the baseline.
    """

    name: ClassVar[str] = "neuron_integrated_gradients"
    words: ClassVar[str] = "integrated gradients of a unit (Sundararajan, Taly and Yan 2017)"

    def attribute(self, question: "Question") -> Attribution:
        """Return what each token contributes to the unit; the scores are what the unit puts out.

        Raises:
            UserError: it has no such unit or position.
        """
        from probe.explain.question.cut import shape_at

        value = self.layer_of(question)
        shape = shape_at(question, value)
        place = np.ravel_multi_index(self.place(shape), shape)
        target = replace(question.target, value=value, index=np.full(question.size, place, np.int64),
                         sign=np.ones(question.size), shift=np.zeros(question.size), function=None)
        found = IntegratedGradients(self.steps, self.quadrature).attribute(question.about(target))
        said = self.said(question, value)
        return replace(found, scored="output", about=said, notes=(
            *self.told(question), f"of what {said} puts out, not of a label"))


def place_of(shape: tuple[int, ...], unit: int, position: int | None, method: str) -> tuple[int, ...]:
    """Return where in what a layer puts out a unit at a position stands.

    Args:
        shape: (T', K), or (K,) for a layer without positions.
        unit, position: as the methods take them.
        method: for the message.

    Raises:
        UserError: there is no such place.
    """
    if len(shape) not in (1, 2):
        raise UserError(f"{method}: a layer must put out units at positions, or units alone; its output has "
                        f"{len(shape)} axes")
    if unit >= shape[-1]:
        raise UserError(f"{method}: unit must be from 0 to {shape[-1] - 1}; received {unit}")
    if len(shape) == 1 and position is not None:
        raise UserError(f"{method}: position belongs to layers with a time axis, which this one has not; received "
                        f"{position}")
    return (unit,) if len(shape) == 1 else (time_of(shape[0], position, method), unit)


def time_of(length: int, position: int | None, method: str) -> int:
    """Return a position from 0; None is the last.

    Raises:
        UserError: there is none of that number.
    """
    chosen = -1 if position is None else position
    if not -length <= chosen < length:
        raise UserError(f"{method}: position must be from {-length} to {length - 1}; received {position}")
    return chosen % length
