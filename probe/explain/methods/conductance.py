"""What the units of a layer contribute at each of its positions: output conductance."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.errors import UserError
from probe.explain.attribution import Attribution, Check, completeness, of_parts, totals
from probe.explain.methods.layer_map import LayerMap, laid
from probe.explain.methods.path import along, integrated
from probe.explain.methods.stretching import RECEPTIVE_FIELD
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.cut import Cut
    from probe.explain.question.question import Question

# Where the gradient is taken in each interval; all but these need more than differences.
ENDS = ("trapezoid", "riemann_right", "riemann_left")
STEPS = option(50, "intervals on the way from the baseline", minimum=1, maximum=10_000)
RULE = option("trapezoid", "where the gradient is taken in each interval", choices=ENDS)


@dataclass(frozen=True)
class OfLayer(LayerMap):
    """A method that is about the units of a layer; if none is named, of the one that the maps would take."""

    of_units: ClassVar[bool] = True

    def layer_of(self, question: "Question") -> int:
        """Return the number of the value after the layer.

        Raises:
            UserError: none was named and none can be chosen, or the target does not follow from it.
        """
        network, value = question.network, super().layer_of(question)
        if question.target.value not in network.downstream(value):
            raise UserError(f"{self.name}: layer {network.writer[value].name} does not reach the number that is "
                            "explained")
        return value

    def told(self, question: "Question") -> tuple[str, ...]:
        """Return the note that names a layer which was chosen."""
        chosen = question.network.writer[self.layer_of(question)].name
        return () if question.layer is not None else (f"{chosen} was chosen, as no layer was named",)


@dataclass(frozen=True)
class LayerConductance(OfLayer):
    """∫ ∂f/∂y · ∂y/∂α dα for each number y that a layer puts out (Dhamdhere, Sundararajan and Yan 2019).

    This is output conductance: of a recurrent layer, through the sequence that it returns. What a unit does to the
    later units of its own layer counts as theirs. Over all positions and units it adds up to f(x) − f(baseline) where
    nothing goes past the layer. It is computed by differences, Σ gradient · (y_k − y_{k−1}) (Shrikumar, Su and Kundaje
    2018), whose sum over the way is exact where the rest of the network is linear.

    ``heatmap`` is (B, T', K) over positions and units; (B, 1, K) for a layer without a time axis. If it has one, tokens
    get the sum over units in equal shares over each position's receptive field. If it has none, tokens get what they
    contribute through the layer.
    """

    name: ClassVar[str] = "layer_conductance"
    words: ClassVar[str] = "layer conductance (Dhamdhere, Sundararajan and Yan 2019)"

    steps: int = STEPS
    quadrature: str = RULE

    def attribute(self, question: "Question") -> Attribution:
        """Return the output conductance of a layer's units.

        Raises:
            UserError: there is no such layer, or the target does not follow from it.
        """
        from probe.explain.question.cut import LayerCut, alone

        value = self.layer_of(question)
        cut = LayerCut(value)
        scores, (units,) = conducted(question, cut, self.steps, self.quadrature)
        if units.ndim > 2 and question.points[0].ndim > 2:
            positions = units.reshape(*units.shape[:2], -1).sum(axis=2)
            tokens, notes = laid(question, value, positions, RECEPTIVE_FIELD)
            found = Attribution(scores, tokens, heatmap=units, notes=notes)
        else:
            found = of_parts(scores, passed(question, cut, self.steps, self.quadrature, [np.ones(1, bool)]))
        check = completeness(question, scores, (units,)) if alone(question, value) else None
        past = () if check else ("not everything goes through this layer: its conductance is not the whole score",)
        notes = self.told(question) + found.notes + past
        heatmap = units if units.ndim > 2 else units[:, None]
        return Attribution(scores, found.tokens, found.norms, found.parts, heatmap, check, notes)


def conducted(question: "Question", cut: "Cut", steps: int, quadrature: str, time: int = 0,
              ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the target (B,), and for each array at a cut the conductance of its numbers (B, …), float64.

    Args:
        question: about which examples, from where to where.
        cut, time: of :mod:`probe.explain.question.cut`.
        steps, quadrature: intervals, and where in each the gradient is taken.
    """
    from probe.explain.question.cut import crossing

    sums: list[np.ndarray | float] = []
    last: list[tuple[np.ndarray, np.ndarray]] = []
    scores = np.zeros(question.size)
    for _, points, rows in along(question, np.linspace(0, 1, steps + 1)):
        found = crossing(question, cut, points, rows, time)
        scores = found.scores[-question.size:]
        both = [tuple(each.reshape(-1, question.size, *each.shape[1:]) for each in pair)
                for pair in zip(found.standing, found.slopes, strict=True)]
        if last:  # the interval from the last point of the stretch before
            both = [tuple(np.concatenate([old[None], new]) for old, new in zip(*pair, strict=True))
                    for pair in zip(last, both, strict=True)]
        last = [(standing[-1], slopes[-1]) for standing, slopes in both]
        terms = [(_ends(slopes, quadrature) * np.diff(standing, axis=0)).sum(axis=0) for standing, slopes in both]
        sums = [total + term for total, term in zip(sums or [0.0] * len(terms), terms, strict=True)]
    return scores, tuple(np.asarray(total) for total in sums)


def passed(question: "Question", cut: "Cut", steps: int, quadrature: str, chosen: list[np.ndarray], time: int = 0,
           ) -> tuple[np.ndarray, ...]:
    """Return what the input contributes through some of the numbers at a cut, for each place an array of its shape.

    Args:
        question, cut, steps, quadrature, time: as for :func:`conducted`.
        chosen: as for :func:`probe.explain.cut.through`.
    """
    from probe.explain.question.cut import through

    return integrated(question, quadrature, steps,
                      lambda points, rows: through(question, cut, chosen, points, rows, time))


def through_check(scores: np.ndarray, units: np.ndarray, parts: tuple[np.ndarray, ...]) -> Check:
    """Return the check that what tokens contribute through units is what these contribute (the chain rule)."""
    return Check("the contributions through the units add up to the units' conductance",
                 totals((units,)), totals(parts))


def _ends(slopes: np.ndarray, quadrature: str) -> np.ndarray:
    if quadrature == "trapezoid":
        return (slopes[1:] + slopes[:-1]) / 2
    return slopes[1:] if quadrature == "riemann_right" else slopes[:-1]
