"""A run: the directory of one training, which can be copied to another machine and goes on there.

TensorFlow is imported where a network is made, so that looking at a run is quick.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from probe.corpus import Corpus
from probe.errors import UserError
from probe.files import write_manifest
from probe.model.checkpoint import Checkpoint, checkpoint_steps
from probe.model.options import ModelOptions
from probe.model.training_folder import TrainingFolder, read_description, versions
from probe.model.weights import load_weights

if TYPE_CHECKING:
    from probe.model.char_lstm import CharLSTM

KIND = "run"
VERSION = 1


@dataclass(frozen=True)
class Run(TrainingFolder):
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
    def begin(cls, folder: str | Path, model_options: ModelOptions, training: Mapping[str, Any],
              imported: Mapping[str, Any] | None = None) -> "Run":
        """Make a new run in a folder that holds ``corpus/`` already.

        Args:
            folder: the run directory.
            model_options, training, imported: as the attributes.
        """
        run = cls(Path(folder), model_options, training, versions(), imported, secrets.token_hex(16))
        run.save()
        return run

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open an existing run.

        Raises:
            UserError: the folder is missing, is not a run, or its ``run.json`` is damaged.
        """
        folder = Path(folder)
        content = read_description(folder, KIND, VERSION)
        try:
            imported, identity = content.get("imported"), content.get("identity")
            if not isinstance(identity, str | None):
                raise ValueError(f"its identity is {identity!r:.40}")
            return cls(folder, ModelOptions(**content["model"]), dict(content["training"]), dict(content["versions"]),
                       None if imported is None else dict(imported), identity)
        except UserError as error:
            raise UserError(f"{folder / 'run.json'}: not the configuration of a run: {error}") from error
        except (TypeError, KeyError, ValueError) as error:
            raise UserError(f"{folder / 'run.json'}: not the configuration of a run: {error!s:.200}") from error

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
