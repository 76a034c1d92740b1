"""How far a plan has come, and the learning rate there."""

import math

from probe.train.options import TrainOptions


def progress(options: TrainOptions, steps_per_epoch: int, step: int, seconds: float) -> float:
    """Return the share of the plan that is done, in [0, 1]: the largest over its budgets.

    Args:
        options: with at least one budget.
        steps_per_epoch: updates in one pass over the training split.
        step: updates made.
        seconds: time trained, all sittings together.
    """
    shares = []
    if options.epochs is not None:
        shares.append(step / max(1, round(options.epochs * steps_per_epoch)))
    if options.steps is not None:
        shares.append(step / options.steps)
    if options.minutes is not None:
        shares.append(seconds / (60 * options.minutes))
    return min(1.0, max(shares))


def learning_rate(options: TrainOptions, done: float, step: int) -> float:
    """Return the learning rate of update ``step`` (from 0) when the share ``done`` of the plan is behind.

    It rises linearly over ``warm_up`` updates and falls to a hundredth of its peak at the plan's end. A plan that is
    extended has come less far, so that its rate goes up again to where the longer plan would have it.
    """
    rise = min(1.0, (step + 1) / options.warm_up) if options.warm_up else 1.0
    fall = {"constant": 1.0, "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}[options.schedule]
    return options.learning_rate * rise * max(fall, 0.01)
