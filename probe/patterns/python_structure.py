"""What the tokens of Python source amount to: docstrings, headers of definitions, brackets, calls, blocks."""

import warnings
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from keyword import iskeyword

import numpy as np

from probe.corpus.document import Document
from probe.patterns.python_tokens import Token, python_tokens
from probe.patterns.spans import Spans

KINDS = ("string", "f_string", "docstring", "comment", "keyword", "identifier", "number", "operator", "header",
         "decorator", "import", "bracket", "call")

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DELIMITERS = frozenset("()[]{},:;.") | {"->", "..."}


@lru_cache(maxsize=2)
def structure(document: Document) -> Mapping[str, Spans]:
    """Return the spans of each of ``KINDS`` in a document of Python files.

    ``bracket`` and ``call`` hold what is between the brackets; ``string`` holds f-strings and docstrings too. In a file
    that is not Python the spans end at the first error.
    """
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for read in _readings(document):
        for kind in KINDS:
            found[kind] += [read.offset + place for place in read.found[kind]]
    return {kind: Spans.of(flat) for kind, flat in found.items()}


@lru_cache(maxsize=2)
def levels(document: Document) -> np.ndarray:
    """Return the number of blocks around each character, (N,) float32; 0 after the first error of a file."""
    depth = np.zeros(len(document), dtype=np.float32)
    for read in _readings(document):
        if read.rows:
            starts, values = np.array(sorted(read.rows)).T
            within = read.offset + np.append(np.minimum(starts, read.reach), read.reach)
            depth[within[0]:within[-1]] = np.repeat(values, np.diff(within))
    return depth


@lru_cache(maxsize=2)
def _readings(document: Document) -> "tuple[_Reader, ...]":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # Python 3.12 and later warn of doubtful escapes in the text
        return tuple(_Reader(document.text[file.start:file.stop], file.start) for file in document.files)


class _Reader:
    """One pass over the tokens of a file; ``found``, ``rows`` (line start, level) and ``reach`` are what it leaves."""

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset = text, offset
        self.found: dict[str, list[int]] = {kind: [] for kind in KINDS}
        self.rows: list[tuple[int, int]] = []
        self.reach = 0
        self._columns = [0]  # of the blocks that are open
        self._comments: list[int] = []  # indices of rows of comments that await their statement
        self._first = True  # the next token begins a statement
        self._header = self._decorator = self._import = -1  # where the open one started
        self._expects_docstring = True
        self._docstring: list[int] = []
        self._open: list[tuple[str, int, bool]] = []
        self._before = self._before_that = ""  # the two tokens before this one
        if self._read():
            self.reach = len(text)
        for _, start, is_call in self._open:
            self._close(start, self.reach, is_call)

    def _read(self) -> bool:
        for item in python_tokens(self.text):
            if item.kind == "comment":
                self._comment(item)
            elif item.kind == "indent":
                self._columns.append(item.stop - item.start)
            elif item.kind == "dedent":
                self._columns.pop()
            elif item.kind == "newline":
                self._newline(item)
            elif not self._significant(item):
                return False
            self.reach = min(max(self.reach, item.stop), len(self.text))
        self._confirm_docstring()
        return self.reach > 0 and not self.text[self.reach:].strip()

    def _comment(self, item: Token) -> None:
        self.found["comment"] += [item.start, item.stop]
        line = self._line(item.start)
        if self._first and not self.text[line:item.start].strip():
            self._comments.append(len(self.rows))
            self.rows.append((line, bisect_right(self._columns, item.start - line) - 1))

    def _newline(self, item: Token) -> None:
        self._confirm_docstring()
        if self._decorator >= 0:
            self.found["decorator"] += [self._decorator, item.start]
        self._end_import(item)
        self._first, self._header, self._decorator = True, -1, -1
        self._before = self._before_that = ""

    def _end_import(self, item: Token) -> None:
        if self._import >= 0:
            self.found["import"] += [self._import, item.start]
        self._import = -1

    def _line(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def _significant(self, item: Token) -> bool:
        """Take in a token that is part of a statement; false if its bracket closes none."""
        word = self.text[item.start:item.stop] if item.kind in ("name", "operator") else ""
        if self._first:
            self._statement(item, word)
        elif self._before == "async" and word != "def":
            self._header = -1
        self._look_for_docstring(item, word)
        if item.kind == "name":
            self.found["keyword" if iskeyword(word) else "identifier"] += [item.start, item.stop]
        elif item.kind == "operator":
            if not self._operator(item, word):
                return False
        else:
            self.found["string" if item.kind == "f_string" else item.kind] += [item.start, item.stop]
            if item.kind == "f_string":
                self.found["f_string"] += [item.start, item.stop]
        self._before, self._before_that = word, self._before
        return True

    def _statement(self, item: Token, word: str) -> None:
        self._first = False
        line, level = self._line(item.start), len(self._columns) - 1
        for index in self._comments:
            start, _ = self.rows[index]
            if self._indent(start) == self._indent(line):
                self.rows[index] = start, level
        self._comments.clear()
        self.rows.append((line, level))
        if word in ("def", "class", "async"):
            self._header = item.start
        elif word == "@":
            self._decorator = item.start
        elif word in ("import", "from"):
            self._import = item.start

    def _indent(self, line: int) -> str:
        end = line
        while end < len(self.text) and self.text[end] in " \t\f":
            end += 1
        return self.text[line:end]

    def _look_for_docstring(self, item: Token, word: str) -> None:
        if not self._expects_docstring:
            return
        if item.kind == "string" and not self._is_bytes(item):
            self._docstring += [item.start, item.stop]
            return
        if word == ";":
            self._confirm_docstring()
        self._docstring.clear()
        self._expects_docstring = False

    def _is_bytes(self, item: Token) -> bool:
        return "b" in self.text[item.start:item.start + 2].lower().split(self.text[item.stop - 1])[0]

    def _confirm_docstring(self) -> None:
        if self._docstring:
            self.found["docstring"] += self._docstring
            self._docstring, self._expects_docstring = [], False

    def _operator(self, item: Token, word: str) -> bool:
        if word in _CLOSING:
            named = self._before.isidentifier() and not iskeyword(self._before)
            called = (named and self._before_that not in ("def", "class")) or self._before in (")", "]")
            self._open.append((_CLOSING[word], item.stop, word == "(" and called))
        elif word in (")", "]", "}"):
            if not self._open or self._open[-1][0] != word:
                return False
            _, start, is_call = self._open.pop()
            self._close(start, item.start, is_call)
        elif word == ";":
            self._end_import(item)
        elif word == ":" and self._header >= 0 and not self._open:
            self.found["header"] += [self._header, item.stop]
            self._header, self._expects_docstring = -1, True
        elif word not in _DELIMITERS:
            self.found["operator"] += [item.start, item.stop]
        return True

    def _close(self, start: int, stop: int, is_call: bool) -> None:
        self.found["bracket"] += [start, stop]
        if is_call:
            self.found["call"] += [start, stop]
