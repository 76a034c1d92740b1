"""A run whose first weights were trained elsewhere."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from probe.corpus import Corpus, CorpusOptions
from probe.errors import UserError
from probe.files import append_line, journal_size, whole_folder
from probe.model.char_lstm import CharLSTM, stacked_states
from probe.model.checkpoint import Checkpoint
from probe.model.options import ModelOptions
from probe.model.run import Run
from probe.model.weights import load_weights
from probe.train.evaluate import LossReader
from probe.train.options import TrainOptions
from probe.train.report import in_bits
from probe.train.saving import save_checkpoint
from probe.train.start import training_order, validation_of
from probe.train.step import make_optimizer
from probe.train.trainer import Position


def adopt(text: Path | None, folder: Path, weights: Mapping[str, np.ndarray], vocabulary: int,
          origin: Mapping[str, Any], model_options: ModelOptions, options: TrainOptions,
          corpus_options: CorpusOptions, *, show: bool = True) -> Run:
    """Make a run at step 0 from weights and a text, with a fresh optimizer; its validation loss is logged.

    Args:
        text: the text file; None for the embedded standard library.
        folder: the run directory, which must be new or empty. It appears whole or not at all.
        weights: name as in :func:`~probe.model.weights.weight_names` → array.
        vocabulary: characters that the network knows, as many as the text must have.
        origin: JSON values, kept in ``run.json``.
        model_options: the architecture.
        options: with which ``probe train`` can go on.
        corpus_options: how the text is read.
        show: whether to show progress while a long text is read.

    Raises:
        UserError: the folder is not empty, the text has another number of distinct characters or is too short.
    """
    _check_empty(folder)
    with whole_folder(folder, new=True) as aside:
        corpus = (Corpus.embedded(corpus_options, folder=aside / "corpus", progress=show) if text is None else
                  Corpus.read(text, corpus_options, folder=aside / "corpus", progress=show))
        _check_vocabulary(corpus, vocabulary, str(origin.get("file", "the network")))
        order, validation = training_order(corpus, options), validation_of(corpus, options)
        run = Run.begin(aside, model_options, asdict(options), dict(origin))
        model = CharLSTM(model_options, vocabulary, kernel=options.kernel)
        load_weights(model, Checkpoint(0, weights, {}, np.empty(0, np.float32), {}))
        loss = validation.loss(LossReader(model))
        append_line(run.log_path, {"step": 0, "epoch": 0.0, "seconds": 0.0, "validation_loss": loss,
                                   "validation_bits": in_bits(loss)})
        position = Position(best={"step": 0, "loss": loss}, log_size=journal_size(run.log_path))
        save_checkpoint(run, model, make_optimizer(model, options.clip),
                        stacked_states(model.initial_states(order.batch)), asdict(position))
    return Run.open(folder)


def loss_as(run: Run, model_options: ModelOptions) -> float:
    """Return the validation loss in nats of a run's newest weights, were its network of other options."""
    model = CharLSTM(model_options, len(run.corpus.vocabulary))
    load_weights(model, run.checkpoint("latest"))
    return validation_of(run.corpus, TrainOptions.of(run)).loss(LossReader(model))


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: is not empty; an imported network needs a new folder")


def _check_vocabulary(corpus: Corpus, vocabulary: int, name: str) -> None:
    known = len(corpus.vocabulary)
    if known == vocabulary:
        return
    text = "".join(corpus.vocabulary.characters)
    ways = {"in lower case": text.lower(), "without carriage returns": text.replace("\r", ""),
            "in lower case and without carriage returns": text.lower().replace("\r", "")}
    found = next((way for way, changed in ways.items() if len(set(changed)) == vocabulary), None)
    hint = (f"{found} it has {vocabulary}: change the file so" if found else
            "read it as in the network's training, by --collapse-spaces, --min-count or --encoding")
    raise UserError(f"{name} predicts {vocabulary:,} characters, and {corpus.source['name']} has {known:,} distinct "
                    f"ones; {hint}")
