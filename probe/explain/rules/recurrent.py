"""A recurrent layer through time: masks, direction, sequences, states that come from outside."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from probe.explain.question.step import Step
from probe.explain.rules.cell import Cell, Moment, States
from probe.explain.rules.gru import GRU
from probe.explain.rules.lstm import LSTM
from probe.explain.rules.rule import Arrays, Rule, Visit
from probe.explain.rules.sharing import Sharing
from probe.explain.rules.simple_rnn import SimpleRNN
from probe.model.engine import keras

CELLS: Mapping[type, type[Cell]] = {
    keras.layers.LSTM: LSTM, keras.layers.GRU: GRU, keras.layers.SimpleRNN: SimpleRNN}
Masks = tuple[np.ndarray | None, ...]
# Goes back through the moment of a number: what is given to the states → that of the inputs, that of the states before.
Back = Callable[[int, States], tuple[np.ndarray, States]]


class Passage:
    """One layer in one direction over a batch.

    At masked steps Keras repeats states and output, or puts out zeros; before the first step that counts, it puts out
    zeros.

    Args:
        layer: a Keras LSTM, GRU or SimpleRNN.
        reads: (B, T, D), and the initial states if there are any.
        mask: (B, T) bool, or None.
    """

    def __init__(self, layer: Any, reads: Sequence[np.ndarray], mask: np.ndarray | None) -> None:
        self.layer, self.cell = layer, CELLS[type(layer)](layer)
        self.values, self.given_states = reads[0], len(reads) > 1
        examples, self.steps = reads[0].shape[:2]
        self.there = np.ones((examples, self.steps), bool) if mask is None else mask
        order = slice(None, None, -1) if layer.go_backwards else slice(None)
        self._in_order = self.there[:, order]
        states: States = tuple(reads[1:]) or (np.zeros((examples, self.cell.units)),) * self.cell.states
        begun, output = np.full(examples, self.given_states), np.zeros((examples, self.cell.units))
        self.moments: list[Moment] = []
        outputs = []
        for number, inputs in enumerate(np.moveaxis(reads[0][:, order], 1, 0)):
            seen = self._in_order[:, number, None]
            after, inner = self.cell.step(inputs, states)
            self.moments.append(Moment(inputs, states, inner, begun))
            states = tuple(np.where(seen, new, old) for new, old in zip(after, states, strict=True))
            output = np.where(seen, after[0], 0.0 if layer.zero_output_for_mask else output)
            begun = begun | seen[:, 0]
            outputs.append(output)
        sequence = np.stack(outputs, axis=1)
        self.writes: Arrays = (sequence if layer.return_sequences else output,)
        if layer.return_state:
            self.writes += states

    def relevance(self, given: Arrays, sharing: Sharing) -> Arrays:
        """Return the relevance of what was read; that of zeros which a text begins with is the initial state's.

        With equal shares it is shared by the steps that count, or by all if none does.
        """
        def back(number: int, states: States) -> tuple[np.ndarray, States]:
            return self.cell.relevance(self.moments[number], states, sharing)
        inputs, states, nowhere = self._back(given, back)
        constants = (nowhere,) if self.given_states else (nowhere, *states)
        counts = self.there | ~self.there.any(axis=1, keepdims=True)
        (inputs,) = sharing.of_constant("initial state", np.sum(constants, axis=(0, 2)), (inputs,), counts[:, :, None])
        return (inputs, *states) if self.given_states else (inputs,)

    def multipliers(self, baseline: "Passage", given: Arrays) -> Arrays:
        """Return the multipliers of what was read."""
        def back(number: int, states: States) -> tuple[np.ndarray, States]:
            return self.cell.multipliers(self.moments[number], baseline.moments[number], states)
        inputs, states, _ = self._back(given, back)
        return (inputs, *states) if self.given_states else (inputs,)

    def _back(self, given: Arrays, back: Back) -> tuple[np.ndarray, States, np.ndarray]:
        """Go back through time; also return what was given to zeros."""
        outputs, nothing = given[0], np.zeros((len(self.values), self.cell.units))
        states = given[1:] or (nothing,) * self.cell.states
        repeated = nowhere = nothing
        inputs = np.zeros_like(self.values)
        for number in reversed(range(self.steps)):
            seen = self._in_order[:, number, None]
            here = repeated
            if self.layer.return_sequences:
                here = here + outputs[:, number]
            elif number == self.steps - 1:
                here = here + outputs
            if self.layer.zero_output_for_mask:
                nowhere = nowhere + np.where(seen, 0.0, here)
                repeated = np.zeros_like(here)
            else:
                repeated = np.where(seen, 0.0, here)
            after = (states[0] + here, *states[1:])
            of_inputs, before = back(number, tuple(np.where(seen, state, 0.0) for state in after))
            position = self.steps - 1 - number if self.layer.go_backwards else number
            inputs[:, position] = of_inputs
            states = tuple(np.where(seen, new, old) for new, old in zip(before, states, strict=True))
        return inputs, states, nowhere + repeated


class Kept(Rule):
    """A rule of layers that go through time: what a visit keeps of the way there knows the way back."""

    def forward(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Arrays:
        return self.visit(step, reads, masks, written).writes

    def relevance(self, visit: Visit, given: Arrays, sharing: Sharing) -> Arrays:
        return visit.kept.relevance(given, sharing)

    def multipliers(self, visit: Visit, baseline: Visit, given: Arrays) -> Arrays:
        return visit.kept.multipliers(baseline.kept, given)

    @abstractmethod
    def visit(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Visit:
        """Go through the layer and keep the way."""


class Recurrent(Kept):
    """LSTM, GRU and SimpleRNN."""

    def refused(self, step: Step, products: bool | None) -> str | None:
        return why_refused(step, step.layer, products)

    def visit(self, step: Step, reads: Arrays, masks: Masks, written: np.ndarray | None) -> Visit:
        passage = Passage(step.layer, reads, mask_used(reads, masks))
        return Visit(step, reads, passage.writes, masks, written, passage)


def mask_used(reads: Arrays, masks: Masks) -> np.ndarray | None:
    """Return the mask that Keras uses, which is none where a layer is called with initial states."""
    return masks[0] if len(reads) == 1 else None


def why_refused(step: Step, layer: Any, products: bool | None) -> str | None:
    """Return why a recurrent layer, or one direction of a step's, has no rule, or None."""
    args, kwargs = step.call
    if kwargs.get("mask") is not None or len(args) > 2:
        return "that is called with a mask has no rule"
    if type(layer) not in CELLS:
        return f"of {type(layer).__name__} has no rule"
    if layer.stateful:
        return "keeps its state from call to call, and has no rule"
    if products is False and CELLS[type(layer)] is not SimpleRNN:
        return "multiplies signals, which takes products=\"halves\" (lrp_epsilon has a rule for it)"
    return None
