"""Coloured text on a terminal: 24-bit, 256 colours or none, wrapped to the width."""

import re
from collections.abc import Mapping
from functools import lru_cache

from probe.errors import UserError
from probe.render.contrast import contrast, rgb_of
from probe.render.lines import Piece, text_lines
from probe.render.shown import Shown

DEPTHS = ("none", "256", "truecolor")
RESET, UNDERLINED = "\x1b[0m", "\x1b[4m"
# What stands below a marked character where nothing can be underlined.
MARK = "▔"
# The steps of the 6 × 6 × 6 cube that every 256-colour terminal has at 16 to 231 (xterm's).
CUBE = (0, 95, 135, 175, 215, 255)


def colour_depth(is_terminal: bool, environment: Mapping[str, str]) -> str:
    """Return how many colours an output takes: ``"none"``, ``"256"`` or ``"truecolor"``.

    Args:
        is_terminal: whether a person's terminal is at the other end.
        environment: ``NO_COLOR`` (https://no-color.org: any non-empty value) turns colours off; else ``COLORTERM`` and
            ``TERM`` say what the terminal can do.
    """
    term = environment.get("TERM", "")
    if not is_terminal or environment.get("NO_COLOR") or term in ("", "dumb"):
        return "none"
    if environment.get("COLORTERM") in ("truecolor", "24bit") or term.endswith("-direct"):
        return "truecolor"
    return "256" if re.search("256|xterm|screen|tmux|rxvt|vt220", term) else "none"


def terminal_lines(shown: Shown, width: int, depth: str) -> str:
    """Return a coloured text as lines of at most ``width`` columns, caption and notes first.

    Lines break behind spaces, tabs and wide characters, and within words that are wider than a line. Newlines are
    shown as ``↵`` and break the line unless the text flows, tabs as an arrow, spaces at the end of a line as a dot;
    nothing from the text reaches the terminal that it would obey rather than show. Marked characters are underlined;
    where there are no colours, by a line below theirs.

    Args:
        shown: the text.
        width: columns of the terminal.
        depth: ``"none"``, ``"256"`` or ``"truecolor"``.

    Raises:
        UserError: ``depth`` is none of the three, or ``width`` is below 10.
    """
    check_terminal(width, depth)
    indices, shades = shown.palette.indices(shown.scaled), shown.palette.light
    styles = [terminal_style(colour, shades.ink, depth) for colour in shades.colours]
    lines = shown.heading(width)
    for line in text_lines(shown.text, width, flowing=shown.flowing):
        pieces = [(piece, styles[indices[piece.place]] + (UNDERLINED if shown.marked(piece.place) else ""))
                  for piece in line]
        lines += _lines(pieces, depth)
    return "\n".join(lines)


def check_terminal(width: int, depth: str) -> None:
    """Raise :class:`UserError` unless ``depth`` is one of DEPTHS and ``width`` at least 10 columns."""
    if depth not in DEPTHS:
        raise UserError(f"a terminal's colour depth must be one of {', '.join(DEPTHS)}; received {depth!r}")
    if width < 10:
        raise UserError(f"a terminal's width must be at least 10 columns; received {width}")


def nearest_of_256(colour: str) -> int:
    """Return the number, 16 to 255, of the cube's or the grey ramp's colour that is nearest to ``#rrggbb``."""
    wanted = rgb_of(colour)

    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(_of_256(number), wanted, strict=True))

    return min(range(16, 256), key=distance)


def _of_256(number: int) -> tuple[int, int, int]:
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return grey, grey, grey
    cube = number - 16
    return CUBE[cube // 36], CUBE[cube // 6 % 6], CUBE[cube % 6]


@lru_cache(maxsize=512)
def terminal_style(colour: str, ink: str, depth: str) -> str:
    """Return the escape sequence for ``#rrggbb`` ink on ``#rrggbb``, empty for depth none."""
    if depth == "none":
        return ""
    if depth == "truecolor":
        back, fore = (";".join(map(str, rgb_of(shade))) for shade in (colour, ink))
        return f"\x1b[48;2;{back};38;2;{fore}m"
    number = nearest_of_256(colour)
    back_rgb = "#" + bytes(_of_256(number)).hex()
    # Rounded to the cube, a colour may come out darker than it was: the better of black and white stays readable.
    ink_number = 16 if contrast("#000000", back_rgb) >= contrast("#ffffff", back_rgb) else 231
    return f"\x1b[48;5;{number};38;5;{ink_number}m"


def _lines(pieces: list[tuple[Piece, str]], depth: str) -> list[str]:
    """A line of pieces with their styles; without colours and with marks, the line that marks them."""
    if depth == "none":
        below = "".join((MARK if style else " ") * piece.width for piece, style in pieces).rstrip()
        return ["".join(piece.letters for piece, _ in pieces)] + ([below] if below else [])
    parts: list[str] = []
    current = ""
    for piece, style in pieces:
        if style != current:
            parts.append((RESET if UNDERLINED in current else "") + style)
            current = style
        parts.append(piece.letters)
    return ["".join(parts) + RESET]
