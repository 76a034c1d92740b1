"""Let a trained network write, character by character.

  probe sample runs/alice                                       in one go, from a new line
  probe sample runs/alice --prompt "The Queen " --temperature 0.7 --length 2000
  probe sample runs/alice --show 1:225                          coloured by unit 225 of layer 1
  head -20 book.txt | probe sample runs/alice --prompt - --greedy
"""

import argparse
import os
import re
import sys
from typing import TYPE_CHECKING

from probe.cli.flags import add_options, options_from
from probe.cli.texts import path_named
from probe.errors import UserError
from probe.model.drawing import SampleOptions
from probe.render.stream import TextStream
from probe.render.terminal import colour_depth

if TYPE_CHECKING:
    from probe.model import ModelOptions, Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run directory")
    parser.add_argument("--prompt", metavar="TEXT", help="what is read, and printed, before it writes; - reads the "
                        "standard input [a new line; for a run of windows, the first window of its text]")
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="which weights [best]")
    parser.add_argument("--show", metavar="LAYER:UNIT", help="colour each character by what this unit does once it has "
                        "been read, as the scan names units; blue is low, red is high")
    add_options(parser, SampleOptions, "drawing", defaults=SampleOptions())


def run(arguments: argparse.Namespace) -> None:
    from probe.model import Run

    opened = Run.open(path_named(arguments.run))
    options = options_from(arguments, SampleOptions())
    shown = _unit(arguments.show, opened.model_options) if arguments.show else None
    given = _standard_input() if arguments.prompt == "-" else arguments.prompt
    prompt = _beginning(opened) if given is None else given
    checkpoint = int(arguments.checkpoint) if arguments.checkpoint.isdecimal() else arguments.checkpoint
    from probe.model import Sampler

    written = Sampler.of(opened, checkpoint, kernel=options.kernel).sample(prompt, options)
    is_terminal = sys.stdout.isatty()
    stream = TextStream(is_terminal, colour_depth(is_terminal, os.environ))
    try:
        _send("".join(map(stream.piece, given or "")))
        for each in written:
            _send(stream.piece(each.character, None if shown is None else float(each.hidden[shown])))
    except KeyboardInterrupt:
        if options.length:
            raise
    finally:
        # A pipe gets the text and no more; a terminal a line of its own for what comes next.
        _send(stream.end() + ("\n" if is_terminal else ""))


def _send(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UserError(f"--prompt -: the standard input is not {error.encoding} at byte {error.start:,}") from error


def _beginning(opened: "Run") -> str:
    """What a network reads if it is given no prompt."""
    if opened.training["objective"] == "last":
        return opened.corpus.document(0, min(opened.training["length"], len(opened.corpus))).text
    return "\n" if "\n" in opened.corpus.vocabulary.characters else opened.corpus.vocabulary.characters[0]


def _unit(name: str, network: "ModelOptions") -> tuple[int, int]:
    """(layer, unit), both from 0, of a name such as 1:225, whose layer counts from 1."""
    match = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", name)
    layer, unit = (int(number) for number in match.groups()) if match else (0, 0)
    if not (1 <= layer <= network.layers and unit < network.units):
        raise UserError(f"--show must be LAYER:UNIT with a layer of 1 to {network.layers} and a unit of 0 to "
                        f"{network.units - 1}; received {name!r}")
    return layer - 1, unit
