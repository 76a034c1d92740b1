"""Teaching a classifier, and trying it on texts that it has not seen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.classifier.classifier import Classifier
from probe.explain.classifier.examples import TEST, TRAIN, Examples
from probe.explain.tokenizers import TableTokenizer
from probe.model.engine import keras
from probe.options import Options, option
from probe.progress import progress_bar
from probe.render import table

LOSSES = {"single": "categorical_crossentropy", "multi": "binary_crossentropy", "binary": "binary_crossentropy"}
# rows of the vocabulary, labels, kind and length → network
Architecture = Callable[..., keras.Model]


@dataclass(frozen=True)
class TeachingOptions(Options):
    """How a classifier learns."""

    epochs: int = option(8, "times that all texts are read", minimum=1)
    batch: int = option(32, "texts that are read between two updates", minimum=1)
    learning_rate: float = option(1e-3, "of Adam", above=0)
    validation: float = option(0.1, "share of the texts on which the best epoch is chosen", above=0, below=1)
    seed: int = option(0, "of weights and order", minimum=0)


@dataclass(frozen=True)
class Trial:
    """How well a classifier does on texts that it has not seen.

    Attributes:
        texts: how many.
        accuracy: share of texts whose label is right; of a multi-label classifier the share of all decisions, for each
            text and label whether it applies.
        majority: the share that is right without looking: always the most frequent label, or for each label always
            what is more frequent, having it or not.
        labels: for each label its name, how many texts have it, and which share of these is found (recall) and which
            share of what is found has it (precision; None if nothing is).
    """

    texts: int
    accuracy: float
    majority: float
    labels: tuple[tuple[str, int, float | None, float | None], ...]

    def __str__(self) -> str:
        rows = [(name, f"{count:,}", _percent(recall), _percent(precision))
                for name, count, recall, precision in self.labels]
        return (f"held-out accuracy {self.accuracy:.1%} on {self.texts:,} texts; without looking {self.majority:.1%}\n"
                + table(("label", "texts", "found", "of those found right"), rows))


def teach(architecture: Architecture, tokenizer: TableTokenizer, examples: Examples, *, kind: str = "single",
          length: int, padding: str = "post", options: TeachingOptions | None = None, show: bool = True) -> Classifier:
    """Return a classifier that has learnt from the examples of the split ``"train"``.

    The weights are those of the epoch with the lowest loss on a part of these examples that is not learnt from. What
    it does on the split ``"test"`` is kept in its ``notes``.

    Args:
        architecture: as those of :mod:`probe.explain.classifier.architectures`.
        tokenizer: text → ids.
        examples: of both splits.
        kind: of the classifier.
        length, padding: of its texts.
        options: how it learns. Defaults to ``TeachingOptions()``.
        show: whether to show a bar, and a line an epoch.

    Raises:
        UserError: there are too few texts, or one holds no token (:meth:`Examples.with_tokens` leaves these out).
    """
    options = options or TeachingOptions()
    keras.utils.set_random_seed(options.seed)
    names = examples.names
    model = architecture(tokenizer.size, 1 if kind == "binary" else len(names), kind, length=length)
    classifier = Classifier(model, tokenizer, names, kind, length=length, padding=padding, pad_value=tokenizer.pad)
    learnt, kept = _parts(examples.of(TRAIN), options)
    model.compile(keras.optimizers.Adam(options.learning_rate), loss=LOSSES[kind])
    with progress_bar(options.epochs * len(learnt), "training", " texts", show=show) as bar:
        model.fit(*_arrays(classifier, learnt), epochs=options.epochs, batch_size=options.batch, verbose=0,
                  validation_data=_arrays(classifier, kept),
                  callbacks=[_Bar(bar, options.batch, show), _best()])
    trial = try_out(classifier, examples.of(TEST))
    return replace(classifier, notes={"texts": len(learnt), "accuracy": trial.accuracy, "majority": trial.majority})


def try_out(classifier: Classifier, examples: Examples) -> Trial:
    """Return how well a classifier does on ``examples``; a label counts as found if it is the most probable one, or
    for a multi-label classifier if its probability is above one half."""
    truth, probabilities = examples.targets(classifier.labels), classifier.predict(examples.texts)
    if classifier.kind == "multi":
        found, share = probabilities > 0.5, truth.mean(axis=0)
        accuracy, majority = float((found == truth).mean()), float(np.maximum(share, 1 - share).mean())
    else:
        found = probabilities.argmax(axis=1)[:, None] == np.arange(len(classifier.labels))
        accuracy, majority = float((found & truth).any(axis=1).mean()), float(truth.mean(axis=0).max())
    both, known, said = (found & truth).sum(axis=0), truth.sum(axis=0), found.sum(axis=0)
    rows = tuple((name, int(known[c]), both[c] / known[c] if known[c] else None, both[c] / said[c] if said[c] else None)
                 for c, name in enumerate(classifier.labels))
    return Trial(len(examples), accuracy, majority, rows)


def _parts(examples: Examples, options: TeachingOptions) -> tuple[Examples, Examples]:
    order = np.random.default_rng(options.seed).permutation(len(examples))
    count = max(1, round(len(order) * options.validation))
    if len(order) <= count:
        raise UserError(f"at least two texts are needed to learn from; received {len(order)}")
    return examples.at(order[count:]), examples.at(order[:count])


def _arrays(classifier: Classifier, examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    targets = examples.targets(classifier.labels)
    return classifier.encode(examples.texts).ids, (targets[:, 1:] if classifier.kind == "binary" else targets).astype(
        np.float32)


def _best() -> keras.callbacks.Callback:
    return keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)


class _Bar(keras.callbacks.Callback):
    """Moves the bar on and says how each epoch ended."""

    def __init__(self, bar: Any, batch: int, show: bool) -> None:
        super().__init__()
        self._bar, self._batch, self._show = bar, batch, show

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._bar.update(self._batch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._show:
            self._bar.write(f"epoch {epoch + 1}: loss {logs['loss']:.3f}, on texts that it does not learn from "
                            f"{logs['val_loss']:.3f}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
