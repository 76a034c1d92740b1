"""Words in lines of a terminal's width."""

from probe.render.graphemes import clusters, columns


def width_of(text: str) -> int:
    """Return the number of terminal columns that visible ``text`` takes."""
    return sum(columns(text[start:stop]) for start, stop in clusters(text))


def wrapped(words: str, width: int) -> list[str]:
    """Return visible words in lines of at most ``width`` columns; a word that is wider is cut."""
    lines: list[str] = []
    used = 0  # columns of the last line
    for word in words.split():
        wide = width_of(word)
        if lines and used + 1 + wide <= width:
            lines[-1] += f" {word}"
            used += 1 + wide
            continue
        lines.append("")
        used = 0
        for start, stop in clusters(word):
            wide = columns(word[start:stop])
            if used + wide > width:
                lines.append("")
                used = 0
            lines[-1] += word[start:stop]
            used += wide
    return lines


def cut(text: str, width: int) -> str:
    """Return visible text of at most ``width`` columns, ``…`` in place of what is too much at its end."""
    if width_of(text) <= width:
        return text
    kept = used = 0
    for start, stop in clusters(text):
        used += columns(text[start:stop])
        if used >= width:
            break
        kept = stop
    return text[:kept] + "…"
