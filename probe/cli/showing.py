"""Coloured text on its way to a person: a terminal of whatever colours, a page, a drawing."""

import argparse
import contextlib
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from probe.cli.flags import one_of
from probe.cli.telling import put
from probe.cli.texts import file_named, path_named
from probe.errors import UserError
from probe.options import did_you_mean
from probe.render.coloured_text import ColouredText, write_texts
from probe.render.graphemes import visible
from probe.render.paper import ENDINGS, save_figure
from probe.render.terminal import colour_depth

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("auto", "always", "never")


def add_outputs(parser: argparse._ActionsContainer) -> None:
    """Add the flags that say where coloured text goes."""
    parser.add_argument("--html", metavar="FILE", help="write the coloured text as a page too")
    add_colour(parser)


def add_colour(parser: argparse._ActionsContainer) -> None:
    """Add the flag that says whether the standard output gets colours."""
    parser.add_argument("--colour", type=one_of("--colour", COLOURS), default="auto", metavar="|".join(COLOURS),
                        help="colours on the standard output; auto sends them to a terminal that takes them [auto]")


def check_colour(colour: str) -> None:
    """Raise :class:`UserError` if ``colour`` is none of auto, always and never."""
    if colour not in COLOURS:
        raise UserError(f"--colour must be one of {', '.join(COLOURS)}; received {colour!r}")


def depth_of(colour: str, environment: Mapping[str, str] = os.environ, page: str = "--html") -> str:
    """Return the colours that the standard output is sent: none, 256 or truecolor; tell if it gets none unasked.

    Args:
        colour: auto, always or never.
        environment: variables that tell of the terminal.
        page: the flag that writes a page.

    Raises:
        UserError: ``colour`` is none of auto, always and never.
    """
    check_colour(colour)
    if colour == "never":
        return "none"
    if colour == "always":
        given = {name: value for name, value in environment.items() if name != "NO_COLOR"}
        found = colour_depth(True, given)
        return "256" if found == "none" else found
    depth = colour_depth(sys.stdout.isatty(), environment)
    if depth == "none" and not environment.get("NO_COLOR"):
        tell("no colours: the output is no terminal that takes them; --colour always sends them all the same, "
             f"{page} FILE writes a page")
    return depth


def say(line: str) -> None:
    """Print a line in the middle of long work, which goes on even if its reader has gone."""
    with contextlib.suppress(BrokenPipeError):
        print(visible(line), flush=True)


def tell(line: str) -> None:
    """Say something beside the output, on the standard error output."""
    put(f"probe: {line}", beside=True)


def show(texts: Sequence[ColouredText], colour: str) -> None:
    """Print coloured texts, as wide as the terminal is."""
    depth, width = depth_of(colour), max(20, shutil.get_terminal_size().columns)
    print("\n\n".join(text.to_terminal(width, depth) for text in texts))


def page(texts: Sequence[ColouredText], name: str) -> None:
    """Write coloured texts as one page, and tell where."""
    put(f"page: {write_texts(path_named(name), texts).resolve()}")


def drawing_named(name: str, flag: str) -> Path:
    """Return the path of a drawing.

    Raises:
        UserError: its ending is that of no kind of drawing, or its folder is not there.
    """
    path = file_named(name, flag)
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"{flag} must name a file that ends in {', '.join(ENDINGS)}; received {name!r}")
    return path


def draw(figure: "Figure", path: Path) -> None:
    """Write a figure to a path of :func:`drawing_named`."""
    save_figure(figure, path)


def unit_named(name: str, flag: str, layers: Sequence[str], units: Sequence[int]) -> tuple[str, int]:
    """Return layer and unit of a name such as ``1:225``.

    Args:
        name: as given.
        flag: what it is the value of, for the message.
        layers: that there are.
        units: indices of the units that there are.

    Raises:
        UserError: there is no such unit.
    """
    layer, _, unit = name.rpartition(":")
    if layer in layers and re.fullmatch("[0-9]{1,9}", unit) and int(unit) in units:
        return layer, int(unit)
    some = f"{units[0]} to {units[-1]}" if len(units) == units[-1] - units[0] + 1 else ", ".join(map(str, units[:20]))
    raise UserError(f"{flag} must be LAYER:UNIT with a layer of {', '.join(layers)} and a unit of {some}; received "
                    f"{name!r}{did_you_mean(layer, () if layer in layers else layers)}")
