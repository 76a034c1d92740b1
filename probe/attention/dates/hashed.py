"""Hashes of the texts of all days at once, composed as the texts are."""

import hashlib
from collections.abc import Sequence

import numpy as np

from probe.attention.dates.piece import LITERAL, Piece

# Odd, so that multiplying by it loses nothing.
_BASE = 0x9E3779B97F4A7C15
_WHOLE = (1 << 64) - 1


class Hashed:
    """Hashes the texts of days, 64 bits each.

    The hash of a text is a polynomial in one base, modulo 2⁶⁴, whose coefficients are random numbers that stand for its
    characters (Karp and Rabin 1987), so that h(ab) = h(a) · base^length(b) + h(b). That any two of n different texts
    share a hash has a probability of about n² / 2⁶⁵: one in a million for 6 million texts. Pairs with the same
    characters in another order, such as 3/4 and 4/3, have a few bits less.

    Args:
        parts: (D, 4) int64, the numbers of each day as :class:`~probe.attention.dates.days.Days` has them.
    """

    def __init__(self, parts: np.ndarray) -> None:
        self._numbers = [np.ascontiguousarray(parts[:, place]) for place in range(parts.shape[1])]
        self._count = len(parts)
        self._characters: dict[str, int] = {}
        self._tables: dict[Piece, tuple[np.ndarray, np.ndarray]] = {}

    def of(self, pieces: Sequence[Piece]) -> np.ndarray:
        """Return (D,) uint64, the hash of what ``pieces`` write for each day."""
        whole = np.zeros(self._count, np.uint64)
        for piece in pieces:
            if piece not in self._tables:
                self._tables[piece] = self._table(piece)
            hashes, powers = self._tables[piece]
            if piece.part == LITERAL:
                whole *= powers[0]
                whole += hashes[0]
            else:
                number = self._numbers[piece.part]
                whole *= powers[number]
                whole += hashes[number]
        return whole

    def _table(self, piece: Piece) -> tuple[np.ndarray, np.ndarray]:
        """Of each text of a piece, its hash and the base to the power of its length."""
        hashes = [self._text(text) for text in piece.written]
        powers = [pow(_BASE, len(text), 1 << 64) for text in piece.written]
        return np.array(hashes, np.uint64), np.array(powers, np.uint64)

    def _text(self, text: str) -> int:
        value = 0
        for character in text:
            if character not in self._characters:
                digest = hashlib.sha256(character.encode()).digest()
                self._characters[character] = int.from_bytes(digest[:8], "big")
            value = (value * _BASE + self._characters[character]) & _WHOLE
        return value
