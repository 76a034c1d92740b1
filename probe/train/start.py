"""Starting a run, or going on with one: what may differ from the last time, and what may not."""

import dataclasses
from pathlib import Path

from probe.corpus import Corpus, CorpusOptions
from probe.errors import UserError
from probe.files import LOCKS, FolderLock, is_leftover, remove_files, remove_folder, remove_leftovers, sha256_of
from probe.model.checkpoint import FOLDER as CHECKPOINTS
from probe.model.checkpoint import checkpoint_steps
from probe.model.options import ModelOptions
from probe.model.run import Run
from probe.model.training_folder import TrainingFolder
from probe.options import Options
from probe.train.evaluate import Validation
from probe.train.options import TrainOptions
from probe.train.order import Order, order_of
from probe.train.plan import PlanOptions, extending_names

# Characters in which a difference is spelt out.
LONGEST = 120


def start_run(text: Path | None, folder: Path, corpus_options: CorpusOptions, model_options: ModelOptions,
              options: TrainOptions, lock: FolderLock, *, show: bool) -> tuple[Run, TrainOptions]:
    """Make a new run in ``folder``, or open the one that is there after comparing it with what is asked for.

    Args:
        text: the text file; None for the embedded standard library. A run keeps its text, so that it goes on where
            the file is missing.
        folder: the run directory.
        corpus_options, model_options, options: as asked for now.
        lock: what holds the folder.
        show: whether to show progress while a long text is read.

    Returns:
        The run, and the options with which it was trained the last time; ``options`` if it is new.

    Raises:
        UserError: the folder holds something else, or a run of another network, text or training; the text cannot be
            read or is too short.
    """
    for each in (folder, folder / "corpus", folder / CHECKPOINTS):
        remove_leftovers(each)
    check_folder(folder)
    if checkpoint_steps(folder):
        return _go_on(Run.open(folder), text, corpus_options, model_options, options, lock)
    remove_files(folder / "run.json")  # of one that ended before an update: what is asked for now replaces it
    if text is None:
        corpus = Corpus.embedded(corpus_options, folder=folder / "corpus", progress=show)
    else:
        corpus = Corpus.read(text, corpus_options, folder=folder / "corpus", progress=show)
    try:
        training_order(corpus, options)
        validation_of(corpus, options)
    except UserError:
        remove_folder(folder / "corpus")
        raise
    lock.check()
    return Run.begin(folder, model_options, dataclasses.asdict(options)), options


def check_folder(folder: Path, kind: type[TrainingFolder] = Run) -> None:
    """Raise :class:`UserError` if ``folder`` is neither a whole run of a kind, nor what a killed start of one leaves,
    nor new."""
    begun, described = checkpoint_steps(folder), (folder / "run.json").exists()
    if begun and not described:
        raise UserError(f"{folder}: holds checkpoints, and its run.json is missing; put it back, or name a new folder")
    if not begun:
        _check_not_lost(folder, imported=described and kind.open(folder).imported is not None)
    if described or not folder.is_dir():
        return
    ours = {"corpus", "checkpoints", *LOCKS}
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in ours and not is_leftover(path))
    if strangers:
        raise UserError(f"{folder}: is not empty and is not a run (it holds {strangers[0]}); name a new folder")


def _check_not_lost(folder: Path, *, imported: bool) -> None:
    """Raise :class:`UserError` if a training has been in a folder without checkpoints. A start that was killed leaves
    no more than the arrays of step 0, which are as they were drawn."""
    tells = {"its log tells": _is_filled(folder / "log.jsonl"),
             "its sittings tell": _is_filled(folder / "sittings.jsonl"),
             "a checkpoint without its manifest tells": any(checkpoint_steps(folder, ".safetensors")),
             "its run.json tells": imported}  # such a run begins with a checkpoint
    for what, found in tells.items():
        if found:
            raise UserError(f"{folder}: {what} of a training, and no checkpoint is there; put the checkpoints "
                            "back, or name a new --run")


def _is_filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def training_order(corpus: Corpus, options: TrainOptions) -> Order:
    """Return the order in which the training split is read.

    Raises:
        UserError: the split is too short, or for some device there is no stream or window.
    """
    order = order_of(corpus.ids[corpus.splits.train.start:corpus.splits.train.stop], options)
    if order.batch < options.devices:
        raise UserError(f"--devices must be at most {order.batch}, the streams or windows that this text has for a "
                        f"batch; received {options.devices}")
    return order


def validation_of(corpus: Corpus, options: TrainOptions) -> Validation:
    """Return what is predicted on the validation split."""
    return Validation(corpus.ids[corpus.splits.validation.start:corpus.splits.validation.stop], options)


def _go_on(run: Run, text: Path | None, corpus_options: CorpusOptions, model_options: ModelOptions,
           options: TrainOptions, lock: FolderLock) -> tuple[Run, TrainOptions]:
    source = run.corpus.source
    if (text is None) != (source["kind"] == "embedded"):
        raise UserError(f"{run.folder}: was trained on {source['name']}, not on "
                        f"{text or 'the embedded standard library'}; name a new --run")
    if text is not None and text.exists() and sha256_of(text) != source["sha256"]:
        raise UserError(f"{run.folder}: was trained on another text ({source['name']}, sha256 "
                        f"{source['sha256'][:12]}…) than {text} is now; name a new --run")
    former = TrainOptions.of(run)
    check_same(run.folder, (run.corpus.options, corpus_options), (run.model_options, model_options), (former, options))
    run = dataclasses.replace(run, training=dataclasses.asdict(options))
    lock.check()
    run.save()
    return run, former


def check_same(folder: Path, *pairs: tuple[Options, Options]) -> None:
    """Raise :class:`UserError` if a training cannot go on with other options.

    Args:
        folder: the run directory.
        pairs: options of before and of now; those of a plan may differ where they extend it.
    """
    differences = []
    for before, now in pairs:
        extending = extending_names(type(now)) if isinstance(now, PlanOptions) else frozenset()
        for field in dataclasses.fields(now):
            was, asked = getattr(before, field.name), getattr(now, field.name)
            if was != asked and field.name not in extending:
                words = f"was {was}, now {asked}"
                differences.append(f"--{field.name.replace('_', '-')} {words if len(words) <= LONGEST else 'differs'}")
    if differences:
        raise UserError(f"{folder}: cannot go on with other options: {'; '.join(differences)}; "
                        "use the former ones, or name a new --run")
