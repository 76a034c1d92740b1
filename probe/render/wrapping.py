"""Words in lines of a terminal's width."""

from probe.render.graphemes import clusters, columns


def width_of(text: str) -> int:
    """Return the number of terminal columns that visible ``text`` takes."""
    return sum(columns(text[start:stop]) for start, stop in clusters(text))


def wrapped(words: str, width: int) -> list[str]:
    """Return visible words in lines of at most ``width`` columns; a word that is wider is cut."""
    lines: list[str] = []
    for word in words.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
            continue
        lines.append("")
        for start, stop in clusters(word):
            if width_of(lines[-1]) + columns(word[start:stop]) > width:
                lines.append("")
            lines[-1] += word[start:stop]
    return lines


def cut(text: str, width: int) -> str:
    """Return visible text of at most ``width`` columns, ``…`` in place of what is too much at its end."""
    if width_of(text) <= width:
        return text
    kept = ""
    for start, stop in clusters(text):
        if width_of(kept) + columns(text[start:stop]) >= width:
            break
        kept += text[start:stop]
    return kept + "…"
