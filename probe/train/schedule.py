"""How far a plan has come, when it ends, and the learning rate along it."""

import math

from probe.train.plan import PlanOptions


def progress(options: PlanOptions, steps_per_epoch: int | None, step: int, seconds: float) -> float:
    """Return the share of the plan that is done, in [0, 1]: the largest over its budgets.

    Args:
        options: with at least one budget.
        steps_per_epoch: updates in one pass over the training split; None for data without an end.
        step: updates made.
        seconds: time trained, all sittings together.
    """
    shares = [step / planned for planned in options.planned_steps(steps_per_epoch)]
    if options.minutes is not None:
        shares.append(seconds / (60 * options.minutes))
    return min(1.0, max(shares))


def seconds_left(options: PlanOptions, steps_per_epoch: int | None, step: int, seconds: float, pace: float) -> float:
    """Return the seconds to the end of the plan, which an early stop may bring nearer.

    Args:
        options, steps_per_epoch, step, seconds: as for :func:`progress`.
        pace: seconds that an update takes.
    """
    left = [(planned - step) * pace for planned in options.planned_steps(steps_per_epoch)]
    if options.minutes is not None:
        left.append(60 * options.minutes - seconds)
    return max(0.0, min(left))


def out_of_patience(options: PlanOptions, step: int, best_step: int | None) -> bool:
    """Return whether a training stops early after update ``step``, where it has just validated.

    Validations are counted by the updates between them, so that nothing must be remembered over a break but the step
    of the best one. The one at the end of a plan that was later extended does not count.

    Args:
        options: with ``patience`` and ``validate_every``.
        step: updates made.
        best_step: where the best validation was; None before the first.
    """
    every = options.validate_every
    if not options.patience or best_step is None or step % every:
        return False
    return step // every - best_step // every >= options.patience


def learning_rate(options: PlanOptions, done: float, step: int) -> float:
    """Return the learning rate of update ``step`` (from 0) when the share ``done`` of the plan is behind.

    It rises linearly over ``warm_up`` updates and falls to a hundredth of its peak at the plan's end. A plan that is
    extended has come less far, so that its rate goes up again to where the longer plan would have it.
    """
    rise = min(1.0, (step + 1) / options.warm_up) if options.warm_up else 1.0
    fall = {"constant": 1.0, "linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2}[options.schedule]
    return options.learning_rate * rise * max(fall, 0.01)
