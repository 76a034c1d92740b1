"""Hold every unit of a run against every pattern, and keep what was found in a findings folder.

  probe scan runs/alice                                  ranked on what it was trained on, confirmed on its test split
  probe scan runs/alice other.txt --out findings/other   a foreign text: ranked on one half, confirmed on the other
  probe scan runs/alice --patterns inside_quotes,word_start --top 3 --json
"""

import argparse
import json
from typing import TYPE_CHECKING

from probe.activations import ExtractOptions
from probe.cli.flags import add_options, options_from
from probe.cli.texts import text_named
from probe.corpus import Corpus, CorpusOptions
from probe.files import sha256_of
from probe.patterns.registry import parse_patterns
from probe.scan import Findings, ScanOptions, selection_and_confirmation

if TYPE_CHECKING:
    from probe.model import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run directory")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="another text than the one it was trained on")
    parser.add_argument("--out", metavar="FOLDER", help="where the findings go [RUN/findings]")
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="which weights [best]")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="of TEXT [utf-8]")
    parser.add_argument("--stand-in", metavar="CHARACTER",
                        help="read characters of TEXT that the run never saw as this one")
    parser.add_argument("--csv", metavar="FILE", help="also write every unit × pattern as a table")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON instead of a table")
    add_options(parser, ScanOptions, "scan", defaults=ScanOptions())
    add_options(parser, ExtractOptions, "activations", defaults=ExtractOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.model import Run

    opened = Run.open(arguments.run)
    options, extraction = options_from(arguments, ScanOptions()), options_from(arguments, ExtractOptions())
    corpus = _foreign_text(opened, arguments) if arguments.text else opened.corpus
    parse_patterns(options.patterns, corpus.language)  # a mistake here should not cost a wait for TensorFlow
    checkpoint = int(arguments.checkpoint) if arguments.checkpoint.isdecimal() else arguments.checkpoint
    findings = scan_run(opened, corpus, options, extraction, checkpoint=checkpoint, quiet=arguments.json)
    folder = findings.save(arguments.out or opened.folder / "findings")
    if arguments.csv:
        findings.to_csv(arguments.csv)
    if arguments.json:
        print(json.dumps(list(findings.rows()), indent=1))
        return
    print(findings)
    print(f"findings: {folder}    a page of them: probe gallery {folder}")


def scan_run(opened: "Run", corpus: Corpus, options: ScanOptions, extraction: ExtractOptions, *,
             checkpoint: str | int = "best", quiet: bool = False) -> Findings:
    """Join extraction and scan for a run's own text or a foreign one."""
    from probe.activations import Extraction, stream_deviation
    from probe.scan import scan

    segments = selection_and_confirmation(corpus, own=corpus is opened.corpus, characters=options.characters)
    selection, confirmation = (Extraction.of(opened, segment, corpus=corpus, checkpoint=checkpoint, options=extraction)
                               for segment in segments)
    largest, mean = stream_deviation(confirmation)
    if not quiet:
        print(f"{opened.folder}: scanning {len(segments[0]):,} characters to rank units and {len(segments[1]):,} to "
              f"confirm; {extraction.streams} parallel streams deviate from one by {mean:.1g} on average, "
              f"{largest:.1g} at most")
    provenance = {"run": opened.folder.name, "checkpoint": selection.checkpoint, "versions": dict(opened.versions),
                  "own_text": corpus is opened.corpus, "stream_deviation": {"mean": mean, "largest": largest}}
    return scan(selection, confirmation, options, provenance=provenance, log=opened.log, show=not quiet)


def _foreign_text(opened: "Run", arguments: argparse.Namespace) -> Corpus:
    path = text_named(arguments.text)
    if path is None:
        return Corpus.embedded(opened.corpus.options)
    if sha256_of(path) == opened.corpus.source["sha256"]:
        return opened.corpus  # its own text by another way: its test split is still what confirms
    reading = CorpusOptions(encoding=arguments.encoding, collapse_spaces=opened.corpus.options.collapse_spaces)
    return Corpus.read(path, reading, vocabulary=opened.corpus.vocabulary, stand_in=arguments.stand_in, progress=True)
