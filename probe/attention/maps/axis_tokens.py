"""What stands along an axis of an attention map: which input it comes from, and the words for its positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.errors import UserError, quoted


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of the weights that a layer gave.

    Attributes:
        name: ``"source"`` or ``"target"``, as the caller calls the tokens along it.
        length: positions.
        array: the input that it comes from, (S,) or (S, D); None if it comes from none position by position.
    """

    name: str
    length: int
    array: np.ndarray | None

    def words(self, given: Sequence[str] | None, kept: np.ndarray) -> tuple[tuple[str, ...], bool]:
        """Return the words of the kept positions, and whether they are their numbers.

        Args:
            given: a word for each position or for each that is kept; None for the ids.
            kept: (length,) bool.

        Raises:
            UserError: there are more or fewer words.
        """
        if given is not None:
            return _chosen(self.name, tuple(given), kept), False
        if self.array is None or self.array.ndim > 1:
            return tuple(map(str, np.flatnonzero(kept).tolist())), True
        return tuple(_word(each) for each in self.array[kept].tolist()), False


def _chosen(name: str, words: tuple[Any, ...], kept: np.ndarray) -> tuple[str, ...]:
    odd = [each for each in words if not isinstance(each, str)]
    if odd:
        raise UserError(f"{name}_tokens must be strings; received {quoted(repr(odd[0]))}")
    count = int(kept.sum())
    if len(words) == len(kept):
        return tuple(word for word, keep in zip(words, kept.tolist(), strict=True) if keep)
    if len(words) != count:
        raise UserError(f"{name}_tokens must be {len(kept)}, one for each position"
                        + (f", or {count}, one for each that is shown" if count < len(kept) else "")
                        + f"; received {len(words)}")
    return words


def _word(number: Any) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:.6g}"
