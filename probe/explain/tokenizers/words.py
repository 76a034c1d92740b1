"""One token a word."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

from probe.errors import UserError, quoted
from probe.explain.tokenizers.table import TableTokenizer

LONGEST_PATTERN = 1000
# Code points in which Unicode has marks that combine with letters.
MARKS_WITHIN = (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0))


@dataclass(frozen=True)
class WordTokenizer(TableTokenizer):
    """Cuts a text into words, by a regular expression.

    Attributes:
        pattern: ``"words"``: letters, digits and the marks that combine with them, apostrophes within; ``"words and
            signs"``: these, and every other visible character by itself; ``"spaces"``: whatever stands between white
            space of ASCII; or a regular expression, each of whose matches is a word.
        drop: characters left out of a word before it is looked up.
    """

    kind: ClassVar[str] = "words"

    casing: str = "lower"
    pattern: str = "words"
    drop: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.pattern, str) or not 0 < len(self.pattern) <= LONGEST_PATTERN:
            raise UserError(f"pattern must be a regular expression of at most {LONGEST_PATTERN:,} characters; received "
                            f"{self.pattern!r:.40}")
        if not isinstance(self.drop, str):
            raise UserError(f"drop must be characters; received {self.drop!r:.40}")
        try:
            self._expression  # noqa: B018
        except (re.error, RecursionError, OverflowError) as error:
            raise UserError(f"pattern {quoted(self.pattern, 40)} is no regular expression: {error}") from error

    def cut(self, text: str) -> Iterator[tuple[int, int]]:
        return (match.span() for match in self._expression.finditer(text) if match.end() > match.start())

    def form(self, piece: str) -> str:
        return super().form(piece.translate(self._dropped) if self.drop else piece)

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(_named().get(self.pattern, self.pattern))

    @cached_property
    def _dropped(self) -> dict[int, None]:
        return {ord(character): None for character in self.drop}


@cache
def _named() -> dict[str, str]:
    """The expressions that have names. Python's ``\\w`` does not know marks, which in Hindi are half of every word."""
    marks = "".join(re.escape(chr(code)) for code in MARKS_WITHIN if unicodedata.category(chr(code)).startswith("M"))
    word = rf"\w[\w{marks}]*(?:['’]\w[\w{marks}]*)*"
    return {"words": word, "words and signs": rf"{word}|[^\w\s]", "spaces": r"[^ \t\n\v\f\r]+"}
