"""How a character model is trained, and for how long."""

from dataclasses import dataclass

from probe.errors import UserError
from probe.options import option
from probe.train.plan import PlanOptions


@dataclass(frozen=True)
class TrainOptions(PlanOptions):
    """One training. It ends when the first of its budgets (epochs, steps, minutes) or its patience is used up."""

    epochs: float | None = option(None, "budget: passes over the training split", above=0, maximum=1e9, extends=True)
    objective: str = option("next", "predict every next character of contiguous streams, or as the article does "
                            "the one character after each window", choices=("next", "last"))
    batch: int = option(16, "streams, or windows, in one update", minimum=1, maximum=2**20)
    length: int = option(50, "characters of a stream in one update, or of a window", minimum=1, maximum=2**20)
    reset_every: int = option(2000, "characters after which, on average, a stream's state is reset to zero, so that "
                              "the network also learns to read from there; 0 never", minimum=0)
    validate_characters: int = option(200_000, "most characters read by one validation, always the same", minimum=1000)
    devices: int = option(1, "GPUs, or without a GPU logical CPU devices, among which the streams of a batch are "
                          "divided", minimum=1, maximum=256, extends=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.devices > self.batch:
            raise UserError(f"--devices must be at most --batch, {self.batch}; received {self.devices}")

    @property
    def budgets(self) -> dict[str, float]:
        return ({} if self.epochs is None else {"epochs": self.epochs}) | super().budgets

    def planned_steps(self, steps_per_epoch: int | None) -> list[int]:
        epochs = [] if self.epochs is None else [max(1, round(self.epochs * (steps_per_epoch or 0)))]
        return epochs + super().planned_steps(steps_per_epoch)
