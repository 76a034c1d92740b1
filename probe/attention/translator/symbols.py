"""The ids of what a translator reads and writes."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from probe.errors import UserError, quoted

# Of both sides: what fills the end of a shorter row.
PADDING = 0
# Of the source: a character that is hidden, or that was never seen.
HIDDEN = 1
# Of the target: what stands before the first character and after the last.
BOUNDARY = 1
FIRST = 2
WRITTEN = "0123456789-"
# Ids of the target, and the most characters of an output with its end: YYYY-MM-DD.
TARGETS = FIRST + len(WRITTEN)
LONGEST = 11


@dataclass(frozen=True)
class Symbols:
    """The characters that a translator knows.

    Spaces of all kinds are read alike, since people type the plain one where CLDR has one that does not break.

    Attributes:
        characters: of the source, sorted, each once; the k-th has id k + 2. Spaces other than the plain one
            have ids that no text is given.
    """

    characters: str

    def __post_init__(self) -> None:
        if not isinstance(self.characters, str):
            raise UserError(f"the characters that a translator knows are one text; received {self.characters!r:.60}")
        if len(set(self.characters)) < len(self.characters):
            raise UserError("the characters that a translator knows are in their text once each; received "
                            f"{quoted(self.characters)}")

    @property
    def sources(self) -> int:
        """Number of ids of the source."""
        return FIRST + len(self.characters)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {character: number for number, character in enumerate(self.characters, FIRST)}

    def _id(self, character: str) -> int:
        plain = " " if unicodedata.category(character) == "Zs" else character
        return self._ids.get(plain, HIDDEN)

    def unknown(self, text: str) -> list[str]:
        """Return the characters of ``text`` that are not known, each once, in their order."""
        return list(dict.fromkeys(character for character in text if self._id(character) == HIDDEN))

    def source_ids(self, texts: Sequence[str]) -> np.ndarray:
        """Return texts as rows of ids (B, S) int32, as wide as the longest; unknown characters are hidden."""
        rows = np.full((len(texts), max(map(len, texts), default=0) or 1), PADDING, np.int32)
        for row, text in zip(rows, texts, strict=True):
            row[:len(text)] = [self._id(character) for character in text]
        return rows


def target_ids(outputs: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return what the decoder is given, and what it is to put out after each, for teacher forcing.

    Args:
        outputs: of the characters ``0``–``9`` and ``-``, at most 10 of them; an empty one ends at once.

    Returns:
        Two rows of ids (B, 11) int32: the boundary and the output; the output and the boundary. Both are padded.

    Raises:
        UserError: an output has other characters, or more.
    """
    for output in outputs:
        if len(output) >= LONGEST or not set(WRITTEN).issuperset(output):
            raise UserError(f"an output has at most {LONGEST - 1} characters of {WRITTEN}; received {quoted(output)}")
    given, wanted = (np.full((len(outputs), LONGEST), PADDING, np.int32) for _ in range(2))
    for before, after, output in zip(given, wanted, outputs, strict=True):
        ids = [FIRST + WRITTEN.index(character) for character in output]
        before[:len(ids) + 1] = [BOUNDARY, *ids]
        after[:len(ids) + 1] = [*ids, BOUNDARY]
    return given, wanted


def written(ids: Sequence[int]) -> str:
    """Return the characters of target ids; those that are no characters are left out."""
    return "".join(WRITTEN[number - FIRST] for number in ids if number >= FIRST)
