"""A run: the directory of one training, which can be copied to another machine and goes on there.

TensorFlow is imported where a network is made, so that looking at a run is quick.
"""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import probe
from probe.corpus import Corpus
from probe.errors import UserError
from probe.files import read_lines, read_manifest, write_manifest
from probe.model.checkpoint import Checkpoint, best_step, checkpoint_steps, newest_checkpoint, read_checkpoint
from probe.model.log import read_log
from probe.model.options import ModelOptions

if TYPE_CHECKING:
    from probe.model.char_lstm import CharLSTM

KIND = "run"
ATTEMPTS = 5
VERSION = 1


@dataclass(frozen=True)
class Run:
    """One training: its configuration, text, checkpoints and log.

    Attributes:
        folder: the run directory, with ``run.json``, ``corpus/``, ``checkpoints/`` and ``log.jsonl``.
        model_options: the architecture.
        training: the options of the training as JSON values; ``probe.train.TrainOptions(**training)``.
        versions: of Python, TensorFlow, Keras, numpy and probe at the start.
        imported: where its first weights come from, if 'probe import' made it; None for one that began untrained.
        identity: drawn at the start and kept in each checkpoint, so that one of another training is not taken for ours;
            None for a run of a probe that did not draw it yet.
    """

    folder: Path
    model_options: ModelOptions
    training: Mapping[str, Any]
    versions: Mapping[str, str]
    imported: Mapping[str, Any] | None = None
    identity: str | None = None

    @classmethod
    def begin(cls, folder: Path, model_options: ModelOptions, training: Mapping[str, Any],
              imported: Mapping[str, Any] | None = None) -> "Run":
        """Make a new run in a folder that holds ``corpus/`` already."""
        run = cls(folder, model_options, training, versions(), imported, secrets.token_hex(16))
        run.save()
        return run

    @classmethod
    def open(cls, folder: str | Path) -> "Run":
        """Open an existing run.

        Raises:
            UserError: the folder is missing, is not a run, or its ``run.json`` is damaged.
        """
        folder = Path(folder)
        if not (folder / "run.json").exists():
            raise UserError(f"{folder}: not a run: it has no run.json; 'probe train TEXT --run {folder}' makes one")
        content = read_manifest(folder / "run.json", KIND, VERSION)
        try:
            return cls(folder, ModelOptions(**content["model"]), content["training"], content["versions"],
                       content.get("imported"), content.get("identity"))
        except (TypeError, KeyError) as error:
            raise UserError(f"{folder / 'run.json'}: not the configuration of a run: {error}") from error

    def save(self) -> None:
        """Write the configuration; ``corpus/`` must be in the folder already."""
        content: dict[str, Any] = {"model": asdict(self.model_options), "training": dict(self.training),
                                   "versions": dict(self.versions)}
        if self.imported is not None:
            content["imported"] = dict(self.imported)
        if self.identity is not None:
            content["identity"] = self.identity
        write_manifest(self.folder / "run.json", KIND, VERSION, content)

    @cached_property
    def corpus(self) -> Corpus:
        """The text the run is trained on, with its vocabulary and splits."""
        return Corpus.open(self.folder / "corpus")

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

    def _repr_html_(self) -> str:
        """Return what a notebook shows: text, network, how far the training is, and the curve of its loss."""
        from probe.render.loss_curve import LossCurve
        from probe.render.notebook import stacked, table_fragment

        source, network, curve = self.corpus.source, self.model_options, LossCurve.of(self.log)
        steps = checkpoint_steps(self.folder)
        facts = [
            ("text", f"{source['name']}, {len(self.corpus):,} characters, {len(self.corpus.vocabulary)} distinct"),
            ("network", f"{network.layers} × {network.units}, dropout {network.dropout:g}, input {network.input}"),
            ("checkpoints", ", ".join(f"{step:,}" for step in steps) or "none"),
            ("versions", ", ".join(f"{name} {version}" for name, version in self.versions.items())),
        ]
        return stacked(table_fragment(("", ""), facts, f"Run {self.folder.resolve().name}"),
                       *([curve._repr_html_()] if curve else []))

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

    def model(self, checkpoint: str | int | Checkpoint = "best", *, kernel: str = "auto") -> "CharLSTM":
        """Return the network with the weights of a checkpoint.

        Args:
            checkpoint: as for :meth:`checkpoint`, or one already read.
            kernel: ``"auto"``, ``"cudnn"``, ``"fused"`` or ``"keras"``.
        """
        from probe.model.char_lstm import CharLSTM

        if not isinstance(checkpoint, Checkpoint):
            checkpoint = self.checkpoint(checkpoint)
        model = CharLSTM(self.model_options, len(self.corpus.vocabulary), kernel=kernel)
        load_weights(model, checkpoint)
        return model


def load_weights(model: "CharLSTM", checkpoint: Checkpoint) -> None:
    """Set the weights of ``model`` from ``checkpoint``.

    Raises:
        UserError: a weight is missing, unknown, or of another shape.
    """
    from probe.model.char_lstm import weight_names

    names = weight_names(model)
    if set(names) != set(checkpoint.weights):
        raise UserError(f"checkpoint of step {checkpoint.step}: holds the weights {sorted(checkpoint.weights)}, "
                        f"and this network has {sorted(names)}")
    for name, weight in zip(names, model.weights, strict=True):
        array = checkpoint.weights[name]
        if array.shape != tuple(weight.shape):
            raise UserError(f"checkpoint of step {checkpoint.step}: {name} has shape {array.shape}, "
                            f"and this network needs {tuple(weight.shape)}")
        weight.assign(array)


def versions() -> dict[str, str]:
    """Return the versions that a run records."""
    from probe.model.engine import keras, tf

    return {"python": sys.version.split()[0], "tensorflow": tf.__version__, "keras": keras.__version__,
            "numpy": np.__version__, "probe": probe.__version__}
