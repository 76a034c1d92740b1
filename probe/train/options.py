"""How a network is trained, and for how long."""

import dataclasses
from dataclasses import dataclass

from probe.errors import UserError
from probe.model.options import PRECISIONS, kernel_option
from probe.options import Options, option


@dataclass(frozen=True)
class TrainOptions(Options):
    """One training. It ends when the first of its budgets (epochs, steps, minutes) or its patience is used up."""

    epochs: float | None = option(None, "budget: passes over the training split", above=0, maximum=1e9, extends=True)
    steps: int | None = option(None, "budget: updates of the weights", minimum=1, maximum=2**31 - 1, extends=True)
    minutes: float | None = option(None, "budget: minutes of training, all sittings together", above=0, maximum=1e7,
                                   extends=True)
    objective: str = option("next", "predict every next character of contiguous streams, or as the article does "
                            "the one character after each window", choices=("next", "last"))
    batch: int = option(16, "streams, or windows, in one update", minimum=1, maximum=2**20)
    length: int = option(50, "characters of a stream in one update, or of a window", minimum=1, maximum=2**20)
    reset_every: int = option(2000, "characters after which, on average, a stream's state is reset to zero, so that "
                              "the network also learns to read from there; 0 never", minimum=0)
    learning_rate: float = option(0.008, "peak learning rate of Adam", above=0, maximum=1000)
    schedule: str = option("cosine", "how the learning rate falls over the whole plan",
                           choices=("cosine", "linear", "constant"))
    warm_up: int = option(50, "updates over which the learning rate rises from zero", minimum=0)
    clip: float = option(1.0, "largest norm of the gradient; larger ones are scaled down; 0 turns this off", minimum=0,
                         maximum=1e30)
    validate_every: int = option(250, "updates between validations, each followed by a checkpoint", minimum=1)
    validate_characters: int = option(200_000, "most characters read by one validation, always the same", minimum=1000)
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
    devices: int = option(1, "GPUs, or without a GPU logical CPU devices, among which the streams of a batch are "
                          "divided", minimum=1, maximum=256, extends=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kernel != "auto":
            check_precision(self.precision, self.kernel)
        if self.devices > self.batch:
            raise UserError(f"--devices must be at most --batch, {self.batch}; received {self.devices}")


def check_precision(precision: str, kernel: str, units: int = 2) -> None:
    """Raise :class:`UserError` if ``kernel``, named or chosen, does not compute ``units`` units in ``precision``."""
    if precision == "bfloat16" and kernel != "fused":
        raise UserError(f"--precision {precision} is computed by the fused kernel alone, and this is {kernel}; "
                        "give --kernel fused, or --precision float32")
    if precision == "bfloat16" and units % 2:
        raise UserError(f"--precision {precision} needs an even number of units, and the network has {units}")


def extending_names() -> frozenset[str]:
    """Names of the options with which a training may go on changed; all others are part of what is being trained."""
    return frozenset(field.name for field in dataclasses.fields(TrainOptions) if field.metadata.get("extends"))
