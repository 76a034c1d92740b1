"""Training a translator, by the trainer of character models."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from probe.attention.dates import DateOptions, DateTexts
from probe.attention.translator.batches import Batch, training_batch
from probe.attention.translator.network import TranslatorNetwork, keras_network
from probe.attention.translator.options import TranslatorOptions, TranslatorTrainOptions
from probe.attention.translator.run import TranslatorRun
from probe.attention.translator.step import make_reader, make_step
from probe.errors import UserError
from probe.files import FolderLock, remove_files, remove_leftovers
from probe.interrupt import StopSignals
from probe.model.checkpoint import FOLDER as CHECKPOINTS
from probe.model.checkpoint import checkpoint_steps
from probe.model.engine import CORES, tf
from probe.train.devices import device_name
from probe.train.plan import PlanOptions
from probe.train.start import check_folder, check_same
from probe.train.step import chosen_precision, make_optimizer
from probe.train.task import Task
from probe.train.trainer import Trainer, check_budget

# Texts of a validation that are read at once.
AT_ONCE = 500


def train_translator(folder: str | Path, dates: DateOptions = DateOptions(),
                     model_options: TranslatorOptions = TranslatorOptions(),
                     options: TranslatorTrainOptions = TranslatorTrainOptions(), *, show: bool = True,
                     ) -> TranslatorRun:
    """Train a translator until the plan's first budget, or its patience, is used up, going on where it stopped.

    Args:
        folder: the run directory.
        dates: which dates it is trained on.
        model_options: the architecture.
        options: budgets and recipe.
        show: whether to show progress.

    Returns:
        The run, trained to the end of the plan.

    Raises:
        UserError: options other than before, no budget, a folder in use, a non-finite loss.
        Interrupted: Ctrl-C, SIGTERM or SIGHUP, or the output cannot be written any more; everything is saved.
    """
    check_budget(options, "--steps or --minutes")
    folder = Path(folder)
    check_folder(folder, TranslatorRun)
    with (StopSignals(f"{folder}: stopped before an update was made; the same command starts again") as stop,
          FolderLock(folder, "training") as lock):
        run, former = _start(folder, dates, model_options, options, lock)
        try:
            trainer = Trainer(run, TranslatorTask(run, options), options, lock, former)
            with stop.deferred():
                trainer.go_on(stop, show)
        except tf.errors.ResourceExhaustedError as error:
            raise UserError(f"{folder}: the memory of this machine is too small for this network; take fewer --units "
                            "or a smaller --batch") from error
    return run


def _start(folder: Path, dates: DateOptions, model_options: TranslatorOptions, options: TranslatorTrainOptions,
           lock: FolderLock) -> tuple[TranslatorRun, PlanOptions]:
    """Make a new run, or open the one that is there; return it with the options of the last time."""
    dates = dates.spelt_out()
    for each in (folder, folder / CHECKPOINTS):
        remove_leftovers(each)
    check_folder(folder, TranslatorRun)
    if not checkpoint_steps(folder):
        remove_files(folder / "run.json")  # of one that ended before an update: what is asked for now replaces it
        lock.check()
        return TranslatorRun.begin(folder, dates, model_options, asdict(options), DateTexts(dates)), options
    run = TranslatorRun.open(folder)
    former = TranslatorTrainOptions.of(run)
    check_same(folder, (run.dates, dates), (run.model_options, model_options), (former, options))
    if DateTexts(dates).digest != run.digest:
        raise UserError(f"{folder}: was begun with Babel {run.versions.get('babel', '?')}, which writes these dates in "
                        "another way than the version that is installed; install that one, or name a new --run")
    run = replace(run, training=asdict(options))
    lock.check()
    run.save()
    return run, former


class TranslatorTask(Task):
    """A translator that reads dates without an end.

    Args:
        run: which dates, and which network.
        options: the recipe.
    """

    steps_per_epoch = None

    def __init__(self, run: TranslatorRun, options: TranslatorTrainOptions) -> None:
        self._run, self._options, self._texts = run, options, DateTexts(run.dates)
        self.model = keras_network(run.model_options, run.symbols.sources, options.seed)
        self.optimizer = make_optimizer(self.model, options.clip)
        network = TranslatorNetwork(self.model, options.kernel)
        self.kernel = network.kernel_name
        self.precision = chosen_precision(options.precision, self.kernel, network.units)
        network = TranslatorNetwork(self.model, self.kernel, tf.dtypes.as_dtype(self.precision))
        self.parts = min(CORES, options.batch)
        self._step, self._read = make_step(network, self.optimizer, options.batch, self.parts), make_reader(network)
        self.device = device_name(tf.distribute.get_strategy())
        held_out = self._texts.draw("validation", (0,), options.validate_texts)
        self._held_out = [Batch.of(held_out[first:first + AT_ONCE], run.symbols)
                          for first in range(0, len(held_out), AT_ONCE)]
        # Read: those of the source, in texts as they are on the average.
        self.characters = round(options.batch * float(np.mean([len(each.text) for each in held_out])))
        self.states = tf.zeros(0)

    def update(self, step: int) -> float:
        options = self._options
        batch = training_batch(self._texts, self._run.symbols, options.seed, step, options.batch, options.hidden)
        return float(self._step(batch.source, batch.given, batch.wanted))

    def validation(self) -> Mapping[str, float]:
        nats, characters, right, exact, texts = np.sum([self._read(each.source, each.given, each.wanted)
                                                        for each in self._held_out], axis=0).tolist()
        return {"validation_loss": nats / characters, "validation_accuracy": right / characters,
                "validation_exact": exact / texts}

    @property
    def words(self) -> str:
        network, dates = self._run.model_options, self._run.dates
        return (f"2 × {network.units} units that read, {network.units} that write, {self.model.count_params():,} "
                f"weights, {self.kernel} kernel in {self.precision} on {self.device}; "
                f"{len(dates.locale_names())} locales, {len(self._run.symbols.characters)} characters, days of "
                f"{dates.first_year}–{dates.last_year}, a tenth of them held out")

    def remedy(self, patient: bool) -> str:
        return "more dates, by --first-year and --last-year, or fewer --units,"
