"""One token a character."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from probe.explain.tokenizers.table import TableTokenizer


@dataclass(frozen=True)
class CharacterTokenizer(TableTokenizer):
    """Cuts a text into its code points: an accent that combines with a letter is a token of its own.

    A capital whose lower-case form has several characters is one token of that form.
    """

    kind: ClassVar[str] = "characters"

    def cut(self, text: str) -> Iterator[tuple[int, int]]:
        return ((place, place + 1) for place in range(len(text)))
