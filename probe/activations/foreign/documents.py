"""Cutting a text into documents, each of which is read by itself."""

from collections.abc import Iterator

import numpy as np

from probe.corpus import Corpus, Segment
from probe.errors import UserError

NEWLINE = 10
BLANKS = (9, 10, 13, 32)
# Characters looked at together; documents that begin in them are read together.
CHUNK = 1 << 20


def document_spans(corpus: Corpus, segment: Segment, kind: str) -> Iterator[np.ndarray]:
    """Yield the documents of a segment in order, some at a time, so that memory stays bounded.

    A line ends with its newline, a paragraph with the last of the empty lines behind it. What the segment cuts is a
    document of its own.

    Args:
        corpus: the text.
        segment: which part of it.
        kind: ``"lines"``, ``"paragraphs"`` or ``"files"``.

    Yields:
        (D, 2) int64: first character and one past the last of each document. Together they cover the segment.
    """
    start = segment.start
    waiting: list[int] = []
    for end in _ends(corpus, segment, kind):
        waiting.append(end)
        if end - start >= CHUNK:
            yield _spans(start, waiting)
            start, waiting = end, []
    if waiting:
        yield _spans(start, waiting)


def _spans(start: int, ends: list[int]) -> np.ndarray:
    return np.column_stack([[start, *ends[:-1]], ends]).astype(np.int64)


def _ends(corpus: Corpus, segment: Segment, kind: str) -> Iterator[int]:
    inside: Iterator[int]
    if kind == "files":
        inside = (file.stop for file in corpus.files if segment.start < file.stop < segment.stop)
    else:
        inside = _line_ends(corpus, segment, paragraphs=kind == "paragraphs")
    last = segment.start
    for end in inside:
        if last < end < segment.stop:
            yield end
            last = end
    yield segment.stop


def _line_ends(corpus: Corpus, segment: Segment, *, paragraphs: bool) -> Iterator[int]:
    """The ends of lines; of paragraphs, those of empty lines in front of a line with words."""
    line, empty_before, begun = segment.start, False, False
    words, total = 0, 0  # in front of the line, and in front of the chunk
    for start in range(segment.start, segment.stop, CHUNK):
        codes = np.asarray(corpus.codes[start:min(start + CHUNK, segment.stop)])
        until = total + np.cumsum(~np.isin(codes, BLANKS))
        total = int(until[-1])
        newlines = np.flatnonzero(codes == NEWLINE)
        if start + len(codes) == segment.stop and (not len(newlines) or newlines[-1] < len(codes) - 1):
            newlines = np.append(newlines, len(codes) - 1)  # the last line, if no newline ends it
        for place in newlines.tolist():
            if not paragraphs:
                yield start + place + 1
                continue
            empty = bool(until[place] == words)
            if not empty and empty_before and begun:
                yield line
            begun |= not empty
            line, words, empty_before = start + place + 1, int(until[place]), empty


def side_by_side(corpus: Corpus, segment: Segment, documents: str, streams: int, most: int,
                 padded: bool) -> Iterator[np.ndarray]:
    """Yield the documents (D, 2) of a segment that are read at once, those of like length together.

    Args:
        corpus, segment, documents: as of :func:`document_spans`.
        streams: documents at most.
        most: characters of all of them at most.
        padded: whether documents of different lengths may be read at once.

    Raises:
        UserError: a document is longer than ``most``.
    """
    for spans in document_spans(corpus, segment, documents):
        lengths = spans[:, 1] - spans[:, 0]
        if lengths.max() > most:
            raise UserError(f"{corpus.source['name']}: one of its {documents} has {lengths.max():,} characters, and at "
                            f"most {most:,} can be read at once; take shorter documents, fewer layers or units")
        ordered = spans[np.argsort(lengths, kind="stable")]
        while len(ordered):
            count = _how_many(ordered[:, 1] - ordered[:, 0], streams, most, padded)
            yield ordered[:count]
            ordered = ordered[count:]


def _how_many(lengths: np.ndarray, streams: int, most: int, padded: bool) -> int:
    """How many of the documents, in the order of their ``lengths``, are read at once."""
    count = int(np.searchsorted(np.arange(1, len(lengths) + 1) * lengths, most, side="right"))
    if not padded:
        count = min(count, int(np.searchsorted(lengths, lengths[0], side="right")))
    return max(1, min(count, streams))
