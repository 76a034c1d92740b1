"""A text as a network reads it: tokens, their ids, and where each token stands in the text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.errors import UserError

# What is shown for ids that stand for no part of a text.
PAD, START, UNKNOWN = "<PAD>", "<START>", "<UNK>"
LARGEST_ID = 1 << 24


@dataclass(frozen=True, eq=False)
class Encoded:
    """T tokens of one text.

    Attributes:
        tokens: as the network read them: lower-cased if it was made so, and the sign for unknown ones.
        ids: (T,) int64, not negative.
        offsets: (T, 2) int64: first character and one past the last in the original text; −1, −1 for a token that
            does not stand there.

    Raises:
        UserError: there is no token, the lengths differ, or an id or a span cannot be one.
    """

    tokens: tuple[str, ...]
    ids: np.ndarray
    offsets: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.tokens)
        if not count:
            raise UserError("the text holds no token; at least one is needed")
        if self.ids.shape != (count,) or self.offsets.shape != (count, 2):
            raise UserError(f"{count:,} tokens need as many ids and spans; received ids of shape {self.ids.shape} and "
                            f"spans of shape {self.offsets.shape}")
        if self.ids.min() < 0 or self.ids.max() >= LARGEST_ID:
            wrong = self.ids.min() if self.ids.min() < 0 else self.ids.max()
            raise UserError(f"ids must be 0 to {LARGEST_ID - 1:,}; received {wrong}")
        begins, ends = self.offsets.T
        wrong_spans = np.flatnonzero(~(((begins == -1) & (ends == -1)) | ((begins >= 0) & (begins < ends))))
        if wrong_spans.size:
            raise UserError(f"a span must have a first character and a later end, or be −1, −1; token "
                            f"{wrong_spans[0]} has {tuple(self.offsets[wrong_spans[0]].tolist())}")

    @classmethod
    def of(cls, tokens: Sequence[str], ids: Sequence[int] | np.ndarray,
           offsets: Sequence[tuple[int, int]] | np.ndarray) -> "Encoded":
        """Return tokens with their ids and spans as arrays."""
        return cls(tuple(tokens), np.array(ids, np.int64), np.array(offsets, np.int64).reshape(-1, 2))

    def __len__(self) -> int:
        return len(self.tokens)
