"""What the state of a recurrent layer at one step of time holds of the decision: state conductance."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.explain.attribution import Attribution, of_parts
from probe.explain.methods.conductance import RULE, STEPS, OfLayer, conducted, passed, through_check
from probe.explain.methods.neuron import POSITION, place_of, time_of
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question


@dataclass(frozen=True)
class StateConductance(OfLayer):
    """∫ ∂f/∂h_t · ∂h_t/∂α + ∂f/∂c_t · ∂c_t/∂α dα for the state of each unit after position t.

    The network is cut at (h_t, c_t) of an LSTM (h_t of a GRU or SimpleRNN), and what follows from it counts: what the
    layer puts out at t, and through the later steps of the recurrence all that it puts out after. Output conductance
    cuts at the returned sequence instead, and there a unit's work on later steps counts as theirs.

    The states of different steps hold the same evidence again and again, so this is never summed over steps. Over the
    units of one step it is what the tokens contribute through that state; a last state's is f(x) − f(baseline) where
    the network goes on from it alone.

    ``heatmap`` is (B, 1, U), over units at that position, h and c together. Tokens get what they contribute through the
    state: what is read after t gets nothing. ``unit`` leaves one unit only.
    """

    name: ClassVar[str] = "state_conductance"
    words: ClassVar[str] = "state conductance (through the state of a recurrent layer at one step)"

    position: int | None = POSITION
    unit: int | None = option(None, "one unit of the layer, from 0; none is all of them", minimum=0)
    direction: str = option("forward", "which layer of a Bidirectional", choices=("forward", "backward"))
    steps: int = STEPS
    quadrature: str = RULE

    def attribute(self, question: "Question") -> Attribution:
        """Return the state conductance of a layer's units.

        Raises:
            UserError: the layer is not recurrent, it has no such unit or position, or the target does not
                follow from it.
        """
        from probe.explain.question.cut import shape_at
        from probe.explain.question.state_cut import StateCut

        value = self.layer_of(question)
        step = question.network.writer[value]
        fault = StateCut.fault(step, self.direction)
        if fault:
            raise self.refusal(step, fault)
        cut = StateCut(value, self.direction)
        time = time_of(shape_at(question, step.reads[0])[0], self.position, self.name)
        scores, states = conducted(question, cut, self.steps, self.quadrature, time)
        units = np.sum(states, axis=0)
        chosen = np.ones(units.shape[1], bool) if self.unit is None else self._one(units.shape[1], self.unit)
        parts = passed(question, cut, self.steps, self.quadrature, [chosen] * len(states), time)
        found = of_parts(scores, parts, through_check(scores, units * chosen, parts),
                         (*self.told(question), f"through the state of {step.name} after position {time} alone",))
        return replace(found, heatmap=(units * chosen)[:, None])

    def _one(self, count: int, unit: int) -> np.ndarray:
        chosen = np.zeros(count, bool)
        chosen[place_of((count,), unit, None, self.name)] = True
        return chosen
