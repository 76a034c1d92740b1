"""The whole job in a few minutes: train, scan every unit, and write one HTML page. Run again, it reuses what is done.

  probe demo                    on Python's own standard library
  probe demo alice.txt          on a text of yours
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from probe.cli.flags import Parser
from probe.cli.texts import text_named
from probe.errors import UserError
from probe.scan import Findings, ScanOptions
from probe.train import PRESETS

SCAN = ScanOptions(characters=400_000)


def add_arguments(parser: Parser) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="?", default="embedded",
                        help="a text file or a fetched corpus [Python's own standard library]")
    parser.add_argument("--run", metavar="FOLDER", help="the run directory [runs/demo, or runs/ and the name of TEXT]")
    parser.add_argument("--minutes", type=float, default=2.0, metavar="FLOAT", help="time to train [2.0]")


def run(arguments: argparse.Namespace) -> None:
    name = "demo" if arguments.text == "embedded" else Path(arguments.text).stem
    folder = Path(arguments.run or Path("runs") / name)
    text = text_named(arguments.text, folder)
    if not arguments.minutes > 0:
        raise UserError(f"--minutes must be above 0; received {arguments.minutes}")
    from probe.activations import ExtractOptions
    from probe.cli.scan import scan_run
    from probe.gallery import build_gallery, overview
    from probe.train import train

    small = PRESETS["small"]
    trained = train(text, folder, small.model, replace(small.training, epochs=None, minutes=arguments.minutes),
                    corpus_options=small.corpus)
    findings = _reusable(folder / "findings", trained.checkpoint("best").step)
    if findings:
        print(f"{folder / 'findings'}: already scanned with these weights; reused")
    else:
        findings = scan_run(trained, trained.corpus, SCAN, ExtractOptions())
        findings.save(folder / "findings")
    print(f"\n{findings}\n\n{overview(findings)}\n")
    print(f"gallery: {build_gallery(findings, folder / 'gallery.html').resolve()}")


def _reusable(folder: Path, step: int) -> Findings | None:
    """Findings of an earlier demo, if they are of the same weights and options."""
    try:
        findings = Findings.load(folder)
    except UserError:
        return None
    same = findings.provenance.get("checkpoint") == step and findings.provenance.get("options") == asdict(SCAN)
    return findings if same else None
