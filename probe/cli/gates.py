"""How often the gates of each unit are saturated, and how long each unit remembers.

  probe gates runs/alice                                  on the text it was trained on
  probe gates runs/alice other.txt --html gates.html      a scatter plot to look at, one point a unit
  probe gates acts/ --json                                from a store with input_gate, forget_gate and output_gate
"""

import argparse
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from probe.activations.gates import GateStatistics
from probe.activations.options import ExtractOptions
from probe.activations.signal import GATES
from probe.activations.store import StoreBlocks
from probe.cli.checkpoints import checkpoint_named
from probe.cli.flags import add_options, options_from, whole
from probe.cli.showing import draw, drawing_named
from probe.cli.stores import store_named
from probe.cli.texts import PAGE, TABLE, check_files, foreign_corpus, path_named
from probe.corpus import Segment
from probe.errors import UserError
from probe.files import replace_text
from probe.scan.tables import csv_text

if TYPE_CHECKING:
    from probe.activations.extract import Extraction

READING = ExtractOptions(signals=",".join(GATES), losses=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="RUN|ACTS", help="a run directory, or a store that 'probe extract' made")
    parser.add_argument("text", metavar="TEXT", nargs="?",
                        help="another text than that of the run: a file, a fetched corpus, or 'embedded'")
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="which weights [best]")
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="of TEXT [utf-8]")
    parser.add_argument("--stand-in", metavar="CHARACTER",
                        help="read characters of TEXT that the run never saw as this one")
    parser.add_argument("--html", metavar="FILE", help="write the scatter plot and its tables as a page")
    parser.add_argument("--plot", metavar="FILE", help="draw the scatter plot, as .png, .svg or .pdf")
    parser.add_argument("--csv", metavar="FILE", help="write every unit as a table")
    parser.add_argument("--json", action="store_true", help="print every unit as JSON instead of tables")
    parser.add_argument("--characters", type=whole, default=argparse.SUPPRESS, metavar="INT",
                        help=f"most characters of a text that are read, from its beginning [{READING.characters}]")
    add_options(parser, ExtractOptions, "activations", defaults=READING, skip=("signals", "losses", "characters"))


def run(arguments: argparse.Namespace) -> None:
    check_files(arguments, csv=TABLE, html=PAGE)
    drawing = drawing_named(arguments.plot, "--plot") if arguments.plot else None
    folder = path_named(arguments.source)
    blocks = _of_run(folder, arguments) if (folder / "run.json").exists() else _of_store(folder, arguments)
    statistics = GateStatistics.of(blocks, show=not arguments.json)
    if arguments.csv:
        replace_text(path_named(arguments.csv), csv_text(list(statistics.rows())))
    if arguments.json:
        print(json.dumps(list(statistics.rows()), indent=1))
    else:
        print(statistics)
    told = {}
    if arguments.html:
        told["page"] = statistics.to_html(path_named(arguments.html)).resolve()
    if drawing:
        draw(statistics.figure(), drawing)
        told["plot"] = drawing
    if told and not arguments.json:
        print("\n" + "\n".join(f"{name}: {path}" for name, path in told.items()))


def _of_run(folder: Path, arguments: argparse.Namespace) -> "Extraction":
    from probe.activations.extract import Extraction
    from probe.model import Run

    opened = Run.open(folder)
    options = replace(options_from(arguments, READING), signals=READING.signals, losses=False)
    corpus = foreign_corpus(opened, arguments) if arguments.text else opened.corpus
    segment = Segment(0, min(len(corpus), options.characters))
    extraction = Extraction.of(opened, segment, corpus=corpus, checkpoint=checkpoint_named(arguments.checkpoint),
                               options=options)
    if not arguments.json:
        print(f"{folder}: read as {extraction.scheme}\n")
    return extraction


def _of_store(folder: Path, arguments: argparse.Namespace) -> StoreBlocks:
    of_runs = [field.name for field in fields(ExtractOptions) if field.name in arguments]
    if arguments.text or of_runs:
        given = f"--{of_runs[0].replace('_', '-')}" if of_runs else "TEXT"
        raise UserError(f"{folder}: is a store, which has its own text, layers and units; {given} is for a run")
    store = store_named(str(folder), signals="all")
    kept = dict.fromkeys(signal for _, signal in store.units)
    if not kept.keys() & set(GATES):
        raise UserError(f"{folder}: holds no gates, but {', '.join(kept)}; 'probe extract … --signals all' records the "
                        "gates too")
    if store.every > 1 and not arguments.json:
        print(f"{folder}: keeps one character in {store.every:,}, and these alone are counted\n")
    return store.blocks(sparse=True)
