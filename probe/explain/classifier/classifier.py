"""A network that classifies texts, with all that is needed to ask it: how texts become ids, and what its labels are."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import UserError, quoted
from probe.explain.classifier.batch import Batch, Fitting
from probe.explain.classifier.probabilities import probabilities
from probe.explain.question.network import Network
from probe.explain.tokenizers import Encoded, Tokenizer, tokenizer_from_json
from probe.files import read_manifest, restore_folder, sha256_of, whole_folder, write_manifest
from probe.model.engine import keras, tf
from probe.model.imported import MANIFEST as NETWORK_MANIFEST
from probe.model.imported import ImportedNetwork

KIND, VERSION = "classifier", 1
MANIFEST, NETWORK = "classifier.json", "network"
KINDS = ("single", "multi", "binary")
MOST_LABELS = 10_000
# Texts that the network reads at once.
AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Classifier:
    """A Keras model that reads ids (B, T) and puts out one number a label.

    Attributes:
        model: with one input and one output; it may end in a softmax or sigmoid, or give logits.
        tokenizer: text → ids.
        labels: C different names, of the outputs; of one output its two sides, the second one for outputs near 1.
        kind: ``"single"``: each text has one label; ``"multi"``: any number of labels; ``"binary"``: one output, two
            labels.
        length, padding, truncation, pad_value: how texts are cut and filled up, see :class:`~probe.explain.Fitting`.
        notes: JSON values that are kept with it, such as what it was trained on and how well it does.

    Raises:
        UserError: model, labels and kind do not fit together.
    """

    model: keras.Model = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)
    labels: tuple[str, ...]
    kind: str = "single"
    length: int | None = None
    padding: str = "post"
    truncation: str = "end"
    pad_value: int = 0
    notes: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", _checked_labels(self.labels))
        if self.kind not in KINDS:
            raise UserError(f"kind must be one of {', '.join(KINDS)}; received {self.kind!r:.40}")
        if not isinstance(self.model, keras.Model) or len(self.model.inputs) != 1 or len(self.model.outputs) != 1:
            raise UserError(f"a classifier needs a Keras model with one input and one output; received "
                            f"{self.model!r:.80}")
        self.fitting  # noqa: B018  raises if it cannot be one
        shape = tuple(self.model.outputs[0].shape)
        needed = 1 if self.kind == "binary" else len(self.labels)
        if (self.kind == "binary" and len(self.labels) != 2) or shape != (None, needed):
            raise UserError(f"a classifier of the kind {self.kind!r} with {len(self.labels)} labels needs "
                            f"{'two labels and ' * (self.kind == 'binary')}outputs of the shape (None, {needed}); "
                            f"the model {self.model.name} has {shape}")

    @property
    def fitting(self) -> Fitting:
        """How texts are cut and filled up; the length is the model's if it takes one alone."""
        fitting = Fitting(**{each.name: getattr(self, each.name) for each in fields(Fitting)})
        steps = tuple(self.model.inputs[0].shape)[1:2]
        return replace(fitting, length=self.length or (steps[0] if steps else None))

    def encode(self, texts: Sequence[str]) -> Batch:
        """Return texts as the model takes them; how they are filled up depends on all of them unless a length is set.

        Raises:
            UserError: a text holds no token, or an id is beyond what the model knows; the message says which.
        """
        encoded = [self._encoded(text, place) for place, text in enumerate(_listed(texts))]
        return self._fitted(encoded, range(len(encoded)))

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each label, (B, C) float64; errors as in :meth:`encode`."""
        encoded = [self._encoded(text, place) for place, text in enumerate(_listed(texts))]
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place]))
        if self.fitting.length is None:  # texts of one length together: no padding depends on the company
            groups = [list(same) for _, same in groupby(order, key=lambda place: len(encoded[place]))]
        else:
            groups = [order[first:first + AT_ONCE] for first in range(0, len(order), AT_ONCE)]
        found = np.empty((len(encoded), len(self.labels)))
        for group in groups:
            found[group] = self.probabilities(self._fitted(encoded, group).ids)
        return found

    def probabilities(self, ids: np.ndarray) -> np.ndarray:
        """Return the probability of each label for ids (B, T), (B, C) float64."""
        try:
            outputs = np.asarray(self.model(tf.constant(ids, self.model.inputs[0].dtype), training=False), np.float64)
        except (ValueError, tf.errors.InvalidArgumentError) as error:
            raise UserError(f"the model {self.model.name} cannot read texts of {ids.shape[1]:,} tokens: "
                            f"{str(error).splitlines()[0]:.120}") from error
        return probabilities(outputs, self.kind, bool(Network.of(self.model).squashing), self.labels)

    def save(self, folder: str | Path) -> Path:
        """Keep the classifier in ``folder``, whole or not at all; a classifier that was there is replaced.

        Raises:
            UserError: a layer or the tokenizer cannot be kept without code, or ``folder`` holds something else.
        """
        from probe.model.safe_form import safe_form

        folder = Path(folder)
        restore_folder(folder)
        _check_replaceable(folder)
        to_json = getattr(self.tokenizer, "to_json", None)
        if to_json is None:
            raise UserError(f"a {type(self.tokenizer).__name__} cannot be saved; WordTokenizer and CharacterTokenizer "
                            "can")
        content = {"tokenizer": to_json(), "labels": list(self.labels), "kind": self.kind,
                   "fitting": {each.name: getattr(self, each.name) for each in fields(Fitting)}, "notes": self.notes}
        network = safe_form(self.model)
        with whole_folder(folder) as aside:
            network.save(aside / NETWORK)
            content["network"] = sha256_of(aside / NETWORK / NETWORK_MANIFEST)
            try:
                write_manifest(aside / MANIFEST, KIND, VERSION, content)
            except (TypeError, ValueError) as error:
                raise UserError(f"notes must be JSON values, which are kept in a file: {error!s:.80}") from error
        return folder

    @classmethod
    def open(cls, folder: str | Path) -> "Classifier":
        """Open what :meth:`save` wrote; no code in it is ever run.

        Raises:
            UserError: missing, damaged, or not a classifier.
        """
        folder = Path(folder)
        restore_folder(folder)
        path = folder / MANIFEST
        if not path.exists():
            raise UserError(f"{folder}: not a classifier: it has no {MANIFEST}; Classifier.save makes one")
        content = read_manifest(path, KIND, VERSION)
        network = ImportedNetwork.open(folder / NETWORK)
        try:
            if content["network"] != sha256_of(folder / NETWORK / NETWORK_MANIFEST):
                raise UserError("its network is not the one with which it was written")
            return cls(network.model(), tokenizer_from_json(content["tokenizer"]), content["labels"], content["kind"],
                       **asdict(Fitting(**content["fitting"])), notes=dict(content["notes"]))
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"{path}: not the description of a classifier: {error!r:.120}") from error
        except UserError as error:
            raise UserError(f"{path}: {error}") from error

    def _encoded(self, text: str, place: int) -> Encoded:
        try:
            return self.tokenizer.encode(text)
        except UserError as error:
            raise UserError(f"text {place + 1}: {error}") from error

    def _fitted(self, encoded: Sequence[Encoded], places: Sequence[int]) -> Batch:
        batch = self.fitting.fit([encoded[place] for place in places])
        rows = [layer.input_dim for layer in self.model.layers if isinstance(layer, keras.layers.Embedding)]
        if rows and batch.ids.max() >= min(rows):
            row, column = np.argwhere(batch.ids >= min(rows))[0]
            raise UserError(f"text {places[row] + 1}: token {quoted(batch.tokens[row][column], 40)} has the id "
                            f"{batch.ids[row, column]}, and the model {self.model.name} knows the ids 0 to "
                            f"{min(rows) - 1:,}")
        return batch


def _listed(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise UserError("texts must be a list of strings; for one text give [text]")
    return list(texts)


def _checked_labels(labels: Any) -> tuple[str, ...]:
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not 0 < len(labels) <= MOST_LABELS:
        raise UserError(f"labels must be a list of 1 to {MOST_LABELS:,} names; received {labels!r:.80}")
    wrong = next((each for each in labels if not isinstance(each, str) or not each or not each.isprintable()), None)
    if wrong is not None or len(set(labels)) < len(labels):
        raise UserError(f"labels must be different printable names; received "
                        f"{'one of them twice' if wrong is None else repr(wrong)[:80]}")
    return tuple(labels)


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but what :meth:`Classifier.save` wrote."""
    found = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if found and found != {MANIFEST, NETWORK}:
        raise UserError(f"{folder}: is not empty and holds no classifier alone; name a new folder")
    if found:
        read_manifest(folder / MANIFEST, KIND, VERSION)
