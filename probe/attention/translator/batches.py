"""What a translator is trained on: batches that are a pure function of (seed, step)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probe.attention.dates import DateTexts, WrittenDate
from probe.attention.translator.symbols import HIDDEN, PADDING, Symbols, target_ids


@dataclass(frozen=True)
class Batch:
    """Rows of ids, int32, padded at the right.

    Attributes:
        source: (B, S) what is read.
        given: (B, T) what the decoder is given.
        wanted: (B, T) what it is to put out after each.
    """

    source: np.ndarray
    given: np.ndarray
    wanted: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[WrittenDate], symbols: Symbols) -> "Batch":
        """Return the batch of some texts and their dates."""
        return cls(symbols.source_ids([each.text for each in texts]), *target_ids([each.iso for each in texts]))


def training_batch(texts: DateTexts, symbols: Symbols, seed: int, step: int, count: int, hidden: float) -> Batch:
    """Return the batch of one update.

    Args:
        texts: where they are drawn from.
        symbols: the characters that are known.
        seed, step: which batch it is.
        count: texts B.
        hidden: share of texts of which one to three characters are hidden.
    """
    batch = Batch.of(texts.draw("train", (seed, step), count), symbols)
    rng = np.random.default_rng((seed, step, 1))
    rows = np.flatnonzero(rng.random(count) < hidden)
    lengths = (batch.source[rows] != PADDING).sum(axis=1)
    for share in (1.0, 0.6, 0.6):
        places = (rng.random(len(rows)) * lengths).astype(int)
        chosen = (lengths > 0) & (rng.random(len(rows)) < share)
        batch.source[rows[chosen], places[chosen]] = HIDDEN
    return batch
