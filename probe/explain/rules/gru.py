"""The GRU: gates take no relevance, as in the LSTM; multipliers with products shared in halves."""

from typing import Any

import numpy as np

from probe.explain.rules.cell import Cell, Moment, States, middle, share_candidate, share_sum
from probe.explain.rules.sharing import Sharing

UPDATE, RESET, CANDIDATE = range(3)


class GRU(Cell):
    """h = z h⁻ + (1 − z) g with gates z and r, and a candidate g of x and h⁻.

    With ``reset_after`` g = tanh(x W + b + r (h⁻ R + b′)), otherwise g = tanh(x W + (r h⁻) R + b). Relevance of h goes
    to h⁻ and g by the ε-rule, and from g to x, h⁻ and the biases by the ε-rule; z and r take nothing.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__(layer)
        self.after = layer.reset_after
        both = self.bias if self.bias.ndim == 2 else np.stack([self.bias, np.zeros_like(self.bias)])
        self.bias, self.recurrent_bias = both

    def step(self, inputs: np.ndarray, before: States) -> tuple[States, dict[str, np.ndarray]]:
        hidden = before[0]
        entering, returning = inputs @ self.kernel + self.bias, hidden @ self.recurrent + self.recurrent_bias
        inner = {f"sum {name}": self.part(entering, number) + self.part(returning, number)
                 for name, number in (("z", UPDATE), ("r", RESET))}
        inner |= {name: self.applied(self.gate, inner[f"sum {name}"]) for name in ("z", "r")}
        inner["h⁻"], inner["back"] = hidden, self.part(returning, CANDIDATE)
        recurrent = self.part(self.recurrent, CANDIDATE)
        again = inner["r"] * inner["back"] if self.after else (inner["r"] * hidden) @ recurrent
        inner["sum g"] = self.part(entering, CANDIDATE) + again
        inner["g"] = self.applied(self.activation, inner["sum g"])
        return (inner["z"] * hidden + (1 - inner["z"]) * inner["g"],), inner

    def relevance(self, moment: Moment, given: States, sharing: Sharing) -> tuple[np.ndarray, States]:
        inner, hidden = moment.inner, moment.before[0]
        kept, new = share_sum((inner["z"] * hidden, (1 - inner["z"]) * inner["g"]), moment, given[0], sharing)
        kernels = self.part(self.kernel, CANDIDATE), self.part(self.recurrent, CANDIDATE)
        bias = self.part(self.bias, CANDIDATE)
        if self.after:
            bias = bias + inner["r"] * self.part(self.recurrent_bias, CANDIDATE)
        seen, scale = (hidden, inner["r"]) if self.after else (inner["r"] * hidden, None)
        inputs, back = share_candidate(moment, (moment.inputs, seen), kernels, bias, inner["sum g"], new, sharing,
                                       scale)
        return inputs, (kept + back,)

    def multipliers(self, moment: Moment, baseline: Moment, given: States) -> tuple[np.ndarray, States]:
        half = {name: middle(name, moment, baseline) for name in ("z", "r", "g", "h⁻", "back")}
        of_sum = given[0] * (1 - half["z"]) * self.rescaled(self.activation, "sum g", moment, baseline)
        recurrent = self.part(self.recurrent, CANDIDATE)
        of_hidden = given[0] * half["z"]
        if self.after:
            of_reset, of_back = of_sum * half["back"], of_sum * half["r"]
            of_hidden = of_hidden + of_back @ recurrent.T
        else:
            of_product = of_sum @ recurrent.T
            of_reset = of_product * half["h⁻"]
            of_hidden = of_hidden + of_product * half["r"]
        of_update = given[0] * (half["h⁻"] - half["g"]) * self.rescaled(self.gate, "sum z", moment, baseline)
        of_reset = of_reset * self.rescaled(self.gate, "sum r", moment, baseline)
        of_inputs = np.concatenate([of_update, of_reset, of_sum], axis=1) @ self.kernel.T
        of_gates = np.concatenate([of_update, of_reset], axis=1) @ self.recurrent[:, :2 * self.units].T
        return of_inputs, (of_hidden + of_gates,)
