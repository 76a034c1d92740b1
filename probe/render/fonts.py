"""The letters that figures are set in."""

from collections.abc import Sequence
from functools import cache

from probe.render.graphemes import clusters, visible

# matplotlib ships both, so a figure looks the same everywhere.
MONO, SANS = "DejaVu Sans Mono", "DejaVu Sans"
MISSING = "\u25a1"
# Fonts of other scripts that systems come with; which of them is there depends on the machine.
OTHERS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR", "Hiragino Sans",
    "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic", "WenQuanYi Zen Hei",
    "IPAexGothic", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Thai",
    "Noto Sans Khmer", "Noto Sans Myanmar", "Noto Sans Ethiopic", "Nirmala UI", "Leelawadee UI", "Kohinoor Devanagari",
    "Thonburi", "Arial Unicode MS",
)


def drawable(text: str, others: Sequence[str] = ()) -> str:
    """Return visible text in one line, with a box for each character that the fonts lack; for a figure, where nothing
    else helps.

    Args:
        text: any.
        others: names of installed fonts that are used beside ours, such as :func:`fonts_for` finds.
    """
    known = frozenset().union(_letters(), *map(_letters_of, others))
    shown = visible(text).replace("\n", "↵").replace("\t", "→")
    return "".join(shown[start:stop] if {ord(letter) for letter in shown[start:stop]} <= known else MISSING
                   for start, stop in clusters(shown))


def fonts_for(text: str) -> tuple[str, ...]:
    """Return installed fonts of other scripts that hold characters of ``text`` which ours lack."""
    lacking = frozenset(map(ord, text)) - _letters()
    found = []
    for name in _installed() if lacking else ():
        if lacking & _letters_of(name):
            found.append(name)
            lacking -= _letters_of(name)
    return tuple(found)


def inches_of(text: str, points: float) -> float:
    """Return how wide a line of drawable text is: letters of one column differ, and a W takes as much as three i."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    style = FontProperties(family=[SANS, MONO], size=points)
    return float(text_to_path.get_text_width_height_descent(text, style, False)[0]) / 72


@cache
def _letters() -> frozenset[int]:
    return _letters_of(MONO) | _letters_of(SANS)


@cache
def _letters_of(name: str) -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family=name))).get_charmap())


def _installed() -> list[str]:
    from matplotlib.font_manager import fontManager

    there = {entry.name for entry in fontManager.ttflist}
    return [name for name in OTHERS if name in there]
