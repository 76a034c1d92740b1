"""A trained translator: asked for dates, and for what it read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import log_softmax

from probe.attention.dates import DateOptions
from probe.attention.translator.decoding import Decoder
from probe.attention.translator.network import TranslatorNetwork, in_few_sizes, trained_network
from probe.attention.translator.options import TranslatorOptions
from probe.attention.translator.run import TranslatorRun, whole_number
from probe.attention.translator.symbols import LONGEST, PADDING, TARGETS, Symbols, target_ids, written
from probe.attention.translator.translation import Translation, listed
from probe.errors import UserError
from probe.files import read_bundle, read_manifest, restore_folder, whole_folder, write_bundle, write_manifest
from probe.model.checkpoint import Checkpoint
from probe.model.engine import keras, tf
from probe.model.weights import weight_names

KIND, VERSION = "translator", 1
MANIFEST, WEIGHTS = "translator.json", "weights.safetensors"
SHIPPED = Path(__file__).parents[1] / "shipped"
# Texts that are searched at once, and characters with their padding that are read at once: each takes memory.
AT_ONCE, LARGEST = 256, 1 << 15


@dataclass(frozen=True)
class Reading:
    """What a network made of rows of texts and outputs.

    Attributes:
        log_probabilities: (B, T) float64 nats of each character of the output and of its end, 0 at padding.
        weights: (B, T, S) float64, the attention of each character of the output; rows sum to one, padding is zero.
            Of an empty text all are zero.
    """

    log_probabilities: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Translator:
    """A network that knows dates.

    Attributes:
        model: in Keras' own layers, from ids to probabilities.
        symbols: the characters that it knows.
        dates: which dates it was trained on.
        options: the architecture.
        origin: JSON values: where it comes from, how long it was trained.
    """

    model: keras.Model
    symbols: Symbols
    dates: DateOptions
    options: TranslatorOptions
    origin: Mapping[str, Any]

    @classmethod
    def open(cls, path: str | Path | None = None, checkpoint: str | int = "best") -> "Translator":
        """Open a translator.

        Args:
            path: a run of ``probe dates train``, or a folder that :meth:`save` wrote. Defaults to the translator that
                comes with probe.
            checkpoint: of a run: ``"best"``, ``"latest"`` or a step.

        Raises:
            UserError: missing, damaged, or something else.
        """
        path = SHIPPED if path is None else Path(path)
        restore_folder(path)
        if (path / "run.json").exists():
            return cls.of_run(TranslatorRun.open(path), checkpoint)
        if not (path / MANIFEST).exists():
            raise UserError(f"{path}: neither a run of 'probe dates train' nor a translator that was saved; it has no "
                            f"run.json and no {MANIFEST}")
        content = read_manifest(path / MANIFEST, KIND, VERSION)
        weights = read_bundle(path / WEIGHTS, content.get("sha256", ""))
        try:
            options, symbols = TranslatorOptions(**content["model"]), Symbols(content["characters"])
            dates, origin = DateOptions(**content["dates"]), dict(content["origin"])
            whole_number(origin["longest"])
            read = Checkpoint(whole_number(origin["step"]), weights, {}, np.empty(0), {})
            return cls(trained_network(options, symbols.sources, read), symbols, dates, options, origin)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path / MANIFEST}: not the description of a translator: {error!r:.120}") from error
        except UserError as error:
            raise UserError(f"{path / MANIFEST}: {error}") from error

    @classmethod
    def of_run(cls, run: TranslatorRun, checkpoint: str | int = "best") -> "Translator":
        """Return the translator that a run has trained."""
        read = run.checkpoint(checkpoint)
        origin = {"run": run.folder.name, "longest": run.longest, "step": read.step,
                  "seconds": read.position["seconds"], "training": dict(run.training), "versions": dict(run.versions)}
        return cls(run.network(read), run.symbols, run.dates, run.model_options, origin)

    def save(self, folder: str | Path, figures: Mapping[str, Any] | None = None) -> None:
        """Write the translator to ``folder``, whole or not at all, without what only a training needs.

        Args:
            folder: new, empty, or one that this method wrote.
            figures: JSON values that are kept with it, such as what a test measured.

        Raises:
            UserError: ``folder`` holds something else, or cannot be written.
        """
        folder = Path(folder)
        restore_folder(folder)
        strange = sorted({path.name for path in folder.iterdir()} - {MANIFEST, WEIGHTS}) if folder.is_dir() else []
        if strange:
            raise UserError(f"{folder}: holds {strange[0]}, and is no folder of a translator; name a new one")
        if folder.is_dir() and any(folder.iterdir()):
            read_manifest(folder / MANIFEST, KIND, VERSION)  # what has these names may be somebody else's
        arrays = {name: np.asarray(weight) for name, weight in zip(weight_names(self.model), self.model.weights,
                                                                   strict=True)}
        with whole_folder(folder) as aside:
            sha256 = write_bundle(aside / WEIGHTS, arrays)
            write_manifest(aside / MANIFEST, KIND, VERSION, {
                "model": asdict(self.options), "dates": asdict(self.dates), "characters": self.symbols.characters,
                "sha256": sha256, "origin": {**(figures or {}), **self.origin}})

    @cached_property
    def network(self) -> TranslatorNetwork:
        """The layers as the kernels of this machine compute them, in float32."""
        return TranslatorNetwork(self.model)

    def translate(self, texts: Sequence[str], beams: int = 5) -> list[Translation]:
        """Return what each text means.

        Args:
            texts: dates as people write them; at most 256 characters each.
            beams: prefixes that the search keeps; 1 is greedy.

        Raises:
            UserError: a text is too long to be a date, or ``texts`` is no list of strings.
        """
        texts = listed(texts)
        found: dict[int, Translation] = {}
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))  # so that little is padding
        while len(found) < len(texts):
            rows = _rows_at_once(len(texts[order[len(found)]]) * max(beams, 1))
            group = order[len(found):][:min(AT_ONCE, rows)]
            found |= zip(group, self._translated([texts[place] for place in group], beams), strict=True)
        return [found[place] for place in range(len(texts))]

    def read(self, source: np.ndarray, outputs: Sequence[str]) -> Reading:
        """Return how likely outputs are, and what the network attends to while it writes them.

        Args:
            source: (B, S) ids, from ``symbols.source_ids``, padded at the right.
            outputs: B of them.
        """
        given, wanted = target_ids(outputs)
        logits, weights = np.empty((*wanted.shape, TARGETS)), np.empty((*wanted.shape, source.shape[1]))
        rows = _rows_at_once(source.shape[1])
        for part in (slice(first, first + rows) for first in range(0, len(source), rows)):
            found = self._compiled(*(tf.constant(in_few_sizes(each[part])) for each in (source, given)))
            logits[part], weights[part] = (each[:len(source[part])] for each in found)
        likelihood = np.take_along_axis(log_softmax(logits, axis=-1), wanted[:, :, np.newaxis].astype(np.int64), -1)
        return Reading(np.where(wanted == PADDING, 0.0, likelihood[:, :, 0]), weights)

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(self.network)

    @cached_property
    def _compiled(self) -> Any:
        ids = tf.TensorSpec((None, None), tf.int32)
        return tf.function(self.network.logits, input_signature=[ids, tf.TensorSpec((None, LONGEST), tf.int32)],
                           autograph=False)

    def _translated(self, texts: Sequence[str], beams: int) -> list[Translation]:
        source = self.symbols.source_ids(texts)
        found = self._decoder.outputs(source, beams)
        rows = np.repeat(np.arange(len(texts)), [len(each) for each in found])
        outputs = [written(ids) for each in found for ids in each]
        likelihood = np.exp(self.read(source[rows], outputs).log_probabilities.sum(axis=1))
        answers: list[list[tuple[str, float]]] = [[] for _ in texts]
        for row, output, probability in zip(rows, outputs, likelihood.tolist(), strict=True):
            answers[row].append((output, probability))
        return [Translation(text, tuple(sorted(each, key=lambda pair: -pair[1])),
                            "".join(self.symbols.unknown(text)), self.origin["longest"])
                for text, each in zip(texts, answers, strict=True)]


def _rows_at_once(width: int) -> int:
    """A power of two, so many that they have at most ``LARGEST`` characters of a width; or one."""
    return 1 << max(0, (LARGEST // max(1, width)).bit_length() - 1)
