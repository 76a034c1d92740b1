"""Weighted texts on a terminal: colours where there are some, signs below the letters where there are none."""

from itertools import groupby

from probe.render.graphemes import visible
from probe.render.lines import Piece, text_lines
from probe.render.signs import name_of
from probe.render.table import cell, table
from probe.render.terminal import RESET, UNDERLINED, check_terminal, terminal_style
from probe.render.weighted_table import for_terminal
from probe.render.weighted_text import BESIDE, PAD, WeightedText, captions_of, shared_notes, table_of
from probe.render.wrapping import cut, wrapped

# What stands below letters, where there are no colours, for and against: where one would be seen; from half the scale.
WEAK, STRONG = {True: "+", False: "-"}, {True: "╋", False: "━"}
# Of how many tokens the strongest of each sign are listed, and how wide a token may be there.
LISTED, LONGEST = 5, 30


def weighted_lines(texts: tuple[WeightedText, ...], width: int, depth: str, title: str = "") -> str:
    """Return weighted texts as lines of at most ``width`` columns (tables of facts may be wider).

    Lines break as those of coloured text do, and nothing from a text reaches the terminal that it would obey. What is
    against is underlined; without colours, signs stand below the letters and the strongest tokens follow in a table.

    Args:
        texts: at least one.
        width: columns of the terminal.
        depth: ``"none"``, ``"256"`` or ``"truecolor"``.
        title: stands above several.

    Raises:
        UserError: ``depth`` is none of the three, or ``width`` is below 10.
    """
    check_terminal(width, depth)
    several, shared = len(texts) > 1, shared_notes(texts)
    lines = wrapped(visible(title), width) if several else []
    if several:
        lines += ["", *table(*for_terminal(*table_of(texts)), width).split("\n")]
    for text, caption in zip(texts, captions_of(texts), strict=True):
        lines += ([""] if several else []) + wrapped(visible(caption), width)
        lines += wrapped(visible(text.warning), width) + _facts(text, width, several)
        lines += ["", *_coloured(text, width, depth)]
        lines += _aside(text, width) + (_strongest(text) if depth == "none" else [])
        lines += [line for note in text.last_notes if note not in shared for line in wrapped(visible(note), width)]
    return "\n".join([*lines, "", *wrapped(_legend(texts, depth), width),
                      *(line for note in shared for line in wrapped(visible(note), width))])


def _facts(text: WeightedText, width: int, several: bool) -> list[str]:
    return [] if several else wrapped(visible(text.fact_words), width)


def _coloured(text: WeightedText, width: int, depth: str) -> list[str]:
    laid = text.laid
    steps, middle = text.steps(laid), text.palette.steps // 2
    styles = [_style(text, step, depth) for step in range(text.palette.steps)]
    result = []
    for line in text_lines(text.text, width):
        if depth == "none":
            below = "".join(_sign(laid[piece.place], steps[piece.place] == middle, text.scale) * piece.width
                            for piece in line).rstrip()
            result += ["".join(piece.letters for piece in line), *([below] if below else [])]
        else:
            result.append(_styled(line, [styles[steps[piece.place]] for piece in line]))
    return result


def _style(text: WeightedText, step: int, depth: str) -> str:
    """The escape sequence of a colour; the middle one is the terminal's own."""
    shades, middle = text.palette.light, text.palette.steps // 2
    if step == middle:
        return ""
    return terminal_style(shades.colours[step], shades.ink, depth) + (UNDERLINED if step < middle else "")


def _styled(line: list[Piece], styles: list[str]) -> str:
    parts = []
    for style, pairs in groupby(zip(styles, line, strict=True), key=lambda pair: pair[0]):
        letters = "".join(piece.letters for _, piece in pairs)
        parts.append(f"{style}{letters}{RESET}" if style else letters)
    return "".join(parts)


def _sign(weight: float, hidden: bool, scale: float) -> str:
    return " " if hidden else (STRONG if abs(weight) >= scale / 2 else WEAK)[bool(weight > 0)]


def _aside(text: WeightedText, width: int) -> list[str]:
    """What was read beside the text, pads left out."""
    words = [title for _, kind, _, title in text.aside if kind != PAD]
    return wrapped(f"{BESIDE}: " + "; ".join(words), width) if words else []


def _strongest(text: WeightedText) -> list[str]:
    """The strongest cells of both signs as a table, the strongest of each first."""
    rows = [(kind, _named(text.text[each.start:each.stop]), text.words_of(each.weight), each.start)
            for kind, cells in text.strongest(LISTED) for each in cells]
    return ["", *table(("strongest", "token", "weight", "at character"), rows).split("\n")] if rows else []


def _named(letters: str) -> str:
    return cut(name_of(letters) if len(letters) == 1 else cell(letters), LONGEST)


def _legend(texts: tuple[WeightedText, ...], depth: str) -> str:
    first, scales = texts[0], {text.scale for text in texts}
    full = first.words_of(first.scale).lstrip("+") if len(scales) == 1 else "the largest weight of each text"
    if depth == "none":
        return f"{WEAK[True]} for, {WEAK[False]} against; {STRONG[True]} {STRONG[False]} from half of {full} on"
    return f"{first.palette.last}: for; {first.palette.first} and underlined: against; full colour at {full}"
