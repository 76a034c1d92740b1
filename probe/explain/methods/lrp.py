"""Layer-wise relevance propagation: the score goes back through the network and is shared at each sum."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probe.errors import UserError
from probe.explain.attribution import Attribution, Check, of_parts, totals
from probe.explain.method import Method
from probe.explain.rules.ledger import Ledger
from probe.explain.rules.sharing import AlphaBetaSharing, GammaSharing, Sharing
from probe.options import option

if TYPE_CHECKING:
    from probe.explain.question.question import Question

BIASES = ("absorb", "inputs")


@dataclass(frozen=True, eq=False)
class Conservation(Check):
    """The law of LRP: nothing is lost and nothing is made.

    Attributes:
        taken: who received relevance, ``"inputs"`` and the names of :data:`probe.explain.rules.ledger.TAKERS` → (B,)
            float64, whose sum is ``found``.
    """

    taken: Mapping[str, np.ndarray]

    def told(self, row: int) -> tuple[str, ...]:
        """Say who received how much of one example's relevance."""
        told = ", ".join(f"{name} {taken[row]:.3g}" for name, taken in self.taken.items()
                         if name == "inputs" or taken[row] != 0)
        return (f"of the relevance {self.expected[row]:.3g}, these received: {told}",)


@dataclass(frozen=True)
class Lrp(Method):
    """What all LRP methods share.

    Relevance starts as the score and passes through activations; a maximum hands it to the largest entry; layers with
    weights share it by the method's rule, other sums (averages, normalisation by fixed numbers, Add) and the sums
    inside recurrent layers by the ε-rule. Where a gate multiplies a signal, the signal takes all.

    ε is a number of its own, not relative to the sums: small enough by default to leave digits alone. In recurrent
    networks, where sums near 0 are many, Arras et al. use 0.001.
    """

    bias: str = option("absorb", "what becomes of the relevance of biases and ε: they absorb it, or the inputs of the "
                                 "sum share it equally", choices=BIASES)
    epsilon: float = option(1e-7, "ε, by which sums are moved away from 0; a larger one is smoother", minimum=0)

    @abstractmethod
    def sharing(self, ledger: Ledger) -> Sharing:
        """Return the rule for layers with weights."""

    def attribute(self, question: "Question") -> Attribution:
        """Return the relevance of each number of the input; the check tells who else received some.

        Raises:
            UserError: a function of the outputs is asked for, or a layer has no rule; the message names it.
        """
        from probe.explain.rules.bidirectional import Bidirectional  # and TensorFlow, which settings do without
        from probe.explain.rules.recurrent import Recurrent
        from probe.explain.rules.walk import walk

        if question.target.function is not None:
            raise UserError(f"{self.name}: explains an entry of the output; received a function of the outputs")
        ledger = Ledger(question.size)
        sharing = self.sharing(ledger)
        there = walk(question, question.points, self.refusal, products=None)
        parts, elsewhere = there.back(there.entries, lambda number, rule, given:
                                      rule.relevance(there.visits[number], given, sharing))
        states = {value for visit, rule in zip(there.visits, there.rules, strict=True)
                  if isinstance(rule, Recurrent | Bidirectional) for value in visit.step.reads[1:]}
        for value, relevance in elsewhere.items():
            ledger.add("initial state" if value in states else "other inputs", relevance)
        taken = {"inputs": totals(parts), **ledger.taken}
        law = "conservation: inputs + biases + ε + initial state + other inputs + leak add up to the score"
        check = Conservation(law, there.entries, np.sum(list(taken.values()), axis=0), taken)
        notes = self._notes(question, taken, any(isinstance(rule, Recurrent | Bidirectional) for rule in there.rules))
        return of_parts(there.entries + question.target.shift, parts, check, notes)

    def _notes(self, question: "Question", taken: Mapping[str, np.ndarray], recurrent: bool) -> tuple[str, ...]:
        notes = []
        if recurrent and self.name != "lrp_epsilon":
            notes.append("recurrent layers follow the ε-rule")
        if question.target.shift.any():
            notes.append("the score is 1 − p; the 1 is nobody's, and relevance is that of −p")
        if taken["leak"].any():
            notes.append("the leak reached neither inputs nor biases: sums had no summand of the sign that takes it")
        return tuple(notes)


@dataclass(frozen=True)
class LrpEpsilon(Lrp):
    """The ε-rule in every layer (Bach et al. 2015); through recurrent layers after Arras et al. 2017."""

    name: ClassVar[str] = "lrp_epsilon"
    words: ClassVar[str] = "layer-wise relevance propagation, ε-rule (Bach et al. 2015, Arras et al. 2017)"

    def sharing(self, ledger: Ledger) -> Sharing:
        return Sharing(self.epsilon, self.bias == "inputs", ledger)


@dataclass(frozen=True)
class LrpGamma(Lrp):
    """The γ-rule in layers with weights, the ε-rule elsewhere."""

    name: ClassVar[str] = "lrp_gamma"
    words: ClassVar[str] = "layer-wise relevance propagation, γ-rule (Montavon et al. 2019)"
    gamma: float = option(0.25, "γ, by which what is favoured counts more", minimum=0)
    favour: str = option("summands", "what counts more: summands of the sign that their sum has, or weights above "
                                     "0, which is the same between ReLUs", choices=("summands", "weights"))

    def sharing(self, ledger: Ledger) -> Sharing:
        by_weights = self.favour == "weights"
        return GammaSharing(self.epsilon, self.bias == "inputs", ledger, self.gamma, by_weights)


@dataclass(frozen=True)
class LrpAlphaBeta(Lrp):
    """The αβ-rule in layers with weights, with β = α − 1, the ε-rule elsewhere."""

    name: ClassVar[str] = "lrp_alpha_beta"
    words: ClassVar[str] = "layer-wise relevance propagation, αβ-rule (Bach et al. 2015)"
    alpha: float = option(2.0, "α, the part of the summands above 0; those below take β = α − 1, negated", minimum=1)

    def sharing(self, ledger: Ledger) -> Sharing:
        return AlphaBetaSharing(self.epsilon, self.bias == "inputs", ledger, self.alpha)
