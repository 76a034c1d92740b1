"""DeepLIFT: differences from a baseline go back through the network as multipliers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from probe.errors import UserError
from probe.explain.attribution import Attribution, complete, of_parts
from probe.explain.method import Method
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question
    from probe.explain.rules.rule import Arrays, Rule
    from probe.explain.rules.walk import Walk


@dataclass(frozen=True)
class DeepLift(Method):
    """The Rescale rule (Shrikumar, Greenside and Kundaje 2017, "Learning important features through propagating
    activation differences").

    A multiplier m says what a difference Δ from the baseline contributes: Σ m Δ is the same at every depth. It goes
    through linear layers by their weights, through activations by Δy / Δx, and through a maximum to its largest entry.
    The contribution of a number of the input is m Δ.

    The paper has no rule for products of two signals, which LSTM and GRU consist of. ``products="halves"`` gives each
    factor its difference times the mean of the other: Δ(ab) = Δa (b + b⁰)/2 + Δb (a + a⁰)/2, which adds up exactly:
    these are the Shapley values of two players. Nothing in it knows a gate from a signal.
    """

    name: ClassVar[str] = "deep_lift"
    words: ClassVar[str] = "DeepLIFT, Rescale rule (Shrikumar, Greenside and Kundaje 2017)"
    products: str = option("refuse", "products of two signals, as in LSTM and GRU: refuse or share in halves",
                           choices=("refuse", "halves"))

    def attribute(self, question: "Question") -> Attribution:
        """Return each number's multiplier times its difference from the baseline.

        Raises:
            UserError: a function of the outputs is asked for, or a layer has no rule, or multiplies signals without
                ``products="halves"``; the message names it.
        """
        from probe.explain.rules.walk import walk  # and TensorFlow, which settings do without

        if question.target.function is not None:
            raise UserError(f"{self.name}: explains an entry of the output; received a function of the outputs")
        halves = self.products == "halves"
        here = walk(question, question.points, self.refusal, halves)
        base = walk(question, question.baselines, self.refusal, halves, like=here)
        multipliers, _ = here.back(question.target.sign, lambda number, rule, given:
                                   _multipliers(here, base, number, rule, given))
        parts = tuple(each * (point - baseline) for each, point, baseline in
                      zip(multipliers, question.points, question.baselines, strict=True))
        return of_parts(here.entries + question.target.shift, parts, complete(here.entries - base.entries, parts),
                        _notes(base, halves))


def _notes(base: "Walk", halves: bool) -> tuple[str, ...]:
    from probe.explain.rules.unchanged import Masking

    notes = ["products of two signals were shared in halves"] if halves else []
    pairs = zip(base.rules, base.visits, strict=True)
    if any(isinstance(rule, Masking) and rule.moved(visit) for rule, visit in pairs):
        notes.append("the baseline was masked where the example is, and not by its own numbers")
    return tuple(notes)


def _multipliers(here: "Walk", base: "Walk", number: int, rule: "Rule", given: "Arrays") -> "Arrays":
    return rule.multipliers(here.visits[number], base.visits[number], given)
