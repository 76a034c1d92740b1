"""Hold every unit of a run against every pattern, and keep what was found in a findings folder.

  probe scan runs/alice                                  ranked on what it was trained on, confirmed on its test split
  probe scan runs/alice other.txt --out findings/other   a foreign text: ranked on one half, confirmed on the other
  probe scan runs/alice --patterns inside_quotes,word_start --top 3 --json --out findings/quotes
"""

import argparse
import json
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from probe.activations import ExtractOptions
from probe.cli.flags import add_options, options_from
from probe.cli.texts import path_named, text_named
from probe.corpus import Corpus, CorpusOptions
from probe.errors import UserError
from probe.files import sha256_of
from probe.patterns import parse_patterns
from probe.scan import Findings, ScanOptions, check_folder

if TYPE_CHECKING:
    from probe.model import Run

# Mean deviation of parallel streams above which their scores are not those of one stream.
TOLERATED = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run directory")
    parser.add_argument("text", metavar="TEXT", nargs="?",
                        help="another text than the one it was trained on: a file, a fetched corpus, or 'embedded'")
    parser.add_argument("--out", metavar="FOLDER",
                        help="where the findings go, replacing former ones [RUN/findings, or RUN/findings-TEXT]")
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="which weights [best]")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="of TEXT [utf-8]")
    parser.add_argument("--stand-in", metavar="CHARACTER",
                        help="read characters of TEXT that the run never saw as this one")
    parser.add_argument("--csv", metavar="FILE", help="also write every unit × pattern as a table")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON instead of a table")
    parser.add_argument("--show", action="store_true", help="also print a passage of each pattern, coloured")
    add_options(parser, ScanOptions, "scan", defaults=ScanOptions())
    add_options(parser, ExtractOptions, "activations", defaults=ExtractOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.model import Run

    opened = Run.open(path_named(arguments.run))
    options, extraction = options_from(arguments, ScanOptions()), options_from(arguments, ExtractOptions())
    corpus = _foreign_text(opened, arguments) if arguments.text else opened.corpus
    foreign = "" if corpus is opened.corpus else f"-{Path(arguments.text).stem}"
    folder = path_named(arguments.out) if arguments.out else opened.folder / f"findings{foreign}"
    # Mistakes that would show only after the scan are looked for before it.
    parse_patterns(options.patterns, corpus.language)
    check_folder(folder)
    checkpoint = int(arguments.checkpoint) if arguments.checkpoint.isdecimal() else arguments.checkpoint
    findings = scan_run(opened, corpus, options, extraction, checkpoint=checkpoint, quiet=arguments.json)
    if (folder / "findings.json").exists() and not arguments.json:
        print(f"{folder}: replacing the findings that were there")
    findings.save(folder)
    if arguments.csv:
        findings.to_csv(path_named(arguments.csv))
    if arguments.json:
        print(json.dumps(list(findings.rows()), indent=1))
        return
    if arguments.show:
        for finding in findings.findings:
            if finding.rank == 1:
                print(f"{findings.text(finding)}\n")
    print(findings)
    print(f"findings: {folder}    a page of them: probe gallery {folder}")


def scan_run(opened: "Run", corpus: Corpus, options: ScanOptions, extraction: ExtractOptions, *,
             checkpoint: str | int = "best", quiet: bool = False) -> Findings:
    """Join extraction and scan, and tell what parallel streams cost."""
    from probe.activations import selection_and_confirmation, stream_deviation
    from probe.scan import scan

    selection, confirmation = selection_and_confirmation(opened, corpus, checkpoint=checkpoint, options=extraction)
    if not quiet:
        print(f"{opened.folder}: ranking on {len(selection.segment):,} characters, confirming on "
              f"{len(confirmation.segment):,}")
    deviation = stream_deviation(confirmation)
    if not quiet and deviation.streams > 1:
        print(f"{opened.folder}: {deviation.streams} parallel streams deviate from one by {deviation.mean:.1g} on "
              f"average and {deviation.largest:.1g} at most (measured on {deviation.characters:,} characters)")
    if deviation.mean > TOLERATED:
        warnings.warn(f"what the network does depends on where its reading began ({deviation.mean:.2g} on average): "
                      "the scores below are of parallel streams; --streams 1 is exact, a larger --overlap comes nearer",
                      stacklevel=2)
    if not quiet and opened.training["objective"] == "last":
        print(f"{opened.folder}: was trained on windows of {opened.training['length']} characters from the zero state, "
              "and is read here as one stream")
    return scan(selection, confirmation, options, notes={"stream_deviation": asdict(deviation)}, show=not quiet)


def _foreign_text(opened: "Run", arguments: argparse.Namespace) -> Corpus:
    if arguments.stand_in is not None and len(arguments.stand_in) != 1:
        raise UserError(f"--stand-in must be one character; received {arguments.stand_in!r}")
    path = text_named(arguments.text)
    if path is not None and sha256_of(path) == opened.corpus.source["sha256"]:
        return opened.corpus
    reading = CorpusOptions(encoding=arguments.encoding, collapse_spaces=opened.corpus.options.collapse_spaces)
    known = {"vocabulary": opened.corpus.vocabulary, "stand_in": arguments.stand_in, "progress": True}
    if path is None:
        return Corpus.embedded(reading, **known)
    return Corpus.read(path, reading, **known)
