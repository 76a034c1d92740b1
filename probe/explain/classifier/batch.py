"""Several texts as a network takes them at once: cut and filled up to one length."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.errors import UserError
from probe.explain.tokenizers import PAD, Encoded
from probe.explain.tokenizers.encoded import LARGEST_ID
from probe.options import Options, option

PADDINGS, TRUNCATIONS = ("pre", "post", "none"), ("start", "end")
# Tokens that a text may be filled up to.
LONGEST = 1 << 20


@dataclass(frozen=True)
class Fitting(Options):
    """How texts of different lengths become rows of one length."""

    length: int | None = option(None, "tokens of every text: longer ones are cut, shorter ones filled up; by default "
                                "as long as the longest that is read with it", minimum=1, maximum=LONGEST)
    padding: str = option("post", "where short texts are filled up", choices=PADDINGS)
    truncation: str = option("end", "which end of a long text is cut off", choices=TRUNCATIONS)
    pad_value: int = option(0, "id that fills short texts up", minimum=0, maximum=LARGEST_ID - 1)

    def fit(self, texts: Sequence[Encoded], pad_token: str = PAD) -> "Batch":
        """Return ``texts`` as rows of one length T.

        Args:
            texts: B of them.
            pad_token: what is shown for the tokens that are added.

        Raises:
            UserError: there is no text, or lengths differ where nothing may be filled up.
        """
        if not texts:
            raise UserError("at least one text is needed; received none")
        lengths = [len(each) for each in texts]
        steps = self.length or max(lengths)
        if self.padding == "none" and min(lengths) < steps:
            raise UserError(f"with padding 'none' each text must have {steps:,} tokens{' at least' * bool(self.length)}"
                            f"; received one of {min(lengths):,}")
        size = (len(texts), steps)
        ids, pads = np.full(size, self.pad_value, np.int64), np.ones(size, bool)
        offsets, tokens = np.full((*size, 2), -1, np.int64), []
        for row, text in enumerate(texts):
            kept = slice(max(0, len(text) - steps), None) if self.truncation == "start" else slice(steps)
            count = min(len(text), steps)
            place = slice(steps - count, steps) if self.padding == "pre" else slice(count)
            ids[row, place], offsets[row, place], pads[row, place] = text.ids[kept], text.offsets[kept], False
            filling = (pad_token,) * (steps - count)
            tokens.append(filling + text.tokens[kept] if self.padding == "pre" else text.tokens[kept] + filling)
        return Batch(ids, tuple(tokens), offsets, pads, np.maximum(np.array(lengths) - steps, 0))


@dataclass(frozen=True, eq=False)
class Batch:
    """B texts of T tokens.

    Attributes:
        ids: (B, T) int64.
        tokens: B times T, those that fill up among them.
        offsets: (B, T, 2) int64, in the original texts; −1, −1 for what does not stand there.
        pads: (B, T) bool, whether a token only fills up.
        unread: (B,) int64, tokens that were cut off.
    """

    ids: np.ndarray
    tokens: tuple[tuple[str, ...], ...]
    offsets: np.ndarray
    pads: np.ndarray
    unread: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)
