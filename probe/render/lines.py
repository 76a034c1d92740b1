"""Coloured characters in lines of a given width, for terminal and figure alike."""

from dataclasses import dataclass

from probe.render.graphemes import columns
from probe.render.signs import NEWLINE, letters_of, signed


@dataclass(frozen=True)
class Piece:
    """What is drawn in one place of a line.

    Attributes:
        letters: a visible cluster, or a part of what spells out a hidden one.
        place: index in the text of the last code point of its cluster, whose value it wears.
    """

    letters: str
    place: int

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return columns(self.letters)


def text_lines(text: str, width: int, *, flowing: bool = False) -> list[list[Piece]]:
    """Return a text as lines of at most ``width`` columns, none of them empty.

    Lines break behind newlines, spaces, tabs and wide characters, and within words that are wider than a line.

    Args:
        text: N characters.
        width: columns, at least as many as any sign takes.
        flowing: whether newlines are shown and break no line.
    """
    lines: list[list[Piece]] = [[]]
    room, unbroken = width, 0  # columns left in the line, and pieces behind the last place where it may break
    for start, stop, sign in signed(text):
        cluster = text[start:stop]
        letters = letters_of(cluster, sign)
        for each in ([letters] if columns(letters) <= width else list(letters)):
            piece = Piece(each, stop - 1)
            if piece.width > room:
                line = lines[-1]
                kept = 0 if cluster == " " or piece.width > 1 or unbroken == len(line) else unbroken
                lines[-1:] = [line[:len(line) - kept], line[len(line) - kept:]]
                room, unbroken = width - sum(moved.width for moved in lines[-1]), kept
            lines[-1].append(piece)
            room -= piece.width
            unbroken += 1
        if cluster in " \t\n" or columns(letters) > 1:
            unbroken = 0
        if sign == NEWLINE and not flowing:
            lines.append([])
            room, unbroken = width, 0
    return [line for line in lines if line]
