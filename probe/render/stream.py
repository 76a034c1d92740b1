"""Text that reaches a terminal character by character, coloured or plain."""

import numpy as np

from probe.render.graphemes import visible
from probe.render.palette import DIVERGING, Palette
from probe.render.scaling import RAW, Scaling
from probe.render.terminal import RESET, terminal_style


class TextStream:
    """Turns characters, as they come, into what an output is to be sent.

    For a terminal, what it would obey rather than show is spelt out; newlines and tabs act as they do in any text. For
    a file or a pipe, text stays as it is.

    Args:
        is_terminal: whether a person's terminal is at the other end.
        depth: colours it takes: ``"none"``, ``"256"`` or ``"truecolor"``.
        scaling: brings a value to [0, 1]; it must not depend on other values.
        palette: gives a scaled value its colour.
    """

    def __init__(self, is_terminal: bool, depth: str, scaling: Scaling = RAW, palette: Palette = DIVERGING) -> None:
        self._is_terminal, self._scaling, self._palette = is_terminal, scaling, palette
        self._styles = [terminal_style(colour, palette.light.ink, depth) for colour in palette.light.colours]
        self._style = ""

    def piece(self, character: str, value: float | None = None) -> str:
        """Return what is sent for the next character, in the colour of ``value`` or, without one, in none."""
        style = ""
        if value is not None and character != "\n":  # a coloured newline would colour the rest of the line
            style = self._styles[self._palette.indices(self._scaling(np.array([value])))[0]]
        change = "" if style == self._style else (RESET if self._style else "") + style
        self._style = style
        return change + (visible(character) if self._is_terminal else character)

    def end(self) -> str:
        """Return what leaves the output in its usual colours."""
        left, self._style = self._style, ""
        return RESET if left else ""
