"""Which row of an array belongs to which character of a text."""

import dataclasses
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.activations.interchange.mismatch import mismatch
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.render.alignment import Alignment


@dataclass(frozen=True)
class Laying:
    """How rows lie on a text, so that each character has the row of the state after it was read.

    Attributes:
        segment: the characters that have a row.
        shift: how many rows later than the row laid on a character its state stands.
        starts: the first character of each token (M,) int64, where a token has one row; None where a character has.
    """

    segment: Segment
    shift: int = 0
    starts: np.ndarray | None = None

    @classmethod
    def of_characters(cls, rows: int, corpus: Corpus, alignment: Alignment) -> Self:
        """Lay one row on each character.

        Where an alignment lays row t on text[t + s], the first s characters have no state that was read before them:
        an array may leave their rows out.

        Raises:
            UserError: there are not as many rows as characters; the message names the likely cause.
        """
        characters = len(corpus)
        if rows == characters:
            return cls(Segment(0, characters - alignment.shift), alignment.shift)
        if rows == characters - alignment.shift:
            return cls(Segment(0, rows))
        raise mismatch(rows, corpus)

    @classmethod
    def of_tokens(cls, rows: int, corpus: Corpus, alignment: Alignment, spans: np.ndarray) -> Self:
        """Lay one row on each token: on all its characters, and on those up to the next token.

        Args:
            rows: M, one for each token.
            corpus: the text.
            alignment: how tokens and rows lie on each other.
            spans: characters [start, stop) of each token, (M, 2) whole numbers in the order of the text.

        Raises:
            UserError: there are not as many rows as tokens, or the spans are no such spans.
        """
        spans = np.asarray(spans)
        if spans.ndim != 2 or spans.shape[1] != 2 or spans.dtype.kind not in "iu":
            raise UserError("spans must be pairs (start, stop) of whole numbers, one a token; received an array of "
                            f"{spans.dtype} and the shape {spans.shape}")
        starts, stops = spans.astype(np.int64).T
        before = np.concatenate([[0], stops[:-1]])
        wrong = np.flatnonzero((starts < before) | (stops <= starts) | (stops > len(corpus)))
        if len(wrong):
            k = int(wrong[0])
            raise UserError(f"token {k:,} spans {starts[k]:,} to {stops[k]:,}: tokens must follow each other, each "
                            f"with a character at least, within the {len(corpus):,} of the text")
        if rows not in (len(starts), len(starts) - alignment.shift):
            raise UserError(f"{rows:,} rows for {len(starts):,} tokens: accepted is one row a token")
        shift = alignment.shift if rows == len(starts) else 0
        last = len(starts) - alignment.shift
        if last < 1:
            raise UserError(f"{len(starts):,} tokens have no row after the first was read")
        stop = len(corpus) if last == len(starts) else int(starts[last])
        return cls(Segment(int(starts[0]), stop), shift, starts)

    def part(self, segment: Segment) -> Self:
        """Return the laying of a part of these characters.

        Raises:
            UserError: it does not lie within them.
        """
        if not self.segment.start <= segment.start < segment.stop <= self.segment.stop:
            raise UserError(f"a part must lie within the characters {self.segment.start:,} to {self.segment.stop:,}, "
                            f"which have activations; received {segment.start:,} to {segment.stop:,}")
        return dataclasses.replace(self, segment=segment)

    def rows(self, start: int, stop: int) -> tuple[slice, np.ndarray | None]:
        """Return the rows to read for the characters [start, stop), and for each which of these is its own.

        Returns:
            A slice of rows, and indices (stop − start,) into it; None if each row is the next character's.
        """
        if self.starts is None:
            return slice(start + self.shift, stop + self.shift), None
        tokens = np.searchsorted(self.starts, np.arange(start, stop), side="right") - 1 + self.shift
        return slice(int(tokens[0]), int(tokens[-1]) + 1), tokens - tokens[0]
