"""Lines that a command says in its own words, about names and places that anybody may have chosen."""

import sys

from probe.render.graphemes import visible


def put(line: str, *, beside: bool = False) -> None:
    """Print a line, with what a terminal would obey in it spelt out: a folder, a layer or a version may be called
    anything.

    Args:
        line: or several.
        beside: whether it goes to the standard error output, beside an output for programs.
    """
    print(visible(line).replace("\t", "→"), file=sys.stderr if beside else sys.stdout)
