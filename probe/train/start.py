"""Starting a run, or going on with one: what may differ from the last time, and what may not."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from probe.corpus import Corpus, CorpusOptions
from probe.errors import UserError
from probe.model.options import ModelOptions
from probe.model.run import Run, versions
from probe.train.options import EXTENDING, TrainOptions

# Reads the text into the folder it is given.
CorpusReader = Callable[[Path], Corpus]


def start_run(folder: Path, read_corpus: CorpusReader, corpus_options: CorpusOptions, model_options: ModelOptions,
              options: TrainOptions) -> Run:
    """Make a new run in ``folder``, or open the one that is there after comparing its options.

    Args:
        folder: the run directory.
        read_corpus: called for a new run alone.
        corpus_options, model_options, options: as asked for now.

    Raises:
        UserError: the folder holds something else, or a run of another network, text or training.
    """
    if (folder / "run.json").exists():
        return _go_on(Run.open(folder), corpus_options, model_options, options)
    strangers = sorted(p.name for p in folder.iterdir() if p.name not in {"corpus", ".lock", "lock.json"})
    if strangers:
        raise UserError(f"{folder}: is not empty and is not a run (it holds {strangers[0]}); name a new folder")
    read_corpus(folder / "corpus")
    run = Run(folder, corpus_options, model_options, dataclasses.asdict(options), versions())
    run.save()
    return run


def _go_on(run: Run, corpus_options: CorpusOptions, model_options: ModelOptions, options: TrainOptions) -> Run:
    differences = []
    for former, now in ((run.corpus_options, corpus_options), (run.model_options, model_options),
                        (TrainOptions(**run.training), options)):
        for field in dataclasses.fields(now):
            was, asked = getattr(former, field.name), getattr(now, field.name)
            if was != asked and field.name not in EXTENDING:
                differences.append(f"--{field.name.replace('_', '-')} was {was}, now {asked}")
    if differences:
        raise UserError(f"{run.folder}: cannot go on with other options: {'; '.join(differences)}; "
                        "use the former ones, or name a new --run")
    run = dataclasses.replace(run, training=dataclasses.asdict(options))
    run.save()
    return run
