"""Runs that were trained for a moment: what is read of them is held against the equations, whatever they learned."""

from pathlib import Path

from probe.model import ModelOptions, Run
from probe.model.engine import tf
from probe.train import TrainOptions, train


def trained(text: Path, folder: Path, options: ModelOptions, steps: int = 2) -> Run:
    """Return a run after so few steps that compiling them would cost more than they do."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        plan = TrainOptions(steps=steps, batch=4, length=20, validate_every=steps, learning_rate=0.01)
        return train(text, folder, options, plan, show=False)
    finally:
        tf.config.run_functions_eagerly(before)
