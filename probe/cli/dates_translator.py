"""Which translator a command asks, and what texts."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from probe.attention.translator.run import TranslatorRun
from probe.attention.translator.translation import MOST, MOST_BEAMS, checked
from probe.cli.checkpoints import checkpoint_named
from probe.cli.flags import whole
from probe.cli.texts import path_named
from probe.errors import UserError
from probe.files import near_path, restore_folder

if TYPE_CHECKING:
    from probe.attention import Translator

# A translator that was saved has this file.
SAVED = "translator.json"
# Bytes of a line that is surely too long: no character has more than four, and a line three before and two behind them.
LONGEST_LINE = 4 * MOST + 6


def add_translator(parser: argparse.ArgumentParser, *, beams: bool = True) -> None:
    """Add the flags that say which translator is asked, and how it searches."""
    parser.add_argument("--run", metavar="RUN", help="a run of 'probe dates train', or the folder of a translator that "
                        "was saved [the translator that comes with probe]")
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="weights of a run [best]")
    if beams:
        parser.add_argument("--beams", type=whole, default=5, metavar="INT", help="beginnings of an output that the "
                            "search keeps; 1 is greedy [5]")


def check_translator(arguments: argparse.Namespace) -> None:
    """Raise :class:`UserError` for a mistake that can be told before the engine is loaded."""
    beams = getattr(arguments, "beams", 1)
    if not 1 <= beams <= MOST_BEAMS:
        raise UserError(f"--beams must be 1 to {MOST_BEAMS:,}; received {beams}")
    if arguments.run is None:
        if arguments.checkpoint != "best":
            raise UserError("--checkpoint is of a run, and --run names none")
        return
    folder = path_named(arguments.run)
    restore_folder(folder)
    if not folder.is_dir():
        near = near_path(folder, ("run.json", SAVED)) or f"; 'probe dates train --run {folder}' makes a run"
        raise UserError(f"{folder}: no such folder{near}")
    if (folder / "run.json").exists() or not (folder / SAVED).exists():
        TranslatorRun.open(folder)
    elif arguments.checkpoint != "best":
        raise UserError(f"--checkpoint is of a run, and {folder} is a saved translator, with one set of weights")


def translator_of(arguments: argparse.Namespace) -> "Translator":
    """Open the translator that is asked, with the engine."""
    from probe.attention import Translator

    path: Path | None = None if arguments.run is None else path_named(arguments.run)
    return Translator.open(path, checkpoint_named(arguments.checkpoint))


def texts_given(given: list[str]) -> Iterator[str]:
    """Yield the texts of the command line; of ``-``, or where there are none, the lines of the standard input.

    Raises:
        UserError: a text is too long, or a line is not UTF-8.
    """
    for text in given or ["-"]:
        if text == "-":
            yield from _lines()
        else:
            yield _sound(checked(text))


def _lines() -> Iterator[str]:
    if sys.stdin is None:
        raise UserError("the standard input is closed, and no text was given")
    source = sys.stdin.buffer
    for number, line in enumerate(iter(lambda: source.readline(LONGEST_LINE), b""), 1):
        here = f"line {number:,} of the standard input"
        try:
            text = line.decode("utf-8").removeprefix("\ufeff" if number == 1 else "").rstrip("\r\n")
        except UnicodeDecodeError as error:
            if len(line) < LONGEST_LINE:
                raise UserError(f"{here} is not UTF-8") from error
            text = ""  # cut within a character
        if len(line) == LONGEST_LINE or len(text) > MOST:
            raise UserError(f"{here} is longer than {MOST} characters, the most that a date has")
        yield text


def _sound(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError(f"{text!r:.60}: not UTF-8") from error
    return text
