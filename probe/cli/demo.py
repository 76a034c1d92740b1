"""The whole job in a few minutes: train, scan every unit, and write one HTML page. Run again, it reuses what is done.

  probe demo                    on Python's own standard library
  probe demo alice.txt          on a text of yours
"""

import argparse
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from probe.activations import ExtractOptions
from probe.cli.flags import add_options, options_from
from probe.cli.scan import scan_run
from probe.cli.telling import put
from probe.cli.texts import path_named, text_named
from probe.errors import UserError
from probe.options import Options, option
from probe.scan import Findings, ScanOptions
from probe.train import PRESETS

if TYPE_CHECKING:
    from probe.model import Run


@dataclass(frozen=True)
class DemoOptions(Options):
    """One demonstration."""

    minutes: float = option(2.0, "time to train", above=0, maximum=1e7)


SCAN = ScanOptions()
EXTRACTION = ExtractOptions(characters=400_000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="?", default="embedded",
                        help="a text file or a fetched corpus [Python's own standard library]")
    parser.add_argument("--run", metavar="FOLDER", help="the run directory [runs/demo, or runs/ and the name of TEXT]")
    add_options(parser, DemoOptions, "demonstration", defaults=DemoOptions())


def run(arguments: argparse.Namespace) -> None:
    options = options_from(arguments, DemoOptions())
    name = "demo" if arguments.text == "embedded" else Path(arguments.text).stem
    folder = path_named(arguments.run) if arguments.run else Path("runs") / name
    text = text_named(arguments.text, folder)
    from probe.gallery import build_gallery, overview
    from probe.train import train

    small = PRESETS["small"]
    trained = train(text, folder, small.model, replace(small.training, epochs=None, minutes=options.minutes),
                    corpus_options=small.corpus)
    findings = _reusable(folder / "findings", trained)
    if findings:
        print(f"{folder / 'findings'}: already scanned with these weights; reused")
    else:
        findings = scan_run(trained, trained.corpus, SCAN, EXTRACTION)
        findings.save(folder / "findings")
    put(f"\n{findings}\n\n{overview(findings)}\n")
    put(f"gallery: {build_gallery(findings, folder / 'gallery.html').resolve()}")


def _reusable(folder: Path, trained: "Run") -> Findings | None:
    """Findings of an earlier demo, if they are of the same weights, text and options."""
    try:
        findings = Findings.load(folder)
    except UserError:
        return None
    made = tuple(findings.provenance.get(name) for name in ("checkpoint", "corpus", "scan", "extraction"))
    asked = (trained.checkpoint("best").step, trained.corpus.source, asdict(SCAN), asdict(EXTRACTION))
    return findings if made == asked else None
