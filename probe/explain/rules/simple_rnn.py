"""The simple recurrent layer."""

import numpy as np

from probe.explain.rules.cell import Cell, Moment, States, share_candidate
from probe.explain.rules.sharing import Sharing


class SimpleRNN(Cell):
    """h = tanh(x W + h⁻ R + b): the ε-rule, and the Rescale rule."""

    def step(self, inputs: np.ndarray, before: States) -> tuple[States, dict[str, np.ndarray]]:
        total = inputs @ self.kernel + before[0] @ self.recurrent + self.bias
        return (self.applied(self.activation, total),), {"sum": total}

    def relevance(self, moment: Moment, given: States, sharing: Sharing) -> tuple[np.ndarray, States]:
        inputs, hidden = share_candidate(moment, (moment.inputs, moment.before[0]), (self.kernel, self.recurrent),
                                         self.bias, moment.inner["sum"], given[0], sharing)
        return inputs, (hidden,)

    def multipliers(self, moment: Moment, baseline: Moment, given: States) -> tuple[np.ndarray, States]:
        of_sum = given[0] * self.rescaled(self.activation, "sum", moment, baseline)
        return of_sum @ self.kernel.T, (of_sum @ self.recurrent.T,)
