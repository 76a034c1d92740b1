"""A run of a translator: the directory of one training."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from probe.attention.dates import DateOptions, DateTexts
from probe.attention.translator.options import TranslatorOptions
from probe.attention.translator.symbols import Symbols
from probe.errors import UserError
from probe.files import write_manifest
from probe.model.checkpoint import Checkpoint
from probe.model.training_folder import TrainingFolder, read_description, versions

if TYPE_CHECKING:
    from probe.model.engine import keras

KIND, VERSION = "date translator", 1


@dataclass(frozen=True)
class TranslatorRun(TrainingFolder):
    """One training of a translator: its dates, its network, checkpoints and log.

    Attributes:
        folder: the run directory, with ``run.json``, ``checkpoints/`` and ``log.jsonl``.
        dates: which dates it is trained on.
        model_options: the architecture.
        training: the options of the training as JSON values.
        symbols: the characters that it knows.
        longest: characters of the longest text that holds one of its dates.
        digest: of all that its dates are written as.
        versions: of Python, TensorFlow, Keras, numpy, Babel and probe at the start.
        identity: drawn at the start and kept in each checkpoint.
        imported: None, since every translator begins untrained.
    """

    folder: Path
    dates: DateOptions
    model_options: TranslatorOptions
    training: Mapping[str, Any]
    symbols: Symbols
    longest: int
    digest: str
    versions: Mapping[str, str]
    identity: str | None = None
    imported: Mapping[str, Any] | None = None

    @classmethod
    def begin(cls, folder: str | Path, dates: DateOptions, model_options: TranslatorOptions,
              training: Mapping[str, Any], texts: DateTexts) -> "TranslatorRun":
        """Make a new run in a folder.

        Args:
            folder: the run directory.
            dates, model_options, training: as the attributes.
            texts: of these dates.
        """
        run = cls(Path(folder), dates, model_options, training, Symbols(texts.characters), texts.longest, texts.digest,
                  {**versions(), "babel": version("babel")}, secrets.token_hex(16))
        run.save()
        return run

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open an existing run.

        Raises:
            UserError: the folder is missing, is not a run of a translator, or its ``run.json`` is damaged.
        """
        content = read_description(Path(folder), KIND, VERSION)
        try:
            return cls(Path(folder), DateOptions(**content["dates"]), TranslatorOptions(**content["model"]),
                       dict(content["training"]), Symbols(content["characters"]), whole_number(content["longest"]),
                       str(content["digest"]), dict(content["versions"]), content["identity"])
        except (TypeError, KeyError, ValueError) as error:
            raise UserError(f"{folder}: its run.json is not the configuration of a translator's run: "
                            f"{error!r:.120}") from error
        except UserError as error:
            raise UserError(f"{folder}: its run.json is not the configuration of a translator's run: "
                            f"{error}") from error

    def save(self) -> None:
        """Write the configuration."""
        write_manifest(self.folder / "run.json", KIND, VERSION, {
            "dates": asdict(self.dates), "model": asdict(self.model_options), "training": dict(self.training),
            "characters": self.symbols.characters, "longest": self.longest, "digest": self.digest,
            "versions": dict(self.versions), "identity": self.identity})

    def network(self, checkpoint: str | int | Checkpoint = "best") -> "keras.Model":
        """Return the Keras network with the weights of a checkpoint: ``"best"``, ``"latest"``, a step, or one read."""
        from probe.attention.translator.network import trained_network

        if not isinstance(checkpoint, Checkpoint):
            checkpoint = self.checkpoint(checkpoint)
        try:
            return trained_network(self.model_options, self.symbols.sources, checkpoint)
        except UserError as error:
            raise UserError(f"{self.folder}: {error}") from error


def whole_number(value: Any) -> int:
    """Return a JSON value that must be a whole number from 0.

    Raises:
        ValueError: it is something else.
    """
    if type(value) is not int or value < 0:
        raise ValueError(f"a whole number is needed; received {value!r:.40}")
    return value
