"""What an output gets in place of a sign that its encoding lacks, as that of a pipe on Windows does."""

import codecs
import unicodedata

# Signs of tables and messages that have a plain form; all else is spelt out, as in \u201c.
PLAIN = {"−": "-", "–": "-", "×": "x", "≤": "<=", "≥": ">=", "±": "+-", "…": "...", "→": "->", "·": "-", "∞": "inf"}
# The name by which streams are told to do so.
ERRORS = "probe.plain"


def plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the characters that could not be written, and where the text goes on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start:error.end]
    return "".join(PLAIN.get(each) or each.encode("ascii", "backslashreplace").decode() for each in lacking), error.end


codecs.register_error(ERRORS, plain_signs)


def in_place(rows: str, encoding: str) -> str:
    """Return rows of which an encoding has every sign, for what stands in columns: a ``?`` for each cell of one that it
    lacks, nothing for a mark that combines with the letter before it."""
    def shown(character: str) -> str:
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            wide = unicodedata.east_asian_width(character) in "WF"
            return "" if unicodedata.category(character) in ("Mn", "Me") else "??" if wide else "?"
        return character

    return "".join(map(shown, rows))
