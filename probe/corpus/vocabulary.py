"""The characters that a network knows, and the ids that stand for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from probe.corpus.codes import codes_of, narrowest, shown, text_of
from probe.errors import UserError

LARGEST = 65_536
UNKNOWN_SHOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Vocabulary:
    """Characters in the order of their code points; the place of a character is its id.

    Attributes:
        characters: the known characters, strictly increasing.
        unknown: whether one more id, the last, stands for every other character.

    Raises:
        UserError: characters are repeated, out of order, not single, none, or more than 65,536.
    """

    characters: tuple[str, ...]
    unknown: bool = False

    def __post_init__(self) -> None:
        if not self.characters:
            raise UserError("a vocabulary needs at least one character; received none")
        if any(not isinstance(character, str) or len(character) != 1 for character in self.characters):
            raise UserError("each entry of a vocabulary must be one character")
        codes = codes_of("".join(self.characters)).astype(np.int64)
        if (np.diff(codes) <= 0).any():
            raise UserError("the characters of a vocabulary must be distinct and in the order of their code points")
        if ((codes >= 0xD800) & (codes <= 0xDFFF)).any():
            raise UserError("a vocabulary cannot hold surrogates (U+D800 to U+DFFF)")
        if len(self) > LARGEST:
            raise UserError(f"the text has {len(self):,} distinct characters, and at most {LARGEST:,} are accepted; "
                            "raise --min-count to fold rare ones into one unknown character")

    @classmethod
    def from_counts(cls, counts: np.ndarray, min_count: int = 0) -> Self:
        """Return the vocabulary of a text.

        Args:
            counts: how often each code point occurs, (up to 0x110000,) integers.
            min_count: characters that occur fewer times become the unknown character. There is one only if
                such characters exist, so that no id goes without an example in the text.
        """
        occurs = counts > 0
        kept = occurs & (counts >= min_count)
        if occurs.any() and not kept.any():
            raise UserError(f"--min-count {min_count} leaves no character: the most frequent one occurs "
                            f"{int(counts.max()):,} times")
        return cls(tuple(text_of(np.flatnonzero(kept))), bool((occurs & ~kept).any()))

    def __len__(self) -> int:
        return len(self.characters) + self.unknown

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of ids: uint8 up to 256 characters, else uint16."""
        return narrowest(len(self) - 1)

    def encode(self, text: str, *, stand_in: str | None = None) -> np.ndarray:
        """Return the ids of ``text``, (N,) of :attr:`dtype`; arguments and errors as in :meth:`encode_codes`."""
        return self.encode_codes(codes_of(text), stand_in=stand_in)

    def encode_codes(self, codes: np.ndarray, *, stand_in: str | None = None) -> np.ndarray:
        """Return the ids of a text given as code points.

        Args:
            codes: (N,) unsigned integers.
            stand_in: a character of the vocabulary that takes the place of those outside it.

        Returns:
            (N,) of :attr:`dtype`.

        Raises:
            UserError: a character is outside the vocabulary, which has no unknown character, and there is no
                stand-in; or the stand-in is itself outside.
        """
        replacement = self._replacement(stand_in)
        if replacement is not None:
            table = np.where(self._table < 0, replacement, self._table).astype(self.dtype)
            return np.take(table, codes, mode="clip")
        ids = np.take(self._table, codes, mode="clip")
        if ids.size and ids.min() < 0:
            outside = np.flatnonzero(ids < 0)
            raise self.outside(int(codes[outside[0]]), int(outside[0]), len(outside))
        return ids.astype(self.dtype)

    def contains(self, codes: np.ndarray) -> np.ndarray:
        """Return which of ``codes`` (N,) have an id of their own, (N,) bool."""
        return np.take(self._table, codes, mode="clip") >= 0

    def outside(self, code: int, position: int, count: int) -> UserError:
        """Return the error for a text with ``count`` foreign characters, the first ``code`` at ``position``."""
        return UserError(
            f"character {shown(code)} at position {position:,} is not in the vocabulary of {len(self)} characters "
            f"({count:,} such in the text); name one of the vocabulary that stands in for these, "
            f"for example --stand-in {self._example()}"
        )

    def decode(self, ids: np.ndarray) -> str:
        """Return the text of ``ids`` (N,); the unknown character comes out as U+FFFD.

        Raises:
            UserError: an id is not below the number of characters.
        """
        ids = np.asarray(ids)
        if ids.size and (ids.min() < 0 or ids.max() >= len(self)):
            wrong = ids.min() if ids.min() < 0 else ids.max()
            raise UserError(f"ids must lie in 0 … {len(self) - 1}; received {wrong}")
        return text_of(codes_of("".join(self.characters) + UNKNOWN_SHOWN)[ids.astype(np.intp)])

    def to_json(self) -> dict[str, Any]:
        """Return JSON values that :meth:`from_json` reads."""
        return {"characters": "".join(self.characters), "unknown": self.unknown}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the vocabulary that :meth:`to_json` described.

        Raises:
            UserError: ``value`` is not such a description.
        """
        if not isinstance(value, Mapping) or set(value) != {"characters", "unknown"}:
            raise UserError("not a vocabulary: it must have the fields characters and unknown")
        characters, unknown = value["characters"], value["unknown"]
        if not isinstance(characters, str) or not isinstance(unknown, bool):
            raise UserError("not a vocabulary: characters must be a string, and unknown true or false")
        return cls(tuple(characters), unknown)

    @cached_property
    def _table(self) -> np.ndarray:
        """The id of each code point up to one past the last known, -1 where there is none; int32."""
        codes = codes_of("".join(self.characters))
        table = np.full(int(codes[-1]) + 2, -1, np.int32)
        table[codes] = np.arange(len(codes))
        return table

    def _replacement(self, stand_in: str | None) -> int | None:
        if stand_in is None:
            return len(self) - 1 if self.unknown else None
        if stand_in not in self.characters:
            raise UserError(f"the stand-in must be one character of the vocabulary; received {stand_in!a}")
        return self.characters.index(stand_in)

    def _example(self) -> str:
        return ascii(" " if " " in self.characters else self.characters[0])
