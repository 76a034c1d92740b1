"""Training a character model on a text."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from probe.corpus import CorpusOptions
from probe.errors import UserError
from probe.files import FolderLock
from probe.interrupt import StopSignals
from probe.model.char_lstm import CharLSTM, stacked_states
from probe.model.engine import tf
from probe.model.options import ModelOptions
from probe.model.run import Run
from probe.train.devices import device_name, strategy_of
from probe.train.evaluate import LossReader
from probe.train.options import TrainOptions
from probe.train.report import counted, in_bits
from probe.train.start import check_folder, start_run, training_order, validation_of
from probe.train.step import chosen_precision, make_optimizer, make_step, parts_at_once
from probe.train.task import Task
from probe.train.trainer import Trainer, check_budget


def train(text: str | Path | None, folder: str | Path, model_options: ModelOptions = ModelOptions(),
          options: TrainOptions = TrainOptions(), *, corpus_options: CorpusOptions = CorpusOptions(),
          show: bool = True) -> Run:
    """Train until the plan's first budget, or its patience, is used up, going on where an earlier call stopped.

    Args:
        text: a text file; None for the embedded corpus, Python's standard library.
        folder: the run directory.
        model_options: the architecture.
        options: budgets and recipe.
        corpus_options: how the text is read, kept with the run.
        show: whether to show progress.

    Returns:
        The run, trained to the end of the plan.

    Raises:
        UserError: options other than before, no budget, a text too short, a folder in use, a non-finite loss.
        Interrupted: Ctrl-C, SIGTERM or SIGHUP, or the output cannot be written any more; everything is saved.
    """
    check_budget(options, "--epochs, --steps or --minutes")
    folder = Path(folder)
    check_folder(folder)
    strategy = strategy_of(options.devices)
    with (StopSignals(f"{folder}: stopped before an update was made; the same command starts again") as stop,
          FolderLock(folder, "training") as lock):
        run, former = start_run(None if text is None else Path(text), folder, corpus_options, model_options, options,
                                lock, show=show)
        try:
            trainer = Trainer(run, CharacterTask(run, options, strategy), options, lock, former)
            with stop.deferred():
                trainer.go_on(stop, show)
        except tf.errors.ResourceExhaustedError as error:
            raise UserError(f"{folder}: the memory of this machine is too small for this network; take fewer --units, "
                            "--layers or --batch") from error
    return run


class CharacterTask(Task):
    """A :class:`~probe.model.CharLSTM` that reads the training split of a run's text.

    Args:
        run: whose text it is.
        options: the recipe.
        strategy: under which the network is made.
    """

    def __init__(self, run: Run, options: TrainOptions, strategy: tf.distribute.Strategy | None = None) -> None:
        strategy = strategy or tf.distribute.get_strategy()
        self._run, self._seed = run, options.seed
        self._order, self._validation = training_order(run.corpus, options), validation_of(run.corpus, options)
        batch = self._order.batch
        with strategy.scope():
            model = CharLSTM(run.model_options, len(run.corpus.vocabulary), kernel=options.kernel, seed=options.seed)
            self.optimizer = make_optimizer(model, options.clip)
        self.precision = chosen_precision(options.precision, model.kernel_name, run.model_options.units)
        self._step = make_step(model, self.optimizer, batch, self._order.length, precision=self.precision,
                               strategy=strategy)
        self._reader = LossReader(model)
        self.model, self.kernel, self.device = model, model.kernel_name, device_name(strategy)
        self.parts = parts_at_once(model, batch, strategy.num_replicas_in_sync)
        self.steps_per_epoch: int = self._order.steps_per_epoch
        self.characters = self._order.characters
        self.states = stacked_states(model.initial_states(batch))

    def update(self, step: int) -> float:
        epoch, place = divmod(step, self.steps_per_epoch)
        carried = ~self._order.fresh(epoch, place)
        if not carried.all():
            self.states *= tf.constant(carried[:, np.newaxis], tf.float32)
        ids, targets = self._order.inputs_and_targets(epoch, place)
        seed = tf.constant((self._seed, step), tf.int32)
        loss, self.states = self._step(tf.constant(ids), tf.constant(targets), self.states, seed)
        return float(loss)

    def validation(self) -> Mapping[str, float]:
        loss = self._validation.loss(self._reader)
        return {"validation_loss": loss, "validation_bits": in_bits(loss)}

    @property
    def words(self) -> str:
        network, splits = self._run.model_options, self._run.corpus.splits
        return (f"{network.layers} × {network.units} units, {self.model.count_params():,} weights, "
                f"{self.kernel} kernel in {self.precision} on {self.device}; {len(splits.train):,} characters to train "
                f"on, {len(self._run.corpus.vocabulary)} distinct; {counted(self.steps_per_epoch, 'update')} an epoch")

    def remedy(self, patient: bool) -> str:
        dropout = "more --dropout" if self._run.model_options.dropout else "--dropout"
        return f"a longer text or {dropout}" if patient else f"a longer text, {dropout} or --patience"
