"""The tokens of Python source as positions in its text, the same on every version of Python that runs this."""

import io
import re
import token
import tokenize
from collections.abc import Iterator
from itertools import accumulate
from typing import Literal, NamedTuple

Kind = Literal["name", "number", "string", "f_string", "operator", "comment", "newline", "indent", "dedent"]

_KINDS: dict[int, Kind] = {
    token.NAME: "name", token.NUMBER: "number", token.STRING: "string", token.OP: "operator",
    token.COMMENT: "comment", token.NEWLINE: "newline", token.INDENT: "indent", token.DEDENT: "dedent",
}
_F_STRING_START = getattr(token, "FSTRING_START", -1)  # from Python 3.12 on, an f-string comes in pieces
_F_STRING_END = getattr(token, "FSTRING_END", -1)
_BOM = "\ufeff"
_MARK = re.compile(r"[^\w\x00-\x7f]")
_REFUSED = re.compile("[\x00\ud800-\udfff]")  # lines with these crash the tokenizer of Python 3.12 and 3.13


class Token(NamedTuple):
    """One token: its kind and where it stands, characters [start, stop) of the text."""

    kind: Kind
    start: int
    stop: int


def python_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of one file; an f-string is one token, with the expressions inside.

    A text that is not Python yields what comes before the first error, and nothing after; what the first error is can
    depend on the version of Python that runs this.
    """
    skipped = int(text.startswith(_BOM))
    source = text[skipped:]
    if refused := _REFUSED.search(source):
        source = source[:source.rfind("\n", 0, refused.start()) + 1]
    rows = [skipped, *accumulate((len(line) + 1 for line in source.split("\n")), initial=skipped)]
    opened: list[int] = []
    try:
        readline = io.StringIO(_MARK.sub(_plain, source), "\n").readline
        for kind, string, (row, column), (last_row, last_column), _ in tokenize.generate_tokens(readline):
            if kind == _F_STRING_START:
                opened.append(rows[row] + column)
            elif kind == _F_STRING_END:
                start = opened.pop()
                if not opened:
                    yield Token("f_string", start, rows[last_row] + last_column)
            elif kind == token.ERRORTOKEN:
                return
            elif kind in _KINDS and not opened:
                start, stop = rows[row] + column, rows[last_row] + last_column
                if _foreign(kind, text[start:stop]):
                    return
                name = _KINDS[kind]
                if name == "string" and "f" in string[:2].lower().partition(string[-1])[0]:
                    name = "f_string"
                yield Token(name, start, stop)
    except (tokenize.TokenError, SyntaxError, UnicodeError):
        return


def _plain(mark: re.Match[str]) -> str:
    """Stand in for a combining mark of a name, which the tokenizer of Python 3.11 takes for an error."""
    return "_" if f"a{mark[0]}".isidentifier() else mark[0]


def _foreign(kind: int, string: str) -> bool:
    """Tell what only some versions of Python let pass as a token."""
    if kind == token.OP:
        return string == "!" or (string not in token.EXACT_TOKEN_TYPES and string != "<>")
    return kind == token.NAME and not string.isidentifier()
