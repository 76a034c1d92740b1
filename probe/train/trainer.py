"""The training loop."""

import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from probe.errors import Interrupted, UserError
from probe.files import FolderLock, append_line, journal_size, truncate_journal
from probe.interrupt import StopSignals
from probe.model.checkpoint import newest_checkpoint
from probe.model.engine import tf
from probe.model.training_folder import TrainingFolder
from probe.model.weights import load_weights
from probe.train.plan import PlanOptions
from probe.train.report import Report, Standing, best_words, counted, plan_words
from probe.train.saving import NOT_FINITE, restore_optimizer, save_checkpoint
from probe.train.schedule import learning_rate, out_of_patience, progress, seconds_left
from probe.train.sitting import Pace, sitting_record
from probe.train.task import Task
from probe.train.tensorboard import EventFile


@dataclass
class Position:
    """Where a training stands: all that must be known, beside arrays, to go on.

    Attributes:
        step: updates made.
        seconds: time trained, all sittings together.
        loss_sum, loss_count: losses since the last line of the log.
        best: step and loss of the best validation, None before the first.
        log_size: bytes of the log that belong to this position.
        finished: whether the training was at its end, by its plan or its patience.
    """

    step: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    loss_count: int = 0
    best: dict[str, Any] | None = None
    log_size: int = 0
    finished: bool = False


def check_budget(options: PlanOptions, flags: str) -> None:
    """Raise :class:`UserError`, with the ``flags`` that give one, if a plan has no end."""
    if not options.budgets:
        raise UserError(f"a training needs an end: give {flags}")


