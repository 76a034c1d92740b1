"""Hold every unit of a network against every pattern, and keep what was found in a findings folder.

  probe scan runs/alice                                  ranked on what it was trained on, confirmed on its test split
  probe scan runs/alice other.txt --out findings/other   a foreign text: ranked on one half, confirmed on the other
  probe scan runs/alice --patterns inside_quotes,word_start --top 3 --json --out findings/quotes
  probe scan runs/alice --regex year='[12][0-9]{3}' --expression late='inside_quotes & ~whitespace'   ideas of yours
  probe scan runs/alice --settle                         a first look: ranks only, ends when the best units are known
  probe scan runs/alice0 --recur runs/alice1 runs/alice2 does it recur in networks of other seeds?
  probe scan runs/alice --checkpoints all                since when? 'probe train --keep-every' keeps checkpoints
  probe scan runs/alice --dask local                     on all cores; or the address of a cluster's scheduler
  probe scan acts/                                       activations that 'probe extract' kept, without the run
  probe scan theirs.keras book.txt --mapping ids.json    a network of others: ranked on one half, confirmed on the other
"""

import argparse
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.activations import ExtractOptions
from probe.activations.foreign import ForeignOptions
from probe.cli.checkpoints import checkpoint_named
from probe.cli.findings import json_text
from probe.cli.flags import add_options, options_from
from probe.cli.kept_labels import kept_labels
from probe.cli.networks import add_network, check_own, check_there, foreign_extraction, is_foreign
from probe.cli.pattern_flags import add_pattern_flags, patterns_from
from probe.cli.recurring import Others, add_recurrence, check_alone, with_others
from probe.cli.showing import add_outputs, say, show, tell
from probe.cli.telling import put
from probe.cli.texts import PAGE, TABLE, check_files, foreign_corpus, path_named
from probe.corpus import Corpus
from probe.errors import UserError
from probe.patterns import Pattern, network_patterns, parse_patterns
from probe.render import ViewOptions
from probe.render.coloured_text import write_texts
from probe.scan import Findings, ScanOptions, check_folder
from probe.scan.controls.ablation import AblationOptions
from probe.scan.controls.logistic import ProbeOptions
from probe.scan.engine import Engine, EngineOptions, Local, engine_for
from probe.scan.shortness import shortfall
from probe.scan.weights import Network

if TYPE_CHECKING:
    from probe.activations import Deviation, Extraction
    from probe.model import Run

