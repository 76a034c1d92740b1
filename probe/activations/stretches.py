"""Which part of a text is read, and in which pieces by streams side by side."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from probe.activations.options import ExtractOptions
from probe.corpus import Corpus, Segment
from probe.errors import UserError

# Numbers in all arrays of a block together: 256 MB.
LARGEST = 1 << 26
# Arrays (T, B, U) that a reading needs whatever is kept of it: h and c of a layer and of the one below.
NEEDED = 4
# Windows read at once; more are no faster.
WINDOWS = 512


def part_of(corpus: Corpus, segment: Segment | None, window: int = 0) -> Segment:
    """Return the part of ``segment`` that has rows, by default of the whole text.

    Args:
        corpus: the text.
        segment: which part of it is asked for.
        window: characters of the windows in which it is read. They reach back before the segment, but not before the
            text; 0 if there are none.

    Raises:
        UserError: it is empty or not within the text, or no position in it has a whole window.
    """
    segment = Segment(0, len(corpus)) if segment is None else segment
    if not 0 <= segment.start < segment.stop <= len(corpus):
        raise UserError(f"a segment must lie within the {len(corpus):,} characters of the text; received "
                        f"{segment.start:,} to {segment.stop:,}")
    start = max(segment.start, window - 1)
    if start >= segment.stop:
        raise UserError(f"--windowed must be at most {segment.stop:,}, the characters up to the end of the segment; "
                        f"received {window:,}")
    return Segment(start, segment.stop)


def checked_part(within: Segment, start: int, stop: int) -> Segment:
    """Return characters [start, stop) as a segment.

    Raises:
        UserError: there are none, or not all of them lie within a segment.
    """
    if not within.start <= start < stop <= within.stop:
        raise UserError(f"a part must lie within the characters {within.start:,} to {within.stop:,} that are read; "
                        f"received {start:,} to {stop:,}")
    return Segment(start, stop)


def stream_count(segment: Segment, options: ExtractOptions) -> int:
    """Return the streams read side by side: fewer than asked for where stretches would be shorter than their overlap.

    Windows need none.
    """
    if options.windowed:
        return 1
    return min(options.streams, max(1, len(segment) // max(1, options.overlap)))


def scheme_in_words(streams: int, options: ExtractOptions) -> str:
    """Say how so many streams, or windows, read."""
    if options.windowed:
        return f"windows of {options.windowed:,} characters, each from the zero state"
    if streams == 1:
        return "one stream from the zero state"
    return f"{streams} streams, each warmed up on {options.overlap:,} characters"


def first_positions(segment: Segment, streams: int) -> np.ndarray:
    """Return where each stream's stretch of the segment begins, (S,) int64."""
    return segment.start + len(segment) // streams * np.arange(streams)


def pieces(segment: Segment, streams: int, size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the blocks of a segment in the order of reading: each stream's first position (S,), and their length T.

    What is left when the segment does not divide, the last stream reads on alone.
    """
    starts, stretch = first_positions(segment, streams), len(segment) // streams
    together = ((starts + offset, min(size, stretch - offset)) for offset in range(0, stretch, size))
    alone = ((np.array([position]), min(size, segment.stop - position))
             for position in range(int(starts[-1]) + stretch, segment.stop, size))
    return chain(together, alone)


def warms_up(segment: Segment, options: ExtractOptions, *, amid: bool) -> bool:
    """Return whether the first stream warms up too: amid a text, if enough of it comes before."""
    return amid and segment.start >= options.overlap


def before_pieces(starts: np.ndarray, overlap: int, size: int) -> Iterator[np.ndarray]:
    """Yield the positions (S, T) of the characters on which streams warm up, T ≤ ``size`` at a time.

    The first stream reads along, to no effect where it begins at the zero state by definition.
    """
    for offset in range(-overlap, 0, size):
        yield np.maximum(starts[:, np.newaxis] + np.arange(offset, min(offset + size, 0)), 0)