@dataclass
class Trainer:
    """A training in this process: what is trained, and where it stands. It is restored as it is made.

    Attributes:
        run: where it is kept.
        task: what is trained.
        options: budgets and recipe.
        lock: what holds the folder; None for a training that nobody else can reach.
        former: the options of the last sitting.
        position: where it stands.
    """

    run: TrainingFolder
    task: Task
    options: PlanOptions
    lock: FolderLock | None = None
    former: PlanOptions | None = None
    position: Position = field(default_factory=Position)

    def __post_init__(self) -> None:
        self.loss: float | None = None  # mean since the last line of the log, which it does not forget
        self.pace = Pace()
        self.events: EventFile | None = None
        self._restore()

    def go_on(self, stop: StopSignals, show: bool) -> None:
        """Train until the plan or patience is at its end, or ``stop`` has received a signal."""
        saved = time.monotonic()
        with Report(show, self._done()) as report:
            report.say(self._introduction())
            if self.options.tensorboard:
                self._check_folder()
                self.events = EventFile(self.run.folder, self.run.log)
            if not self._ended():
                self._begin_sitting(report)
            updating, since = 0.0, self.position.step
            while not self._ended():
                began = time.monotonic()
                self._update(self._done())
                updated = time.monotonic() - began
                updating += updated
                due = self.position.step % self.options.validate_every == 0
                if self.position.step % self.options.log_every == 0:
                    self._log_loss((self.position.step - since) * self.task.characters / max(updating, 1e-9))
                    updating, since = 0.0, self.position.step
                validated = self._validate() if due else None
                seconds = time.monotonic() - began
                self.position.seconds += seconds
                self.pace.add(updated, seconds)
                stopping = stop.received or report.lost is not None
                late = time.monotonic() - saved > 60 * self.options.save_minutes
                if saving := due or stopping or self._kept() or late:
                    self._save()
                    saved = time.monotonic()
                if validated is not None:
                    report.validated(validated, self._standing())
                report.advance(self._standing())
                if saving and (stop.received or report.lost):  # what came too late for this save waits for the next
                    lost = f", as its output cannot be written ({report.lost.strerror})" if report.lost else ""
                    raise Interrupted(f"{self.run.folder}: stopped at step {self.position.step:,}{lost}; "
                                      "everything is saved, the same command goes on")
            if not self.position.finished:
                validated = self._validate() if self.position.step % self.options.validate_every else None
                self.position.finished = True
                self._save()
                if validated is not None:
                    report.validated(validated, self._standing())
            report.close()
            report.say(self._summary())

    def _begin_sitting(self, report: Report) -> None:
        task = self.task
        former = next((sitting.get("parts", task.parts) for sitting in reversed(self.run.sittings)), task.parts)
        if former != task.parts:
            report.say(f"{self.run.folder}: batches are read in {task.parts} parts from here on, for the cores that "
                       f"this process may use, and were in {former}: last digits and masks of dropout differ")
        record = sitting_record(self.position.step, task.kernel, task.precision, task.device, task.parts)
        self._check_folder()
        append_line(self.run.sittings_path, record)

    def _restore(self) -> None:
        checkpoint = newest_checkpoint(self.run.folder, self.run.identity)
        if checkpoint is None:
            self._save()  # from here on, a run without checkpoints is one that lost them
            return
        load_weights(self.task.model, checkpoint)
        restore_optimizer(self.task.optimizer, checkpoint)
        if checkpoint.states.shape != self.task.states.shape:
            raise UserError(f"{self.run.folder}: the states of checkpoint {checkpoint.step} have shape "
                            f"{checkpoint.states.shape}, and this training needs {tuple(self.task.states.shape)}")
        self.position = Position(**checkpoint.position)
        self.task.states = tf.constant(checkpoint.states)
        self._check_folder()
        truncate_journal(self.run.log_path, self.position.log_size)

    def _done(self) -> float:
        return progress(self.options, self.task.steps_per_epoch, self.position.step, self.position.seconds)

    def _ended(self) -> bool:
        return self._done() >= 1 or self._impatient()

    def _impatient(self) -> bool:
        best = self.position.best
        return out_of_patience(self.options, self.position.step, best["step"] if best else None)

    def _standing(self) -> Standing:
        step, per_epoch = self.position.step, self.task.steps_per_epoch
        updating, pace = self.pace.updating, self.pace.seconds
        return Standing(step, self._done(), self.loss, self.task.characters / updating if updating else None,
                        pace and seconds_left(self.options, per_epoch, step, self.position.seconds, pace))

    def _update(self, done: float) -> None:
        self.position.finished = False
        self.task.optimizer.learning_rate.assign(learning_rate(self.options, done, self.position.step))
        loss = self.task.update(self.position.step)
        self.position.step += 1
        self.position.loss_sum += self._finite(loss)
        self.position.loss_count += 1
        self.loss = self.position.loss_sum / self.position.loss_count

    def _log_loss(self, speed: float) -> None:
        self._log({"loss": self.position.loss_sum / self.position.loss_count,
                   "learning_rate": float(np.asarray(self.task.optimizer.learning_rate)),
                   "characters_per_second": speed, "kernel": self.task.kernel})
        self.position.loss_sum, self.position.loss_count = 0.0, 0

    def _validate(self) -> dict[str, Any]:
        figures = self.task.validation()
        loss = self._finite(figures["validation_loss"])
        record = self._log(dict(figures))
        if self.position.best is None or loss < self.position.best["loss"]:
            self.position.best = {"step": self.position.step, "loss": loss}
        return record

    def _finite(self, loss: float) -> float:
        if not math.isfinite(loss):
            raise UserError(f"{self.run.folder}: the loss is no longer finite at step {self.position.step:,}; "
                            f"{NOT_FINITE}")
        return loss

    def _log(self, said: dict[str, Any]) -> dict[str, Any]:
        per_epoch = self.task.steps_per_epoch
        epoch = {} if per_epoch is None else {"epoch": self.position.step / per_epoch}
        record = {"step": self.position.step, **epoch, "seconds": self.position.seconds, **said}
        self._check_folder()
        append_line(self.run.log_path, record)
        if self.events is not None:
            self.events.append(record)
        return record

    def _check_folder(self) -> None:
        """A folder that was deleted, and perhaps begun anew, belongs to somebody else."""
        if self.lock is not None:
            self.lock.check()

    def _save(self) -> None:
        self.position.log_size = journal_size(self.run.log_path)
        self._check_folder()
        save_checkpoint(self.run, self.task.model, self.task.optimizer, self.task.states, asdict(self.position),
                        kept=self._kept())

    def _kept(self) -> bool:
        """Whether the checkpoint of this step is kept for good."""
        return self.options.keep_every > 0 and self.position.step % self.options.keep_every == 0

    def _introduction(self) -> str:
        if self.position.finished and self._done() >= 1:
            return f"{self.run.folder}: already trained to the end of this plan; nothing to do"
        if self.position.finished and self._ended():
            return f"{self.run.folder}: {self._early()}; nothing to do, a larger --patience goes on"
        plan, former = plan_words(self.options), plan_words(self.former or self.options)
        was = f" (was {former})" if former not in ("", plan) else ""
        verb = f"goes on at step {self.position.step:,}" if self.position.step else "starts"
        return f"{self.run.folder}: {verb}: {self.task.words}; plan: {plan}{was}"

    def _summary(self) -> str:
        remedy = self.task.remedy(self.options.patience > 0)
        early = f"{self._early()}; " if self._impatient() and self._done() < 1 else ""
        return (f"{self.run.folder}: {early}{counted(self.position.step, 'update')} in "
                f"{self.position.seconds:,.0f} s; {best_words(self.position.step, self.position.best, remedy)}")

    def _early(self) -> str:
        best = self.position.best or {}
        return (f"stopped early at step {self.position.step:,}: no better validation since step {best.get('step'):,}")