# Mean deviation of parallel streams above which their scores are not those of one stream.
TOLERATED = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN|STORE|MODEL", help="a run directory, a store of activations, or a "
                        "network of others: a .keras file, a Keras 2 file, or a folder that 'probe import' made")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="a text: a file, a fetched corpus, or 'embedded' [what "
                        "the run was trained on]")
    given = parser.add_argument_group("what is given back")
    given.add_argument("--out", metavar="FOLDER",
                       help="where the findings go, replacing former ones [RUN/findings, RUN/findings-TEXT, "
                       "STORE/findings, or findings/MODEL]")
    given.add_argument("--csv", metavar="FILE", help="also write every unit × pattern as a table")
    given.add_argument("--json", action="store_true", help="print the findings as JSON instead of a table")
    given.add_argument("--show", action="store_true", help="also print a passage of each pattern, coloured")
    given.add_argument("--live", action="store_true", help="also keep the network's weights with the findings, for "
                       "'probe gallery --live'")
    add_outputs(given)
    add_options(parser, ScanOptions, "ranking and tests", defaults=ScanOptions())
    add_pattern_flags(parser)
    add_recurrence(parser)
    add_options(parser, AblationOptions, "ablation: the network without a unit", defaults=AblationOptions())
    add_options(parser, ProbeOptions, "logistic probes: groups of units", defaults=ProbeOptions())
    add_options(parser, ExtractOptions, "how the network reads", defaults=ExtractOptions())
    add_network(parser)
    add_options(parser, EngineOptions, "where the scan runs", defaults=EngineOptions())
    add_options(parser, ViewOptions, "how --show and --html look", defaults=ViewOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.activations.store import is_store

    source, options = path_named(arguments.run), options_from(arguments, ScanOptions())
    check_files(arguments, csv=TABLE, html=PAGE)
    check_there(source)
    kind = _scan_store if is_store(source) else _scan_foreign if is_foreign(source) else _scan_run
    kind(source, options, arguments)


def _scan_run(source: Path, options: ScanOptions, arguments: argparse.Namespace) -> None:
    from probe.model import Run

    opened, extraction = Run.open(source), options_from(arguments, ExtractOptions())
    check_own(source, arguments)
    if arguments.live and extraction.windowed:
        raise UserError("--live reads on from character to character, and --windowed anew for each; leave out one")
    corpus = foreign_corpus(opened, arguments) if arguments.text else opened.corpus
    foreign = "" if corpus is opened.corpus else f"-{Path(arguments.text).stem}"
    folder = _checked(opened.folder / f"findings{foreign}", corpus, options, arguments)
    checkpoint, tests = checkpoint_named(arguments.checkpoint), _tests(arguments, corpus)
    others = Others.of(opened, arguments, options)
    with _engine(arguments) as engine:
        findings = scan_run(opened, corpus, options, extraction, checkpoint=checkpoint, engine=engine,
                            live=arguments.live, **tests)
        findings = with_others(findings, opened, corpus, others, options, extraction, checkpoint=checkpoint,
                               patterns=tests["patterns"], engine=engine, show=tests["show"])
    _give(findings, folder, arguments)


def _scan_store(source: Path, options: ScanOptions, arguments: argparse.Namespace) -> None:
    from probe.activations.store import Store, meeting, selection_and_confirmation
    from probe.scan import scan

    reading = [field.name for kind in (ExtractOptions, ForeignOptions) for field in fields(kind)
               if field.name != "characters"]
    given = ["TEXT"] * (arguments.text is not None) + ["--checkpoint"] * (arguments.checkpoint != "best")
    given += [f"--{name.replace('_', '-')}" for name in reading if name in arguments]
    if given:
        raise UserError(f"{source}: is a store, whose text and activations are fixed; {given[0]} is for the scan of a "
                        "network")
    check_alone(source, arguments)
    store = Store.open(source)
    kept = kept_labels(store)
    folder = _checked(source / "findings", store.corpus, options, arguments, kept)
    most = options_from(arguments, ExtractOptions()).characters
    selection, confirmation = selection_and_confirmation(store, most)
    _, texts = meeting(store)
    if not arguments.json:
        say(f"{source}: ranking on {len(selection.segment):,} characters, confirming on "
            f"{len(confirmation.segment):,}, kept in {store.contents.options.dtype}: {texts}")
    with _engine(arguments) as engine:
        findings = scan(selection, confirmation, options, notes={"texts": texts}, engine=engine,
                        **_tests(arguments, store.corpus, kept))
    _give(findings, folder, arguments)


def _scan_foreign(source: Path, options: ScanOptions, arguments: argparse.Namespace) -> None:
    from probe.scan import scan

    check_alone(source, arguments)
    extraction = foreign_extraction(source, arguments, options_from(arguments, ExtractOptions()))
    folder = _checked(Path("findings") / source.stem, extraction.corpus, options, arguments)
    halves: tuple[Any, Any] = extraction.halves()
    selection, confirmation = halves
    if not arguments.json:
        say(f"{source}: ranking on {len(selection.segment):,} characters, confirming on "
            f"{len(confirmation.segment):,}")
    deviation = _told_deviation(source, confirmation, show=not arguments.json)
    with _engine(arguments) as engine:
        findings = scan(selection, confirmation, options, notes={"stream_deviation": asdict(deviation)}, engine=engine,
                        **_tests(arguments, extraction.corpus))
    _give(findings, folder, arguments)


def _checked(default: Path, corpus: Corpus, options: ScanOptions, arguments: argparse.Namespace,
             kept: Sequence[Pattern] = ()) -> Path:
    """Where the findings go, after a look for mistakes that would show only after the scan."""
    folder = path_named(arguments.out) if arguments.out else default
    own = patterns_from(arguments, corpus, kept)
    parse_patterns(options.patterns, corpus.language, own, network=network_patterns())
    check_folder(folder)
    return folder


def _tests(arguments: argparse.Namespace, corpus: Corpus, kept: Sequence[Pattern] = ()) -> dict[str, Any]:
    """What a scan is told beside its options."""
    return {"patterns": patterns_from(arguments, corpus, kept), "ablation": options_from(arguments, AblationOptions()),
            "probes": options_from(arguments, ProbeOptions()), "show": not arguments.json}


def _engine(arguments: argparse.Namespace) -> AbstractContextManager[Engine]:
    return engine_for(options_from(arguments, EngineOptions()))


def _give(findings: Findings, folder: Path, arguments: argparse.Namespace) -> None:
    """Write all files, then print: a reader that leaves early, as head does, takes nothing with it."""
    replaced = (folder / "findings.json").exists()
    findings = replace(findings, provenance={**findings.provenance, "command": arguments.line})
    findings.save(folder)
    if arguments.csv:
        findings.to_csv(path_named(arguments.csv))
    texts = []
    if arguments.html or (arguments.show and not arguments.json):
        view = options_from(arguments, ViewOptions())
        texts = [findings.text(finding, view) for finding in findings.findings if finding.rank == 1]
    written = write_texts(path_named(arguments.html), texts) if arguments.html else None
    if lacking := shortfall(findings):
        tell(lacking)
    if arguments.json:
        print(json_text(findings))
        return
    if arguments.show:
        show(texts, arguments.colour)
    put(str(findings))
    if replaced:
        print(f"{folder}: replaced the findings that were there")
    if written:
        put(f"page: {written.resolve()}")
    print(f"findings: {folder}    a page of them: probe gallery {folder}")


def scan_run(opened: "Run", corpus: Corpus, options: ScanOptions, extraction: ExtractOptions, *,
             checkpoint: str | int = "best", patterns: Sequence[Pattern] = (),
             ablation: AblationOptions = AblationOptions(), probes: ProbeOptions = ProbeOptions(),
             engine: Engine = Local(), live: bool = False, show: bool = True) -> Findings:
    """Join extraction and scan, tell what parallel streams cost, and keep the network if it is to be ``live``."""
    from probe.activations import selection_and_confirmation, window_deviation
    from probe.scan import scan
    from probe.scan.local import check_texts

    selection, confirmation = selection_and_confirmation(opened, corpus, checkpoint=checkpoint, options=extraction)
    check_texts(selection, confirmation, engine)
    if show:
        say(f"{opened.folder}: {_checkpoint_words(opened.folder, checkpoint, confirmation.checkpoint.step)}")
        say(f"{opened.folder}: ranking on {len(selection.segment):,} characters, confirming on "
            f"{len(confirmation.segment):,}")
    deviation = _told_deviation(opened.folder, confirmation, show=show)
    notes: dict[str, Any] = {"stream_deviation": asdict(deviation)}
    if opened.training["objective"] == "last" and not extraction.windowed:
        window = opened.training["length"]
        apart = window_deviation(confirmation, window)
        notes["window_deviation"] = asdict(apart)
        if show:
            say(f"{opened.folder}: was trained on windows of {window} characters from the zero state, from which the "
                f"stream that is read here deviates: {apart} (measured on {apart.characters:,} characters); "
                f"--windowed {window} reads as it was trained, in {window} times the time")
    findings = scan(selection, confirmation, options, patterns=patterns, ablation=ablation, probes=probes, notes=notes,
                    engine=engine, show=show)
    return replace(findings, network=network_of(opened, confirmation)) if live else findings


def _checkpoint_words(folder: Path, which: str | int, step: int) -> str:
    from probe.model.checkpoint import checkpoint_steps

    of = f"{max(checkpoint_steps(folder), default=step):,} steps"
    return f"reading checkpoint {step:,} ({ {'best': 'best of', 'latest': 'latest of'}.get(str(which), 'of')} {of})"


def _told_deviation(place: Path, blocks: "Extraction", *, show: bool) -> "Deviation":
    """Measure what parallel streams cost, and tell of it."""
    from probe.activations import stream_deviation

    deviation = stream_deviation(blocks, show=show)
    if show:
        say(f"{place}: read as {blocks.scheme}")
        if deviation.streams > 1:
            say(f"{place}: read so, it deviates from one stream: {deviation} (measured on the first "
                f"{deviation.characters:,} characters, which have room for {deviation.streams} streams)")
    if deviation.mean > TOLERATED:
        warnings.warn(f"what the network does depends on where its reading began ({deviation.mean:.2g} on average): "
                      "the scores below are of parallel streams; --streams 1 is exact, a larger --overlap comes nearer",
                      stacklevel=2)
    return deviation


def network_of(opened: "Run", extraction: "Extraction") -> Network:
    """Return the network with which an extraction of a run reads, to be kept with findings."""
    from probe.model.plain import plain_weights

    options, vocabulary = opened.model_options, opened.corpus.vocabulary
    return Network(tuple(str(number) for number in range(1, options.layers + 1)), options.recurrent_activation,
                   vocabulary.characters, vocabulary.unknown, plain_weights(options, extraction.checkpoint.weights))
