"""Hold every unit of a network against every pattern, and keep what was found in a findings folder.

  probe scan runs/alice                                  ranked on what it was trained on, confirmed on its test split
  probe scan runs/alice other.txt --out findings/other   a foreign text: ranked on one half, confirmed on the other
  probe scan runs/alice --patterns inside_quotes,word_start --top 3 --json --out findings/quotes
  probe scan acts/                                       activations that 'probe extract' kept, without the run
  probe scan theirs.keras book.txt --mapping ids.json    a network of others: ranked on one half, confirmed on the other
"""

import argparse
import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.activations import ExtractOptions
from probe.activations.foreign import ForeignOptions
from probe.cli.flags import add_options, options_from
from probe.cli.networks import add_network, check_own, check_there, foreign_extraction, is_foreign
from probe.cli.pattern_flags import add_pattern_flags, patterns_from
from probe.cli.showing import add_outputs, page, show
from probe.cli.texts import foreign_corpus, path_named
from probe.corpus import Corpus
from probe.errors import UserError
from probe.patterns import Pattern, network_patterns, parse_patterns
from probe.render import ViewOptions
from probe.scan import Findings, ScanOptions, check_folder
from probe.scan.ablation import AblationOptions

if TYPE_CHECKING:
    from probe.model import Run

# Mean deviation of parallel streams above which their scores are not those of one stream.
TOLERATED = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN|STORE|MODEL", help="a run directory, a store of activations, or a "
                        "network of others: a .keras file, a Keras 2 file, or a folder that 'probe import' made")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="a text: a file, a fetched corpus, or 'embedded' [what "
                        "the run was trained on]")
    parser.add_argument("--out", metavar="FOLDER",
                        help="where the findings go, replacing former ones [RUN/findings, RUN/findings-TEXT, "
                        "STORE/findings, or findings/MODEL]")
    parser.add_argument("--csv", metavar="FILE", help="also write every unit × pattern as a table")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON instead of a table")
    parser.add_argument("--show", action="store_true", help="also print a passage of each pattern, coloured")
    add_outputs(parser)
    add_options(parser, ScanOptions, "scan", defaults=ScanOptions())
    add_options(parser, AblationOptions, "ablation", defaults=AblationOptions())
    add_pattern_flags(parser)
    add_options(parser, ExtractOptions, "activations", defaults=ExtractOptions())
    add_network(parser)
    add_options(parser, ViewOptions, "showing", defaults=ViewOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.activations.store import is_store

    source, options = path_named(arguments.run), options_from(arguments, ScanOptions())
    check_there(source)
    kind = _scan_store if is_store(source) else _scan_foreign if is_foreign(source) else _scan_run
    kind(source, options, arguments)


def _scan_run(source: Path, options: ScanOptions, arguments: argparse.Namespace) -> None:
    from probe.model import Run

    opened, extraction = Run.open(source), options_from(arguments, ExtractOptions())
    check_own(source, arguments)
    corpus = foreign_corpus(opened, arguments) if arguments.text else opened.corpus
    foreign = "" if corpus is opened.corpus else f"-{Path(arguments.text).stem}"
    folder = _checked(opened.folder / f"findings{foreign}", corpus, options, arguments)
    checkpoint = int(arguments.checkpoint) if arguments.checkpoint.isdecimal() else arguments.checkpoint
    findings = scan_run(opened, corpus, options, extraction, checkpoint=checkpoint, **_tests(arguments, corpus))
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
    store = Store.open(source)
    folder = _checked(source / "findings", store.corpus, options, arguments)
    most = options_from(arguments, ExtractOptions()).characters
    selection, confirmation = selection_and_confirmation(store, most)
    _, texts = meeting(store)
    if not arguments.json:
        print(f"{source}: ranking on {len(selection.segment):,} characters, confirming on "
              f"{len(confirmation.segment):,}, kept in {store.contents.options.dtype}: {texts}")
    _give(scan(selection, confirmation, options, notes={"texts": texts}, **_tests(arguments, store.corpus)), folder,
          arguments)


def _scan_foreign(source: Path, options: ScanOptions, arguments: argparse.Namespace) -> None:
    from probe.activations import stream_deviation
    from probe.scan import scan

    extraction = foreign_extraction(source, arguments, options_from(arguments, ExtractOptions()))
    folder = _checked(Path("findings") / source.stem, extraction.corpus, options, arguments)
    halves: tuple[Any, Any] = extraction.halves()
    selection, confirmation = halves
    deviation = stream_deviation(confirmation)
    if not arguments.json:
        print(f"{source}: ranking on {len(selection.segment):,} characters, confirming on "
              f"{len(confirmation.segment):,}, read as {confirmation.scheme}")
        if deviation.streams > 1:
            print(f"{source}: {deviation.streams} parallel streams deviate from one: {deviation} (measured on "
                  f"{deviation.characters:,} characters)")
    _give(scan(selection, confirmation, options, notes={"stream_deviation": asdict(deviation)},
               **_tests(arguments, extraction.corpus)), folder, arguments)


def _checked(default: Path, corpus: Corpus, options: ScanOptions, arguments: argparse.Namespace) -> Path:
    """Where the findings go, after a look for mistakes that would show only after the scan."""
    folder = path_named(arguments.out) if arguments.out else default
    parse_patterns(options.patterns, corpus.language, patterns_from(arguments, corpus), network=network_patterns())
    check_folder(folder)
    return folder


def _tests(arguments: argparse.Namespace, corpus: Corpus) -> dict[str, Any]:
    """What a scan is told beside its options."""
    return {"patterns": patterns_from(arguments, corpus), "ablation": options_from(arguments, AblationOptions()),
            "show": not arguments.json}


def _give(findings: Findings, folder: Path, arguments: argparse.Namespace) -> None:
    if (folder / "findings.json").exists() and not arguments.json:
        print(f"{folder}: replacing the findings that were there")
    findings.save(folder)
    if arguments.csv:
        findings.to_csv(path_named(arguments.csv))
    if arguments.json:
        print(json.dumps(list(findings.rows()), indent=1))
        return
    if arguments.show or arguments.html:
        view = options_from(arguments, ViewOptions())
        texts = [findings.text(finding, view) for finding in findings.findings if finding.rank == 1]
        if arguments.show:
            show(texts, arguments.colour)
        if arguments.html:
            page(texts, arguments.html)
    print(findings)
    print(f"findings: {folder}    a page of them: probe gallery {folder}")


def scan_run(opened: "Run", corpus: Corpus, options: ScanOptions, extraction: ExtractOptions, *,
             checkpoint: str | int = "best", patterns: Sequence[Pattern] = (),
             ablation: AblationOptions = AblationOptions(), show: bool = True) -> Findings:
    """Join extraction and scan, and tell what parallel streams cost."""
    from probe.activations import selection_and_confirmation, stream_deviation, window_deviation
    from probe.scan import scan

    selection, confirmation = selection_and_confirmation(opened, corpus, checkpoint=checkpoint, options=extraction)
    if show:
        print(f"{opened.folder}: ranking on {len(selection.segment):,} characters, confirming on "
              f"{len(confirmation.segment):,}")
    deviation = stream_deviation(confirmation)
    notes: dict[str, Any] = {"stream_deviation": asdict(deviation)}
    if show:
        print(f"{opened.folder}: read as {confirmation.scheme}")
        if deviation.streams > 1:
            print(f"{opened.folder}: {deviation.streams} parallel streams deviate from one: {deviation} (measured on "
                  f"{deviation.characters:,} characters)")
    if deviation.mean > TOLERATED:
        warnings.warn(f"what the network does depends on where its reading began ({deviation.mean:.2g} on average): "
                      "the scores below are of parallel streams; --streams 1 is exact, a larger --overlap comes nearer",
                      stacklevel=2)
    if opened.training["objective"] == "last" and not extraction.windowed:
        window = opened.training["length"]
        apart = window_deviation(confirmation, window)
        notes["window_deviation"] = asdict(apart)
        if show:
            print(f"{opened.folder}: was trained on windows of {window} characters from the zero state, from which the "
                  f"stream that is read here deviates: {apart} (measured on {apart.characters:,} characters); "
                  f"--windowed {window} reads as it was trained, in {window} times the time")
    return scan(selection, confirmation, options, patterns=patterns, ablation=ablation, notes=notes, show=show)
