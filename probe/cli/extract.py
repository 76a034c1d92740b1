"""Record what every unit does at every character, and keep it in a folder: a store.

  probe extract runs/alice --out acts/                              the hidden signal of every layer, over its own text
  probe extract runs/alice other.txt --out acts/ --signals all --layers 2 --units 0-63,189
  probe extract runs/alice --out acts/ --from 100000 --to 200000 --dtype float32 --streams 1
  probe extract theirs.keras book.txt --out acts/ --layers lstm_1 --mapping ids.json

The size is told before it starts. Stopped or killed, the same line goes on where it was; the end is the same, bit for
bit. 'probe scan acts/' scans a store, on any machine, and without the run.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.activations import ExtractOptions, StoreOptions
from probe.cli.checkpoints import checkpoint_named
from probe.cli.flags import add_options, options_from, whole
from probe.cli.networks import add_network, check_own, check_there, foreign_extraction, is_foreign, segment_asked
from probe.cli.telling import put
from probe.cli.texts import foreign_corpus, path_named
from probe.errors import Interrupted

if TYPE_CHECKING:
    from probe.activations import Extraction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN|MODEL", help="a run directory, or a network of others: a .keras file, a "
                        "Keras 2 file, or a folder that 'probe import' made")
    parser.add_argument("text", metavar="TEXT", nargs="?", help="a text: a file, a fetched corpus, or 'embedded' [what "
                        "the run was trained on]")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="the store, new or to go on with")
    parser.add_argument("--from", dest="start", type=whole, default=0, metavar="POSITION",
                        help="first character that is kept [0]")
    parser.add_argument("--to", dest="stop", type=whole, metavar="POSITION",
                        help="the character before which it ends [the end of the text]")
    add_options(parser, StoreOptions, "keeping", defaults=StoreOptions())
    add_options(parser, ExtractOptions, "activations", skip=("characters",), defaults=ExtractOptions())
    add_network(parser)


def run(arguments: argparse.Namespace) -> None:
    from probe.activations import write_store
    from probe.activations.signal import GATES
    from probe.activations.store import check_folder, is_begun, plan, saved_rows
    from probe.interrupt import StopSignals

    folder, source = path_named(arguments.out), path_named(arguments.run)
    check_there(source)
    keeping, reading = options_from(arguments, StoreOptions()), options_from(arguments, ExtractOptions())
    check_folder(folder)
    extraction = (foreign_extraction(source, arguments, reading, (arguments.start, arguments.stop))
                  if is_foreign(source) else _run_extraction(source, arguments, reading))
    put(f"{folder}: {plan(extraction, folder, keeping)}")
    begun, saved = is_begun(folder), saved_rows(folder)
    if saved:
        print(f"{folder}: goes on after {saved:,} of {-(-len(extraction.segment) // keeping.every):,} rows")
    with StopSignals("stopped"):
        try:
            notes = None if begun else _measured(extraction)
            store = write_store(extraction, folder, keeping, notes=notes)
        except Interrupted as stopped:
            raise Interrupted(f"{folder}: stopped with {saved_rows(folder):,} rows saved; the same command goes on "
                              "from there") from stopped
    if keeping.every == 1:
        following = f"probe scan {folder}"
    elif any(signal in GATES for _, signal in store.units):
        following = f"probe gates {folder}"
    else:
        following = f"in Python, Store.open('{folder}').signals"
    print(f"activations: {folder}    next: {following}")


def _run_extraction(source: Path, arguments: argparse.Namespace, options: ExtractOptions) -> "Extraction":
    from probe.activations import Extraction
    from probe.model import Run

    opened = Run.open(source)
    check_own(source, arguments)
    corpus = foreign_corpus(opened, arguments) if arguments.text else opened.corpus
    segment = segment_asked(corpus, arguments.start, arguments.stop)
    return Extraction.of(opened, segment, corpus=corpus, checkpoint=checkpoint_named(arguments.checkpoint),
                         options=options)


def _measured(extraction: Any) -> dict[str, Any]:
    """What parallel streams cost, printed and kept."""
    from probe.activations import stream_deviation

    print(f"read as {extraction.scheme}", flush=True)
    deviation = stream_deviation(extraction, show=True)
    if deviation.streams > 1:
        print(f"{deviation.streams} streams deviate from one, measured on {deviation.characters:,} characters: "
              f"{deviation}")
    return {"stream_deviation": asdict(deviation)}
