"""How the run of a translator stands, also while it is trained, without what loads an engine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from probe.attention.dates import DateOptions
from probe.attention.translator.options import TranslatorOptions, TranslatorTrainOptions
from probe.attention.translator.run import TranslatorRun
from probe.train.status import TrainingStatus, standing_of


@dataclass(frozen=True)
class TranslatorStatus(TrainingStatus):
    """How the run of a date translator stands.

    Attributes:
        dates: on which it is trained.
        characters: number of characters known.
        network: the architecture.
        exact: share of the dates of the best validation that were wholly right; None before the first.
    """

    dates: DateOptions
    characters: int
    network: TranslatorOptions
    exact: float | None

    @classmethod
    def _read(cls, folder: Path) -> Self:
        run = TranslatorRun.open(folder)
        shared = standing_of(run, TranslatorTrainOptions.of(run), None)
        best = shared["best"] and shared["best"]["step"]
        exact = next((record["validation_exact"] for record in reversed(run.log)
                      if record["step"] == best and "validation_exact" in record), None)
        return cls(**shared, dates=run.dates, characters=len(run.symbols.characters), network=run.model_options,
                   exact=exact)
