"""Stepping through time in float64, as every recurrent layer of Keras does it."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Self

import numpy as np

from probe.model.legacy.config import Config
from probe.model.legacy.layer import Flow, Layer, check_numbers, check_steps, check_width

WEIGHTS = ("kernel", "recurrent_kernel", "bias")
ACTIVATIONS = ("activation", "recurrent_activation")

# (x (B, D), states (B, U) each) → states after the step; the first of them is the output.
Step = Callable[[np.ndarray, tuple[np.ndarray, ...]], tuple[np.ndarray, ...]]


class Recurrent(Layer):
    """A layer that steps through time; its dataclasses declare the settings: units, activations, and flags."""

    units: int
    return_sequences: bool
    go_backwards: bool
    use_bias: bool = True
    # At masked steps: the output of the step before, or zeros, as tf.keras' Bidirectional asks for.
    zero_output_for_mask: bool = False

    @classmethod
    def of(cls, config: Config) -> Self:
        config.only("return_state", False)
        config.only("time_major", False)
        settings: dict[str, Any] = {"units": config.size("units")}
        for field in fields(cls):
            if field.name in ACTIVATIONS:
                settings[field.name] = config.activation(field.name)
            elif field.type is bool:
                settings[field.name] = config.flag(field.name, bool(field.default))
        layer = cls(config.name, **settings)
        config.finish()
        return layer

    @property
    def weight_names(self) -> tuple[str, ...]:
        return WEIGHTS[:3 if self.use_bias else 2]

    def but(self, **settings: Any) -> Self:
        """Return the layer with other settings."""
        return replace(self, **settings)


def unrolled(layer: Recurrent, flow: Flow, step: Step, width: int, states: int) -> Flow:
    """Run the equations step by step from the zero state.

    Args:
        layer: its units, direction and what it returns.
        flow: (B, T, D) and perhaps a mask: at masked steps the state stays.
        step: the equations.
        width: the D that the weights are for.
        states: how many states of U numbers the layer has.

    Returns:
        (B, T, U) in the order in which the steps were read and the mask, or the last output (B, U).
    """
    check_steps(layer, flow.values)
    check_width(layer, flow.values, width)
    batch, steps, _ = flow.values.shape
    check_numbers(layer, batch, steps, layer.units)
    zero_masked = layer.zero_output_for_mask
    order = range(steps)[::-1] if layer.go_backwards else range(steps)
    current = (np.zeros((batch, layer.units)),) * states
    outputs = []
    for t in order:
        after = step(flow.values[:, t], current)
        if flow.mask is not None:
            live = flow.mask[:, t, None]
            after = tuple(np.where(live, new, old) for new, old in zip(after, current, strict=True))
        current = after
        outputs.append(np.where(live, current[0], 0) if zero_masked and flow.mask is not None else current[0])
    return Flow(np.stack(outputs, axis=1), flow.mask) if layer.return_sequences else Flow(outputs[-1])
