"""How a run stands, also while it is trained: read without a lock, and without what loads an engine."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from probe.corpus.corpus import IDS, MANIFEST
from probe.corpus.corpus import KIND as CORPUS_KIND
from probe.corpus.corpus import VERSION as CORPUS_VERSION
from probe.corpus.description import Description
from probe.errors import UserError
from probe.files import is_held, open_array, read_holder, read_manifest
from probe.model.checkpoint import checkpoint_steps, newest_position
from probe.model.options import ModelOptions
from probe.model.run import Run
from probe.model.training_folder import TrainingFolder
from probe.train.options import TrainOptions
from probe.train.order import order_of
from probe.train.plan import PlanOptions
from probe.train.report import in_bits
from probe.train.schedule import out_of_patience, progress

ATTEMPTS = 5


@dataclass(frozen=True)
class TrainingStatus(ABC):
    """How a run stands, whatever it trains.

    Attributes:
        folder: the run directory.
        state: of the last checkpoint: ``"finished"``, ``"stopped early"`` or ``"stopped"``.
        trainer: the process that is training it now, None if there is none.
        last_trainer: one that signed for it elsewhere and of which this host cannot tell whether it is at work; None
            if there is none.
        training: plan and recipe.
        done: share of the plan behind, in [0, 1].
        step, seconds: updates and time behind. They are of the last line of the log, which may be ahead of the last
            checkpoint.
        best: step of the best validation, its loss in nats and bits a character; None before the first.
        checkpoints: steps that are on disk.
        kernel, precision, device: by which, in which and where the last sitting computes; None before the first update.
        sittings: how often it was started.
        versions: at the start.
    """

    folder: Path
    state: str
    trainer: str | None
    last_trainer: str | None
    training: PlanOptions
    done: float
    step: int
    seconds: float
    best: Mapping[str, float] | None
    checkpoints: tuple[int, ...]
    kernel: str | None
    precision: str | None
    device: str | None
    sittings: int
    versions: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read how the run in ``folder`` stands.

        Raises:
            UserError: it is not a run of this kind, or what describes it is damaged.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return cls._read(folder)
            except UserError:
                if not (folder / "run.json").exists():
                    raise
        return cls._read(folder)  # a training that goes on, or starts anew, may have replaced what was being read

    @classmethod
    @abstractmethod
    def _read(cls, folder: Path) -> Self: ...

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return asdict(self) | {"folder": str(self.folder)}


@dataclass(frozen=True)
class RunStatus(TrainingStatus):
    """How the run of a character model stands.

    Attributes:
        text: where the text came from: name, characters, language and more, as ``Corpus.source`` has it.
        vocabulary: number of characters known.
        network: the architecture.
        epochs: passes over the training split behind.
    """

    text: Mapping[str, Any]
    vocabulary: int
    network: ModelOptions
    epochs: float

    @classmethod
    def _read(cls, folder: Path) -> Self:
        run = Run.open(folder)
        corpus = read_manifest(folder / "corpus" / MANIFEST, CORPUS_KIND, CORPUS_VERSION)
        training = TrainOptions.of(run)
        try:
            made = Description.of(corpus)
        except UserError as error:
            raise UserError(f"{folder}: not described as this probe describes a run: {error}") from error
        except (TypeError, KeyError, ValueError) as error:
            raise UserError(f"{folder}: not described as this probe describes a run: {error!r:.200}") from error
        text = {**made.source, "language": made.language}
        ids = open_array(folder / "corpus" / IDS)
        if ids.shape != (text["characters"],):
            raise UserError(f"{folder / 'corpus' / IDS}: damaged: of shape {ids.shape}, and {text['characters']} "
                            f"characters are described in {MANIFEST}")
        per_epoch = order_of(ids[made.splits.train.start:made.splits.train.stop], training).steps_per_epoch
        shared = standing_of(run, training, per_epoch)
        return cls(**shared, text=text, vocabulary=len(made.vocabulary), network=run.model_options,
                   epochs=shared["step"] / per_epoch)


def standing_of(run: TrainingFolder, training: PlanOptions, steps_per_epoch: int | None) -> dict[str, Any]:
    """Return the fields of :class:`TrainingStatus`.

    Args:
        run: which run.
        training: its plan.
        steps_per_epoch: updates in one pass over the data; None for data without an end.

    Raises:
        UserError: the plan has no end, or the log or the list of sittings is damaged.
    """
    if not training.budgets:
        raise UserError(f"{run.folder}: not described as this probe describes a run: its plan has no end")
    position, log, sittings = newest_position(run.folder, run.identity) or {}, run.log, run.sittings
    begun: dict[str, Any] = {"step": 0, "seconds": 0.0}
    places = [begun, dict(position), *map(dict, log[-1:])]
    last = begun | max(places, key=lambda place: place.get("step", 0))
    best, sitting = position.get("best"), sittings[-1] if sittings else {}
    done = progress(training, steps_per_epoch, last["step"], last["seconds"])
    early = done < 1 and out_of_patience(training, last["step"], best["step"] if best else None)
    trainer, last_trainer = _trainers(run.folder)
    return {
        "folder": run.folder, "trainer": trainer, "last_trainer": last_trainer,
        "state": ("stopped early" if early else "finished") if position.get("finished") else "stopped",
        "training": training, "done": done, "step": last["step"], "seconds": last["seconds"],
        "best": best and {"step": best["step"], "nats": best["loss"], "bits": in_bits(best["loss"])},
        "checkpoints": tuple(checkpoint_steps(run.folder)), "kernel": sitting.get("kernel"),
        "precision": sitting.get("precision"), "device": sitting.get("device"), "sittings": len(sittings),
        "versions": run.versions}


def runs_below(folder: Path) -> list[Path]:
    """Return the run directories in ``folder`` and its folders, by name; links to folders are not followed."""
    found = []
    for parent, folders, files in os.walk(folder):
        if "run.json" in files:
            found.append(Path(parent))
            folders.clear()
    return sorted(found)


def _trainers(folder: Path) -> tuple[str | None, str | None]:
    """→ the process that is training, and one of which this host cannot tell."""
    holder = read_holder(folder)
    if holder is None:
        return None, None
    name, held = f"process {holder.pid} on {holder.host}", is_held(folder)
    return (name, None) if held else (None, None if holder.is_here and held is not None else name)
