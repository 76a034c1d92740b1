"""The letters that figures are set in."""

from functools import cache

from probe.render.graphemes import clusters, visible

# matplotlib ships both, so a figure looks the same everywhere.
MONO, SANS = "DejaVu Sans Mono", "DejaVu Sans"
MISSING = "\u25a1"


def drawable(text: str) -> str:
    """Return visible text with a box for each character that the fonts lack; for a figure, where nothing else helps."""
    known = _letters()
    shown = visible(text)
    return "".join(shown[start:stop] if {ord(letter) for letter in shown[start:stop]} <= known else MISSING
                   for start, stop in clusters(shown))


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    fonts = [get_font(findfont(FontProperties(family=name))) for name in (MONO, SANS)]
    return frozenset(code for font in fonts for code in font.get_charmap())
