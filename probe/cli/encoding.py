"""What an output gets in place of a sign that its encoding lacks, as that of a pipe on Windows does."""

import codecs

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
