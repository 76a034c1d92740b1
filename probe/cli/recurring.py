"""Flags with which a scan also looks at other runs, or at other checkpoints of its own run."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from probe.activations import ExtractOptions
from probe.cli.checkpoints import checkpoint_named
from probe.cli.showing import say
from probe.cli.texts import foreign_corpus, path_named
from probe.corpus import Corpus
from probe.errors import UserError
from probe.patterns import Pattern
from probe.scan import Findings, ScanOptions
from probe.scan.controls.ablation import AblationOptions
from probe.scan.controls.logistic import ProbeOptions
from probe.scan.engine import Engine
from probe.scan.recurrence import recurrence

if TYPE_CHECKING:
    from probe.model import Run


def add_recurrence(parser: argparse.ArgumentParser) -> None:
    """Add ``--recur`` and ``--checkpoints``."""
    group = parser.add_argument_group("recurrence: the same scan of other networks, and what it has in common")
    group.add_argument("--recur", nargs="+", action="extend", default=[], metavar="RUN",
                       help="other runs, as of other seeds: in how many of them does a unit bear the same claims?")
    group.add_argument("--checkpoints", metavar="all|STEP,STEP", help="other checkpoints of the run, which 'probe "
                       "train --keep-every' keeps: since when does the unit do what it does?")


def check_alone(source: Path, arguments: argparse.Namespace) -> None:
    """Raise :class:`UserError` if what only a run can give was asked for of what is none."""
    for flag in ("recur", "checkpoints", "live"):
        if getattr(arguments, flag):
            raise UserError(f"--{flag} is for runs, and {source} is none")


@dataclass(frozen=True)
class Others:
    """Networks that are scanned beside the one in question.

    Attributes:
        runs: name → run and the text it reads.
        steps: of other checkpoints.
    """

    runs: Mapping[str, "tuple[Run, Corpus]"]
    steps: tuple[int, ...]

    @classmethod
    def of(cls, opened: "Run", arguments: argparse.Namespace, options: ScanOptions) -> "Others":
        """Return what ``--recur`` and ``--checkpoints`` name.

        Raises:
            UserError: one of them is not there, is the scanned one itself or of another text, or nothing is tested.
        """
        for flag in ("recur", "checkpoints"):
            if options.settle and getattr(arguments, flag):
                raise UserError(f"--{flag} asks what bears the same claims, and --settle tests nothing; leave out one")
        runs: dict[str, tuple[Run, Corpus]] = {}
        for name in arguments.recur:
            run, corpus = _other_run(path_named(name), opened, arguments)
            runs[run.folder.name if run.folder.name not in (*runs, opened.folder.name) else name] = run, corpus
        return cls(runs, _other_steps(opened, arguments) if arguments.checkpoints else ())


def with_others(findings: Findings, opened: "Run", corpus: Corpus, others: Others, options: ScanOptions,
                extraction: ExtractOptions, *, checkpoint: str | int, patterns: Sequence[Pattern], engine: Engine,
                show: bool) -> Findings:
    """Scan the others as the run itself was scanned, for the best unit of each pattern, and tell what recurs.

    Untrained twins do not depend on the checkpoint: those of the first scan serve them all.
    """
    if not others.runs and not others.steps:
        return findings
    from probe.activations import selection_and_confirmation
    from probe.scan import scan

    def found(run: "Run", text: Corpus, weights: str | int, against: Findings | None = None) -> Findings:
        if show:
            say(f"{run.folder}: scanned too" + (f", step {weights:,}" if against else ""))
        selection, confirmation = selection_and_confirmation(run, text, checkpoint=weights, options=extraction)
        return scan(selection, confirmation, replace(options, top=1, passages=1, portraits=0), patterns=patterns,
                    ablation=AblationOptions(ablated=0), probes=ProbeOptions(probes=0), against=against, engine=engine,
                    show=show)

    runs = {name: found(run, text, checkpoint).findings for name, (run, text) in others.runs.items()}
    steps = {step: found(opened, corpus, step, findings).findings for step in others.steps}
    scanned = int(findings.provenance["checkpoint"])
    return replace(findings, recurrence=recurrence(findings.findings, opened.folder.name, runs=runs, checkpoints=steps,
                                                   checkpoint=scanned))


def _other_run(path: Path, opened: "Run", arguments: argparse.Namespace) -> "tuple[Run, Corpus]":
    from probe.model import Run

    run = Run.open(path)
    if run.folder.resolve() == opened.folder.resolve():
        raise UserError(f"{path}: is the run that is scanned; --recur takes others, --checkpoints its own checkpoints")
    if arguments.text:
        corpus = foreign_corpus(run, arguments)
    else:
        corpus = run.corpus
        if corpus.source["sha256"] != opened.corpus.source["sha256"]:
            raise UserError(f"{path}: was trained on another text ({corpus.source['name']}) than {opened.folder} "
                            f"({opened.corpus.source['name']}); give a TEXT that both are to read")
    run.checkpoint(checkpoint_named(arguments.checkpoint))
    return run, corpus


def _other_steps(opened: "Run", arguments: argparse.Namespace) -> tuple[int, ...]:
    from probe.model.checkpoint import checkpoint_steps

    there = checkpoint_steps(opened.folder)
    scanned = opened.checkpoint(checkpoint_named(arguments.checkpoint)).step
    asked = there
    if arguments.checkpoints != "all":
        steps = [checkpoint_named(step.strip()) for step in arguments.checkpoints.split(",")]
        if not set(steps) <= set(there):
            raise UserError(f"--checkpoints must be all, or some of {', '.join(map(str, there))} with commas between; "
                            f"received {arguments.checkpoints!r}")
        asked = [step for step in there if step in steps]
    others = tuple(sorted(set(asked) - {scanned}))
    if not others:
        raise UserError(f"{opened.folder}: has no other checkpoint than that of step {scanned:,}, which is scanned; "
                        "'probe train --keep-every STEPS' keeps some")
    return others
