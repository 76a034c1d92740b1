"""Labels of any part of a text, the same whatever parts are asked for, in whatever order."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.corpus.document import Document, FileSpan, Language
from probe.errors import UserError, quoted
from probe.patterns.packed import PackedLabels
from probe.patterns.pattern import Context, Pattern
from probe.patterns.segments import WINDOW, Segments, TextParts

CACHE_BYTES = 3 << 27
# For what readers side by side stand in: 2 GB, which 1,024 of them need in a text without any break.
SIDE_BY_SIDE_BYTES = 1 << 31


@dataclass(frozen=True)
class DocumentParts:
    """A document in memory as a :class:`TextParts`."""

    whole: Document

    @property
    def files(self) -> tuple[FileSpan, ...]:
        return self.whole.files

    @property
    def language(self) -> Language:
        return self.whole.language

    def __len__(self) -> int:
        return len(self.whole)

    def document(self, start: int, stop: int) -> Document:
        return self.whole.part(start, stop)


class Labeller:
    """Labels a text by several patterns, block by block.

    Each pattern sees whole lines, paragraphs or files, as its context asks. Lines and paragraphs of more than 131,072
    characters and files of more than 1,048,576 may be cut at multiples of these numbers. What is computed for one block
    is kept for the next ones, so that interleaved readers cost no more than one as long as the segments that they
    stand in fit into ``cache_bytes``: with all built-in patterns some 15 bytes a character, which for 64 readers is
    15 MB in a text of ordinary paragraphs and 130 MB in one without any break. Readers that take turns must say so
    (:meth:`new_round`): what they stand in is then kept beyond ``cache_bytes``, for what is dropped of it is labelled
    again in every round.

    Args:
        patterns: the P patterns.
        source: the text.
        window: characters that are labelled at a time, if the context allows.
        limit: characters above which a line, paragraph or file is cut, in place of the numbers above; a multiple of
            ``window``.
        cache_bytes: most memory for labels that are kept; what was used least recently goes first, and the newest
            always stays.
        side_by_side_bytes: the same for labels that were used in this round or the one before.
    """

    def __init__(self, patterns: Sequence[Pattern], source: TextParts, *, window: int = WINDOW,
                 limit: int | None = None, cache_bytes: int = CACHE_BYTES,
                 side_by_side_bytes: int = SIDE_BY_SIDE_BYTES) -> None:
        self.patterns, self.source = tuple(patterns), source
        self._settings: dict[str, Any] = {"window": window, "limit": limit, "cache_bytes": cache_bytes,
                                          "side_by_side_bytes": side_by_side_bytes}
        self._groups: dict[Context, list[int]] = {}
        for column, pattern in enumerate(self.patterns):
            self._groups.setdefault(pattern.context_in(source.language), []).append(column)
        self._segments = {scope: Segments(source, scope, window, limit)
                          for scope in {context.scope for context in self._groups}}
        self._kept: OrderedDict[tuple[Context, int], tuple[PackedLabels, ...]] = OrderedDict()
        self._bytes, self._cache_bytes, self._side_by_side_bytes = 0, cache_bytes, side_by_side_bytes
        self._round, self._used = 0, dict[tuple[Context, int], int]()  # the last round in which a segment was used

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.patterns, self.source, self._settings)

    def new_round(self) -> None:
        """Tell that readers who take turns begin a new round, in which each asks for what follows its last part."""
        self._round += 1

    def labels(self, start: int, stop: int) -> np.ndarray:
        """Return the labels of characters [start, stop), (stop - start, P) float32, a column per pattern.

        Raises:
            ValueError: the range does not lie in the text, or a pattern returns labels of a wrong shape or type.
            UserError: a pattern of the user's own fails; the message names it and the place.
            RuntimeError: a built-in pattern fails; the message names it and the place.
        """
        if not 0 <= start <= stop <= len(self.source):
            raise ValueError(f"characters [{start}, {stop}) do not lie in a text of {len(self.source)} characters")
        block = np.empty((stop - start, len(self.patterns)), dtype=np.float32)
        for context, columns in self._groups.items():
            position = start
            while position < stop:
                first, last = self._segments[context.scope].around(position)
                until = min(last, stop)
                for column, labels in zip(columns, self._segment(context, first, last), strict=True):
                    block[position - start:until - start, column] = labels.part(position - first, until - first)
                position = until
        return block

    def _reach(self, context: Context, start: int, stop: int) -> tuple[int, int]:
        """Return what must be read to label the segment [start, stop)."""
        low, high = max(start - context.before, 0), min(stop + context.after, len(self.source))
        if context.scope == "characters":
            return low, high
        segments = self._segments[context.scope]
        return (segments.around(low)[0] if low < start else start,
                segments.around(high - 1)[1] if stop < high else stop)

    def _segment(self, context: Context, start: int, stop: int) -> tuple[PackedLabels, ...]:
        key = context, start
        self._used[key] = self._round
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        low, high = self._reach(context, start, stop)
        document = self.source.document(low, high)
        labels = tuple(PackedLabels.of(_labels(self.patterns[column], document, low)[start - low:stop - low])
                       for column in self._groups[context])
        self._kept[key] = labels
        self._bytes += sum(each.nbytes for each in labels)
        self._drop()
        return labels

    def _drop(self) -> None:
        """Drop what was used least recently, as far as it must go."""
        while self._bytes > self._cache_bytes and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            in_turn = 0 < self._round <= self._used[oldest] + 1
            if in_turn and self._bytes <= self._side_by_side_bytes:
                return
            self._bytes -= sum(each.nbytes for each in self._kept.pop(oldest))
            del self._used[oldest]


def _labels(pattern: Pattern, document: Document, offset: int) -> np.ndarray:
    place = f"characters [{offset}, {offset + len(document)})"
    try:
        labels = pattern.label(document)
    except UserError as error:
        raise UserError(f"pattern {quoted(pattern.name)} on {place}: {error}") from error
    except Exception as error:
        raise RuntimeError(f"pattern {quoted(pattern.name)} failed on {place}: {error}") from error
    dtype = np.dtype(bool if pattern.kind == "boolean" else np.float32)
    if labels.shape != (len(document),) or labels.dtype != dtype:
        raise ValueError(f"pattern {pattern.name!r} must return {dtype} of shape ({len(document)},); "
                         f"received {labels.dtype} of shape {labels.shape}")
    return labels


def _rebuild(patterns: tuple[Pattern, ...], source: TextParts, settings: dict[str, Any]) -> Labeller:
    return Labeller(patterns, source, **settings)
