"""The directory of a training: its checkpoints, its log and its sittings, whatever it trains."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

import probe
from probe.errors import UserError
from probe.files import near_path, read_json, read_lines, read_manifest
from probe.model.checkpoint import Checkpoint, best_step, checkpoint_steps, newest_checkpoint, read_checkpoint
from probe.model.log import read_log

ATTEMPTS = 5
# What a run.json may describe: what was trained, the command that trains it, and commands that take it.
KINDS = {
    "run": ("a character model", "probe train TEXT", "probe sample, extract, scan and gallery"),
    "date translator": ("a date translator", "probe dates train",
                        "probe dates translate, map, test, diagnose and record"),
}


def read_description(folder: Path, kind: str, version: int) -> dict[str, Any]:
    """Return what the ``run.json`` of a run says.

    Args:
        folder: the run directory.
        kind: a key of :data:`KINDS`.
        version: format version.

    Raises:
        UserError: the folder is missing, no run, a run of another kind, or its ``run.json`` is damaged.
    """
    path, (trained, trains, _) = folder / "run.json", KINDS[kind]
    if not path.exists():
        if folder.is_file():
            raise UserError(f"{folder}: is a file, and a run is a folder that '{trains} --run FOLDER' makes")
        near = near_path(folder, ("run.json",)) or f"; '{trains} --run {folder}' makes one"
        raise UserError(f"{folder}: {'not a run: it has no run.json' if folder.exists() else 'no such run'}{near}")
    found = kind_of(folder)
    if found in KINDS and found != kind:
        theirs, _, takers = KINDS[found]
        raise UserError(f"{folder}: is the run of {theirs}, and that of {trained} is needed here; {takers} take it")
    return read_manifest(path, kind, version)


def kind_of(folder: Path) -> str:
    """Return what the ``run.json`` of a folder says that it describes, a key of :data:`KINDS` if it is a run; ``""`` if
    it does not tell."""
    try:
        manifest = read_json(folder / "run.json")
    except UserError:
        return ""
    kind = manifest.get("kind") if isinstance(manifest, dict) else None
    return kind if isinstance(kind, str) else ""


class TrainingFolder(ABC):
    """What every run has, of a character model or of another network.

    Attributes:
        folder: the directory, with ``run.json``, ``checkpoints/``, ``log.jsonl`` and ``sittings.jsonl``.
        identity: drawn at the start and kept in each checkpoint, so that one of another training is not taken for ours;
            None for a run of a probe that did not draw it yet.
        training: the options of the training as JSON values.
        versions: of what it was begun with.
        imported: where its first weights come from; None for one that began untrained.
    """

    folder: Path
    identity: str | None
    training: Mapping[str, Any]
    versions: Mapping[str, str]
    imported: Mapping[str, Any] | None

    @classmethod
    @abstractmethod
    def open(cls, folder: str | Path) -> Self:
        """Open an existing run.

        Raises:
            UserError: the folder is missing, is not a run of this kind, or its ``run.json`` is damaged.
        """

    @property
    def log_path(self) -> Path:
        """Where the log lies: one JSON record a line."""
        return self.folder / "log.jsonl"

    @property
    def sittings_path(self) -> Path:
        """Where the sittings are listed: one JSON record a line."""
        return self.folder / "sittings.jsonl"

    @property
    def sittings(self) -> list[dict[str, Any]]:
        """The sittings of the training, oldest first: from which step, when, on what device, by which kernel, with
        which versions."""
        return read_lines(self.sittings_path)

    @property
    def log(self) -> list[dict[str, Any]]:
        """The records of the log, oldest first."""
        return read_log(self.log_path)

    def checkpoint(self, which: str | int = "best") -> Checkpoint:
        """Read a checkpoint: ``"best"`` (lowest validation loss), ``"latest"`` or a step.

        Raises:
            UserError: no such checkpoint; the message lists those that are there.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return self._checkpoint(which)
            except UserError:
                if which != "best" and which != "latest":
                    raise
        return self._checkpoint(which)  # a training that goes on may have replaced what was being read

    def _checkpoint(self, which: str | int) -> Checkpoint:
        newest = newest_checkpoint(self.folder, self.identity)
        if newest is None:
            raise UserError(f"{self.folder}: has no checkpoint yet; train it first")
        if which == "latest":
            return newest
        best = best_step(newest.position)
        step = (newest.step if best is None else best) if which == "best" else which
        if step == newest.step:
            return newest
        steps = checkpoint_steps(self.folder)
        if step not in steps:
            raise UserError(f"{self.folder}: no checkpoint {which!r}; there are best, latest and steps {steps}")
        return read_checkpoint(self.folder, int(step), self.identity)


def versions() -> dict[str, str]:
    """Return the versions that a run records."""
    from probe.model.engine import keras, tf

    return {"python": sys.version.split()[0], "tensorflow": tf.__version__, "keras": keras.__version__,
            "numpy": np.__version__, "probe": probe.__version__}
