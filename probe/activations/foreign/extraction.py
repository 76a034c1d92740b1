"""The activations of somebody's own network over a text: as one stream, document by document, or in windows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from probe.activations.block import Block, LayerSignal
from probe.activations.foreign.choice import Choice, choose, units_of
from probe.activations.foreign.documents import document_spans
from probe.activations.foreign.entrance import Entrance, checked_table, entrance_of
from probe.activations.foreign.mapping import CharacterMapping
from probe.activations.foreign.model import ForeignModel
from probe.activations.foreign.obstacles import check_documents, check_streaming, reads_padded
from probe.activations.foreign.options import ForeignOptions
from probe.activations.foreign.reader import Reader, States
from probe.activations.options import ExtractOptions
from probe.activations.windowed import windowed_segment
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model.run import versions

# Numbers in all arrays of a block together: 256 MB.
LARGEST = 1 << 26
# Arrays that a reading needs whatever is kept of it.
NEEDED = 4
WINDOWS = 512


@dataclass(frozen=True)
class KerasExtraction:
    """A factory of blocks: what the layers of a foreign network do over one segment of a text.

    A row is the state after the network has read its character. Read as one stream, the segment is cut into stretches
    as :class:`~probe.activations.Extraction` cuts it. Read document by document, each is read by itself from the zero
    state, and its rows, those of a backward direction too, are in the order of the text. Read in windows, each row is
    the last step of the characters up to it; of a layer that puts out one row for a whole text, it is that row. The
    losses of blocks are unknown.

    It pickles, with the weights if the network comes from a file.

    Attributes:
        model: the network.
        segment: which part of ``corpus`` to read.
        corpus: the text, in any vocabulary.
        mapping: the network's id of each character.
        foreign: how the text enters.
        options: layers, signals and units; streams, overlap, block, windows, precision and kernel.
    """

    model: ForeignModel
    segment: Segment
    corpus: Corpus
    mapping: CharacterMapping = field(repr=False)
    foreign: ForeignOptions = ForeignOptions()
    options: ExtractOptions = ExtractOptions()

    @classmethod
    def of(cls, model: ForeignModel, corpus: Corpus, segment: Segment | None = None, *,
           mapping: CharacterMapping | None = None, foreign: ForeignOptions = ForeignOptions(),
           options: ExtractOptions = ExtractOptions()) -> "KerasExtraction":
        """Describe an extraction; nothing is computed yet.

        Args:
            model: from :func:`~probe.activations.foreign.open_model` or ``ForeignModel.of``.
            corpus: the text.
            segment: part of it. Defaults to all. With windows of W characters it begins after the first W - 1.
            mapping: the network's id of each character. Defaults to what ``foreign.mapping`` names.
            foreign: how the text enters.
            options: what to record, and how to compute it.

        Raises:
            UserError: there is no mapping, or it does not fit; a layer, signal or unit is not there; or a chosen layer
                cannot be read in this way, with the reason.
        """
        segment = segment or Segment(0, len(corpus))
        if not 0 <= segment.start < segment.stop <= len(corpus):
            raise UserError(f"a segment must lie within the {len(corpus):,} characters of the text; received "
                            f"{segment.start:,} to {segment.stop:,}")
        if options.windowed and foreign.documents != "none":
            raise UserError("--windowed and --documents exclude each other: all windows have one length")
        if options.windowed:
            segment = windowed_segment(segment, options.windowed)
        mapping = mapping or CharacterMapping.named(foreign.mapping, corpus, model.name)
        extraction = cls(model, segment, corpus, mapping, foreign, options)
        graph, choices = model.graph, extraction.choices
        if not options.windowed:
            check_streaming(graph, choices, foreign.documents)
            check_documents(graph, choices)
        checked_table(graph, extraction._entrance, mapping, corpus, foreign)
        _ = extraction.units  # which complains of units that are not there
        return extraction

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The layers whose activations are wanted."""
        return choose(self.model.graph, self.options.layers, self.options.signals)

    @cached_property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → the index of each unit."""
        return units_of(self.choices, self.options.units)

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from, as JSON values."""
        entrance = self._entrance
        return {"model": dict(self.model.origin), "input": {"kind": entrance.kind, "size": entrance.size},
                "mapping": dict(self.mapping.ids), "foreign": asdict(self.foreign), "versions": versions(),
                "extraction": asdict(self.options), "streams": self.streams, "scheme": self.scheme}

    @property
    def log(self) -> list[dict[str, Any]]:
        """Nothing: how the network was trained is not known."""
        return []

    @property
    def streams(self) -> int:
        """Streams read side by side: 1 of windows and of documents, which need no warming up."""
        if self.options.windowed or self.foreign.documents != "none":
            return 1
        return min(self.options.streams, max(1, len(self.segment) // max(1, self.options.overlap)))

    @property
    def scheme(self) -> str:
        """What is read, in words."""
        if self.options.windowed:
            return f"windows of {self.options.windowed:,} characters, each from the zero state"
        if self.foreign.documents != "none":
            return f"{self.foreign.documents}, each from the zero state"
        if self.streams == 1:
            return "one stream from the zero state"
        return f"{self.streams} streams, each warmed up on {self.options.overlap:,} characters"

    def halves(self) -> tuple["KerasExtraction", "KerasExtraction"]:
        """Return the extractions of a scan, each of at most ``options.characters`` next to where they meet.

        The first half of the segment selects units and the second confirms them: what the network was trained on is
        not known. Documents are not cut where they meet.

        Raises:
            UserError: the segment is one document, or one character.
        """
        meet = (self.segment.start + self.segment.stop) // 2
        if self.foreign.documents != "none":
            ends = [int(end) for spans in document_spans(self.corpus, self.segment, self.foreign.documents)
                    for end in spans[np.searchsorted(spans[:, 1], meet):, 1][:1]]
            meet = ends[0]
        if not self.segment.start < meet < self.segment.stop:
            raise UserError(f"{self.corpus.source['name']}: cannot be divided into two halves of whole documents")
        most = self.options.characters
        return (replace(self, segment=Segment(max(self.segment.start, meet - most), meet)),
                replace(self, segment=Segment(meet, min(self.segment.stop, meet + most))))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name in self.__dataclass_fields__}

    def __iter__(self) -> Iterator[Block]:
        if self.options.windowed:
            return self._windows()
        return self._streams() if self.foreign.documents == "none" else self._documents()

    @cached_property
    def _entrance(self) -> Entrance:
        return entrance_of(self.model.graph, self.mapping, self.foreign)

    @cached_property
    def _reader(self) -> Reader:
        graph = self.model.graph
        table = checked_table(graph, self._entrance, self.mapping, self.corpus, self.foreign)
        return Reader(graph, self._entrance, self.choices, self.units, table, self.options.kernel,
                      self.options.precision)

    @property
    def _width(self) -> int:
        """Numbers that a reading needs for each character."""
        widest = max((choice.width(suffix) for choice in self.choices for suffix, _ in choice.signals), default=1)
        return sum(map(len, self.units.values())) + NEEDED * max(widest, self._entrance.size)

    def _streams(self) -> Iterator[Block]:
        stretch = len(self.segment) // self.streams
        starts = self.segment.start + stretch * np.arange(self.streams)
        size = min(self.options.block, max(1, LARGEST // (self.streams * self._width)))
        states = self._warmed(starts, size)
        for offset in range(0, stretch, size):
            block, states = self._block(starts + offset, min(size, stretch - offset), states)
            yield block
        # What is left when the segment does not divide: the last stream reads on alone.
        states = [[state[-1:] for state in of] for of in states]
        for position in range(int(starts[-1]) + stretch, self.segment.stop, size):
            block, states = self._block(np.array([position]), min(size, self.segment.stop - position), states)
            yield block

    def _warmed(self, starts: np.ndarray, size: int) -> States:
        zero = self._reader.initial(len(starts))
        if len(starts) == 1:
            return zero
        states = zero
        for offset in range(-self.options.overlap, 0, size):
            # The first stream reads along, to no effect: it begins at the zero state by definition.
            rows = np.maximum(starts[:, np.newaxis] + np.arange(offset, min(offset + size, 0)), 0)
            _, states = self._reader.read(self.corpus.ids[rows], states)
        return [[np.concatenate([first[:1], later[1:]]) for first, later in zip(*pair, strict=True)]
                for pair in zip(zero, states, strict=True)]

    def _block(self, starts: np.ndarray, length: int, states: States) -> tuple[Block, States]:
        activations, states = self._reader.read(self.corpus.ids[starts[:, np.newaxis] + np.arange(length)], states)
        return _block(starts, length, activations), states

    def _documents(self) -> Iterator[Block]:
        padded = reads_padded(self.model.graph, self.choices)
        most = max(1, LARGEST // self._width)
        for spans in document_spans(self.corpus, self.segment, self.foreign.documents):
            lengths = spans[:, 1] - spans[:, 0]
            if lengths.max() > most:
                raise UserError(f"{self.corpus.source['name']}: one of its {self.foreign.documents} has "
                                f"{lengths.max():,} characters, and at most {most:,} can be read at once; take shorter "
                                "documents, fewer layers or units")
            ordered = spans[np.argsort(lengths, kind="stable")]
            while len(ordered):
                count = _together(ordered[:, 1] - ordered[:, 0], self.options.streams, most, padded)
                yield from self._read_documents(ordered[:count])
                ordered = ordered[count:]

    def _read_documents(self, spans: np.ndarray) -> Iterator[Block]:
        """Read documents side by side, and yield those of one length as a block."""
        lengths = spans[:, 1] - spans[:, 0]
        last = len(self.corpus) - 1
        rows = np.minimum(spans[:, :1] + np.arange(lengths.max()), last)
        activations, _ = self._reader.read(self.corpus.ids[rows], self._reader.initial(len(spans)), lengths)
        for length in np.unique(lengths):
            same = lengths == length
            yield _block(spans[same, 0], int(length),
                         {source: values[same, :length] for source, values in activations.items()})

    def _windows(self) -> Iterator[Block]:
        window = self.options.windowed
        at_once = max(1, min(WINDOWS, LARGEST // (window * self._width)))
        before = np.arange(1 - window, 1)
        for first in range(self.segment.start, self.segment.stop, at_once):
            positions = np.arange(first, min(first + at_once, self.segment.stop))
            found, _ = self._reader.read(self.corpus.ids[positions[:, np.newaxis] + before],
                                         self._reader.initial(len(positions)))
            last = {source: values if values.ndim == 2 else values[:, self._last(source)]
                    for source, values in found.items()}
            yield _block(np.array([first]), len(positions),
                         {source: values[np.newaxis] for source, values in last.items()})

    def _last(self, source: LayerSignal) -> int:
        """The step at which a layer has read a whole window: the first, if it reads from the end and gives that on."""
        name, way = source[0].removesuffix("/backward"), source[0].endswith("/backward")
        layer = next(choice.place.layer for choice in self.choices if source in choice.sources)
        backwards = (way and name == layer.name) or getattr(layer, "go_backwards", False)
        return 0 if backwards and not layer.return_sequences else -1


def _block(starts: np.ndarray, length: int, activations: Mapping[LayerSignal, np.ndarray]) -> Block:
    return Block(starts, activations, np.full((len(starts), length), np.nan, np.float32))


def _together(lengths: np.ndarray, streams: int, most: int, padded: bool) -> int:
    """How many of the documents, in the order of their ``lengths``, are read side by side."""
    count = int(np.searchsorted(np.arange(1, len(lengths) + 1) * lengths, most, side="right"))
    if not padded:
        count = min(count, int(np.searchsorted(lengths, lengths[0], side="right")))
    return max(1, min(count, streams))
