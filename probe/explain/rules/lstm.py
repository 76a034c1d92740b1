"""The LSTM: relevance after Arras, Montavon, Müller and Samek (2017); multipliers with products shared in halves."""

import numpy as np

from probe.explain.rules.cell import Cell, Moment, States, middle, share_candidate, share_sum
from probe.explain.rules.sharing import Sharing

GATES = ("i", "f", "g", "o")
CANDIDATE = GATES.index("g")


class LSTM(Cell):
    """c = f c⁻ + i g and h = o tanh(c), with i, f, o = σ(z) and g = tanh(z), z = x W + h⁻ R + b.

    In a product of a gate and a signal the gate takes nothing and the signal takes all, so that relevance goes from h
    to c, from c to c⁻ and g by the ε-rule, and from g to x, h⁻ and b by the ε-rule ("Explaining recurrent neural
    network predictions in sentiment analysis", their section on LRP in recurrent networks).
    """

    states = 2

    def step(self, inputs: np.ndarray, before: States) -> tuple[States, dict[str, np.ndarray]]:
        sums = inputs @ self.kernel + before[0] @ self.recurrent + self.bias
        inner = {f"z_{gate}": self.part(sums, number) for number, gate in enumerate(GATES)}
        for gate in GATES:
            inner[gate] = self.applied(self.activation if gate == "g" else self.gate, inner[f"z_{gate}"])
        inner["c⁻"], inner["c"] = before[1], inner["f"] * before[1] + inner["i"] * inner["g"]
        inner["tanh c"] = self.applied(self.activation, inner["c"])
        return (inner["o"] * inner["tanh c"], inner["c"]), inner

    def relevance(self, moment: Moment, given: States, sharing: Sharing) -> tuple[np.ndarray, States]:
        inner = moment.inner
        kept, new = share_sum((inner["f"] * inner["c⁻"], inner["i"] * inner["g"]), moment, given[0] + given[1], sharing)
        kernels = self.part(self.kernel, CANDIDATE), self.part(self.recurrent, CANDIDATE)
        inputs, hidden = share_candidate(moment, (moment.inputs, moment.before[0]), kernels,
                                         self.part(self.bias, CANDIDATE), inner["z_g"], new, sharing)
        return inputs, (hidden, kept)

    def multipliers(self, moment: Moment, baseline: Moment, given: States) -> tuple[np.ndarray, States]:
        half = {name: middle(name, moment, baseline) for name in (*GATES, "c⁻", "tanh c")}
        of_cell = given[1] + given[0] * half["o"] * self.rescaled(self.activation, "c", moment, baseline)
        of_gates = {"i": of_cell * half["g"], "f": of_cell * half["c⁻"], "g": of_cell * half["i"],
                    "o": given[0] * half["tanh c"]}
        of_sums = np.concatenate([
            of_gates[gate] * self.rescaled(self.activation if gate == "g" else self.gate, f"z_{gate}", moment, baseline)
            for gate in GATES], axis=1)
        return of_sums @ self.kernel.T, (of_sums @ self.recurrent.T, of_cell * half["f"])
