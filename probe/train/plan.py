"""For how long a network is trained, and by which recipe: what every training shares, whatever it trains."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from probe.errors import UserError
from probe.model.options import PRECISIONS, kernel_option
from probe.model.training_folder import TrainingFolder
from probe.options import Options, option


@dataclass(frozen=True)
class PlanOptions(Options):
    """One training. It ends when the first of its budgets or its patience is used up."""

    steps: int | None = option(None, "budget: updates of the weights", minimum=1, maximum=2**31 - 1, extends=True)
    minutes: float | None = option(None, "budget: minutes of training, all sittings together", above=0, maximum=1e7,
                                   extends=True)
    batch: int = option(16, "examples in one update", minimum=1, maximum=2**20)
    learning_rate: float = option(0.008, "peak learning rate of Adam", above=0, maximum=1000)
    schedule: str = option("cosine", "how the learning rate falls over the whole plan",
                           choices=("cosine", "linear", "constant"))
    warm_up: int = option(50, "updates over which the learning rate rises from zero", minimum=0)
    clip: float = option(1.0, "largest norm of the gradient; larger ones are scaled down; 0 turns this off", minimum=0,
                         maximum=1e30)
    validate_every: int = option(250, "updates between validations, each followed by a checkpoint", minimum=1)
    patience: int = option(0, "stop early after so many validations without a better one; 0 never", minimum=0,
                           extends=True)
    log_every: int = option(50, "updates between lines of the log", minimum=1)
    save_minutes: float = option(5.0, "minutes between checkpoints, if no validation comes before", above=0,
                                 extends=True)
    keep_every: int = option(0, "updates between checkpoints that are kept for good, the first of them the untrained "
                             "network; 0 keeps the newest two and the best", minimum=0, extends=True)
    tensorboard: bool = option(False, "also write the log as TensorBoard reads it, to RUN/tensorboard", extends=True)
    seed: int = option(0, "of the initial weights, the order of the data, and dropout", minimum=0, maximum=2**31 - 1)
    kernel: str = kernel_option(extends=True)
    precision: str = option("auto", "of the operands of the LSTMs' matrix products, weights stay float32: auto takes "
                            "bfloat16 on processors that multiply it, with the fused kernel, else float32",
                            choices=PRECISIONS, extends=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kernel != "auto":
            check_precision(self.precision, self.kernel)

    @classmethod
    def of(cls, run: TrainingFolder) -> Self:
        """Return the options that a run was trained with.

        Raises:
            UserError: its ``run.json`` holds others.
        """
        try:
            return cls(**run.training)
        except (TypeError, UserError) as error:
            raise UserError(f"{run.folder}: its run.json does not say how it was trained: {error}") from error

    @property
    def budgets(self) -> dict[str, float]:
        """What ends the training, by its name in the plural: ``{"steps": 3000}``."""
        return {name: value for name in ("steps", "minutes") if (value := getattr(self, name)) is not None}

    def planned_steps(self, steps_per_epoch: int | None) -> list[int]:
        """Return the budgets that are counted in updates.

        Args:
            steps_per_epoch: updates in one pass over the training split; None for data without an end.
        """
        return [] if self.steps is None else [self.steps]


def check_precision(precision: str, kernel: str, units: int = 2) -> None:
    """Raise :class:`UserError` if ``kernel``, named or chosen, does not compute ``units`` units in ``precision``."""
    if precision == "bfloat16" and kernel != "fused":
        raise UserError(f"--precision {precision} is computed by the fused kernel alone, and this is {kernel}; "
                        "give --kernel fused, or --precision float32")
    if precision == "bfloat16" and units % 2:
        raise UserError(f"--precision {precision} needs an even number of units, and the network has {units}")


def extending_names(options: type[PlanOptions]) -> frozenset[str]:
    """Names of the options with which a training may go on changed; all others are part of what is being trained."""
    return frozenset(field.name for field in dataclasses.fields(options) if field.metadata.get("extends"))
