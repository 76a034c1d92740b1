"""The activations of somebody's own network over a text: as one stream, document by document, or in windows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from probe.activations import stretches
from probe.activations.block import Block, BlocksInStreams, LayerSignal
from probe.activations.foreign.choice import Choice, choose, units_of
from probe.activations.foreign.documents import document_spans, side_by_side
from probe.activations.foreign.entrance import Entrance, checked_table, entrance_of
from probe.activations.foreign.mapping import CharacterMapping
from probe.activations.foreign.model import ForeignModel
from probe.activations.foreign.obstacles import check_documents, check_streaming, reads_padded
from probe.activations.foreign.options import ForeignOptions
from probe.activations.foreign.reader import Reader, States
from probe.activations.foreign.untrained import untrained_twin
from probe.activations.held import held_in_streams
from probe.activations.options import ExtractOptions
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model.training_folder import versions


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
        amid: whether the segment is a part from amid another, so that its first stream warms up too.
    """

    model: ForeignModel
    segment: Segment
    corpus: Corpus
    mapping: CharacterMapping = field(repr=False)
    foreign: ForeignOptions = ForeignOptions()
    options: ExtractOptions = ExtractOptions()
    amid: bool = False

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
        if options.windowed and foreign.documents != "none":
            raise UserError("--windowed and --documents exclude each other: all windows have one length")
        segment = stretches.part_of(corpus, segment, options.windowed)
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
        return stretches.stream_count(self.segment, self.options) if self.foreign.documents == "none" else 1

    @property
    def scheme(self) -> str:
        """What is read, in words."""
        if self.foreign.documents != "none":
            return f"{self.foreign.documents}, each from the zero state"
        return stretches.scheme_in_words(self.streams, self.options)

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

    def beginning(self, characters: int) -> "KerasExtraction":
        """Return a reading of the first characters of the segment, at most so many."""
        first = self.segment.start
        return replace(self, segment=Segment(first, min(self.segment.stop, first + characters)))

    def part(self, start: int, stop: int) -> "KerasExtraction":
        """Return the reading of characters [start, stop) of the text.

        Raises:
            UserError: they do not lie within the segment, or the text is read document by document.
        """
        if self.foreign.documents != "none":
            raise UserError(f"a text that is read in {self.foreign.documents} cannot be cut into parts, which would "
                            "cut those where they meet; take one part")
        return replace(self, segment=stretches.checked_part(self.segment, start, stop),
                       amid=self.amid or start > self.segment.start)

    def untrained(self, seed: int) -> "KerasExtraction":
        """Return the same reading by an untrained twin of the network, with newly drawn weights.

        Args:
            seed: the same seed draws the same weights.

        Raises:
            NoTwin: no twin can be made of such a network, for the reason that is told.
        """
        return replace(self, model=untrained_twin(self.model, seed))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name in self.__dataclass_fields__}

    def in_streams(self, streams: int) -> BlocksInStreams | None:
        """Return the same as read by so many streams.

        Of windows and documents, None if they do not fit into 1 GB as float16.
        """
        if self.options.windowed or self.foreign.documents != "none":
            return held_in_streams(self, streams)
        return replace(self, options=replace(self.options, streams=streams))

    def __iter__(self) -> Iterator[Block]:
        return (block for block, _ in self.blocks_after(None))

    def blocks_after(self, state: Mapping[str, np.ndarray] | None) -> Iterator[tuple[Block, Mapping[str, np.ndarray]]]:
        """Yield blocks, each with the state after it, from which the reading goes on bit for bit as if never stopped.

        Args:
            state: of the block after which to go on; None to begin.
        """
        taken = int(state["taken"]) if state else 0
        if self.foreign.documents == "none" and not self.options.windowed:
            return self._streams(taken, state)
        # Every window and every document begins at the zero state.
        alone = self._windows(taken) if self.options.windowed else self._documents(taken)
        return ((block, _packed(number, [])) for number, block in enumerate(alone, start=taken + 1))

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
        return sum(map(len, self.units.values())) + stretches.NEEDED * max(widest, self._entrance.size)

    def _streams(self, taken: int, state: Mapping[str, np.ndarray] | None,
                 ) -> Iterator[tuple[Block, Mapping[str, np.ndarray]]]:
        size = min(self.options.block, max(1, stretches.LARGEST // (self.streams * self._width)))
        states = self._unpacked(state) if state else self._warmed(size)
        for number, (starts, length) in enumerate(stretches.pieces(self.segment, self.streams, size), start=1):
            if number > taken:
                ids = self.corpus.ids[starts[:, np.newaxis] + np.arange(length)]
                activations, states = self._reader.read(ids, [[each[-len(starts):] for each in of] for of in states])
                yield _block(starts, length, activations), _packed(number, states)

    def _unpacked(self, state: Mapping[str, np.ndarray]) -> States:
        return [[state[f"{place}.{number}"] for number in range(len(of))]
                for place, of in enumerate(self._reader.initial(1))]

    def _warmed(self, size: int) -> States:
        zero = states = self._reader.initial(self.streams)
        first_too = stretches.warms_up(self.segment, self.options, amid=self.amid)
        if self.streams == 1 and not first_too:
            return zero
        starts = stretches.first_positions(self.segment, self.streams)
        for rows in stretches.before_pieces(starts, self.options.overlap, size):
            _, states = self._reader.read(self.corpus.ids[rows], states)
        if first_too:
            return states
        return [[np.concatenate([first[:1], later[1:]]) for first, later in zip(*pair, strict=True)]
                for pair in zip(zero, states, strict=True)]

    def _documents(self, taken: int) -> Iterator[Block]:
        """The blocks of documents after the first ``taken``; documents of one length that are read together are one."""
        for spans in self._together():
            lengths = np.unique(spans[:, 1] - spans[:, 0])
            if taken < len(lengths):
                yield from self._read_documents(spans, lengths[taken:])
            taken = max(0, taken - len(lengths))

    def _together(self) -> Iterator[np.ndarray]:
        """The documents (D, 2) that are read side by side."""
        return side_by_side(self.corpus, self.segment, self.foreign.documents, self.options.streams,
                            max(1, stretches.LARGEST // self._width), reads_padded(self.model.graph, self.choices))

    def _read_documents(self, spans: np.ndarray, wanted: np.ndarray) -> Iterator[Block]:
        """Read documents side by side, and yield those of each of the ``wanted`` lengths as a block."""
        lengths = spans[:, 1] - spans[:, 0]
        last = len(self.corpus) - 1
        rows = np.minimum(spans[:, :1] + np.arange(lengths.max()), last)
        activations, _ = self._reader.read(self.corpus.ids[rows], self._reader.initial(len(spans)), lengths)
        for length in wanted:
            same = lengths == length
            yield _block(spans[same, 0], int(length),
                         {source: values[same, :length] for source, values in activations.items()})

    def _windows(self, taken: int) -> Iterator[Block]:
        window = self.options.windowed
        at_once = max(1, min(stretches.WINDOWS, stretches.LARGEST // (window * self._width)))
        before = np.arange(1 - window, 1)
        for first in range(self.segment.start + taken * at_once, self.segment.stop, at_once):
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


def _packed(taken: int, states: States) -> dict[str, np.ndarray]:
    """The states after ``taken`` blocks, by the place of their layer and their number in it."""
    return {"taken": np.array(taken), **{f"{place}.{number}": np.asarray(each, np.float32)
                                         for place, of in enumerate(states) for number, each in enumerate(of)}}
