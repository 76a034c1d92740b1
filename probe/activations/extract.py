"""The signals of a run's layers over a text of any length, in bounded memory."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from probe.activations import stretches
from probe.activations.block import Block, BlocksInStreams, LayerSignal
from probe.activations.choice import chosen_layers, chosen_signals, chosen_units
from probe.activations.held import held_in_streams
from probe.activations.next_characters import NextCharacters
from probe.activations.options import ExtractOptions
from probe.activations.windowed import read_windows
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model.checkpoint import Checkpoint
from probe.model.run import Run
from probe.model.training_folder import versions
from probe.model.variation import held_at, initial_weights

if TYPE_CHECKING:
    from probe.activations.reading import Reader, States

# Sets the seeds of twins apart from those of trainings.
TWIN = 19


@dataclass(frozen=True)
class Extraction:
    """A factory of blocks: the activations of a run's network over one segment of a text.

    The segment is cut into equal stretches that are read side by side. The first starts from the zero state, the
    others, and in a :meth:`part` from amid the segment the first too, read ``options.overlap`` characters before their
    own. With ``options.windowed`` there are no streams: each row is the state after a window of so many characters,
    read from the zero state.

    A stream is the default for every run, for one trained on windows too: an activation then means the same everywhere,
    and windows of 100 characters cost a hundred times as much. How far the two are from each other is measured by
    :func:`probe.activations.window_deviation`.

    It holds the weights it reads with, so that a training that goes on meanwhile changes nothing, and pickles, so that
    it runs in any process that sees the folders. The network is built once in each, for those that are derived from it
    by :meth:`untrained` and :meth:`ablated` too.

    Attributes:
        run: the run directory.
        segment: which part of ``corpus`` to read.
        corpus: the text, encoded with the run's vocabulary.
        checkpoint: the weights.
        options: signals, layers and units; streams, overlap, block, windows, precision and kernel.
        variation: in what the weights differ from the run's, in words; empty if in nothing.
        amid: whether the segment is a part from amid another, so that its first stream warms up too.
    """

    run: Path
    segment: Segment
    corpus: Corpus
    checkpoint: Checkpoint = field(repr=False)
    options: ExtractOptions = ExtractOptions()
    variation: str = ""
    amid: bool = False

    @classmethod
    def of(cls, run: Run, segment: Segment | None = None, *, corpus: Corpus | None = None,
           checkpoint: str | int | Checkpoint = "best", options: ExtractOptions = ExtractOptions()) -> "Extraction":
        """Describe an extraction; nothing is computed yet.

        Args:
            run: whose network reads.
            segment: part of the text. Defaults to all of it. With windows of W characters, positions of the text
                before W - 1 have no row, and the extraction's segment begins after them.
            corpus: the text, read with ``vocabulary=run.corpus.vocabulary``. Defaults to the run's own.
            checkpoint: ``"best"``, ``"latest"``, a step, or a checkpoint already read.
            options: what to record, and how to compute it.

        Raises:
            UserError: no such checkpoint, an empty segment, a corpus of another vocabulary, or signals, layers or units
                that the network does not have.
        """
        corpus = corpus or run.corpus
        segment = stretches.part_of(corpus, segment, options.windowed)
        if corpus.vocabulary != run.corpus.vocabulary:
            raise UserError(f"{corpus.source['name']}: is encoded with another vocabulary than that of {run.folder}")
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = run.checkpoint(checkpoint)
        extraction = cls(run.folder, segment, corpus, checkpoint.weights_alone(), options)
        _ = extraction.units  # which complains of what is not there
        return extraction

    @cached_property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → the index of each unit."""
        model, options = Run.open(self.run).model_options, self.options
        layers = chosen_layers(options.layers, [str(number) for number in range(1, model.layers + 1)])
        units = chosen_units(options.units, model.units)
        return {(layer, signal): units for layer in layers for signal in chosen_signals(options.signals)}

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from: run, checkpoint, training, versions and options, as JSON values."""
        run = Run.open(self.run)
        return {"run": run.folder.name, "checkpoint": self.checkpoint.step, "weights": self._weights,
                "model": asdict(run.model_options), "training": dict(run.training), "trained_on": run.corpus.source,
                "versions": versions(), "extraction": asdict(self.options), "streams": self.streams,
                "scheme": self.scheme, **({"variation": self.variation} if self.variation else {})}

    @cached_property
    def _weights(self) -> str:
        """The sha256 of the weights."""
        digest = hashlib.sha256()
        for name in sorted(self.checkpoint.weights):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.checkpoint.weights[name]).data)
        return digest.hexdigest()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The run's records of loss, oldest first."""
        return Run.open(self.run).log

    @property
    def streams(self) -> int:
        """Streams read side by side: fewer than asked for where stretches would be shorter than their overlap."""
        return stretches.stream_count(self.segment, self.options)

    @property
    def scheme(self) -> str:
        """What is read, in words."""
        return stretches.scheme_in_words(self.streams, self.options)

    def untrained(self, seed: int) -> "Extraction":
        """Return the same reading, without losses, by an untrained twin: a network of newly drawn weights.

        Args:
            seed: the same seed draws the same weights, by the initialisers with which a training begins; but no twin is
                what a training of that seed began with, which could be the run's own.
        """
        options = Run.open(self.run).model_options
        own = int(np.random.SeedSequence((seed, TWIN)).generate_state(1)[0]) >> 1
        weights = initial_weights(options, len(self.corpus.vocabulary), own)
        return replace(self, checkpoint=Checkpoint(0, weights, {}, np.empty(0, np.float32), {}),
                       options=replace(self.options, losses=False), variation=f"untrained twin, seed {seed}")

    def beginning(self, characters: int) -> "Extraction":
        """Return a reading of the first characters of the segment, at most so many."""
        first = self.segment.start
        return replace(self, segment=Segment(first, min(self.segment.stop, first + characters)))

    def part(self, start: int, stop: int) -> "Extraction":
        """Return the reading of characters [start, stop) of the text.

        Raises:
            UserError: they do not lie within the segment.
        """
        return replace(self, segment=stretches.checked_part(self.segment, start, stop),
                       amid=self.amid or start > self.segment.start)

    def intact(self, characters: int) -> "Extraction":
        """Return a reading of the first characters, with h of every unit and losses, for comparison with ablated ones.

        Since that is read again and again, it has so few streams that they warm up for a fifth of the time at most.

        Args:
            characters: how many, at most.
        """
        part, options = self.beginning(characters), self.options
        streams = min(options.streams, max(1, len(part.segment) // max(1, 4 * options.overlap)))
        return replace(part, options=replace(options, signals="hidden", layers="all", units="all", losses=True,
                                             streams=streams))

    def ablated(self, layer: str, unit: int, mean: float) -> "Extraction":
        """Return the same reading by the network in which h of one unit is ``mean`` at every character.

        What is recorded of the unit itself is what h would be before it is replaced.

        Args:
            layer: its name, from ``"1"`` on.
            unit: index in the layer.
            mean: what takes the place of h, best its own mean.
        """
        weights = held_at(self.checkpoint.weights, int(layer), unit, mean)
        return replace(self, checkpoint=replace(self.checkpoint, weights=weights),
                       variation=f"h of unit {layer}:{unit} held at {mean:.6g}")

    def next_characters(self) -> NextCharacters:
        """Return the probabilities of what comes next, for short texts."""
        return NextCharacters.of(self)

    def in_streams(self, streams: int) -> BlocksInStreams | None:
        """Return the same as read by so many streams; of windows, None if they do not fit into 1 GB as float16."""
        if self.options.windowed:
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
        return self._windows(taken) if self.options.windowed else self._streams(taken, state)

    def __getstate__(self) -> dict[str, Any]:
        # Other processes may have other working folders.
        return {**{name: value for name, value in vars(self).items() if name != "_reader"}, "run": self.run.resolve()}

    @cached_property
    def _reader(self) -> "Reader":
        from probe.activations.reading import Reader  # and TensorFlow with it

        wanted: dict[str, list[str]] = {}
        for layer, signal in self.units:
            wanted.setdefault(layer, []).append(signal)
        options = self.options
        return Reader.of(Run.open(self.run).model_options, len(self.corpus.vocabulary), self.checkpoint, wanted,
                         losses=options.losses, precision=options.precision, kernel=options.kernel)

    def _streams(self, taken: int, state: Mapping[str, np.ndarray] | None,
                 ) -> Iterator[tuple[Block, Mapping[str, np.ndarray]]]:
        size = min(self.options.block, self._largest(self.streams))
        states, before = (_unpacked(state), None) if state else self._warmed(size)
        for number, (begins, length) in enumerate(stretches.pieces(self.segment, self.streams, size), start=1):
            if number > taken:
                block, states = self._block(begins, length, [(h[-len(begins):], c[-len(begins):]) for h, c in states])
                yield replace(block, before=before if number == 1 else None), _packed(number, states)
                del block  # or it would stay in memory beside the next

    def _windows(self, taken: int) -> Iterator[tuple[Block, Mapping[str, np.ndarray]]]:
        at_once = min(stretches.WINDOWS, self._largest(self.options.windowed))
        left = Segment(self.segment.start + taken * at_once, self.segment.stop)
        readings = read_windows(self._reader, self.corpus.ids, left, self.options.windowed, at_once)
        for number, (first, reading) in enumerate(readings, start=taken + 1):
            activations = {source: self._chosen(source, values) for source, values in reading.activations.items()}
            starts = np.array([first])
            yield (Block(starts, activations, *self._predictions(starts, np.swapaxes(reading.features, 0, 1))),
                   _packed(number, []))

    def _largest(self, beside: int) -> int:
        """How many times ``beside`` characters a block may have."""
        arrays = len(self.units) + stretches.NEEDED
        return max(1, stretches.LARGEST // (beside * arrays * Run.open(self.run).model_options.units))

    def _warmed(self, size: int) -> "tuple[States, np.ndarray | None]":
        """The states of streams (S) before their first character, and its loss (S,) as far as it is known."""
        zero = states = self._reader.zero_states(self.streams)
        first_too = stretches.warms_up(self.segment, self.options, amid=self.amid)
        starts = stretches.first_positions(self.segment, self.streams)
        if self.options.overlap == 0 or (self.streams == 1 and not first_too):
            return zero, None
        for rows in stretches.before_pieces(starts, self.options.overlap, size):
            reading = self._reader.read(self.corpus.ids[rows.T].astype(np.int32), states, keep=False)
            states = reading.states
        before = self._predictions(starts - 1, reading.features[-1:])[0][:, 0]
        if first_too:
            return states, before
        before[0] = np.nan
        return [(np.concatenate([zero_h[:1], h[1:]]), np.concatenate([zero_c[:1], c[1:]]))
                for (zero_h, zero_c), (h, c) in zip(zero, states, strict=True)], before

    def _block(self, starts: np.ndarray, length: int, states: "States") -> tuple[Block, "States"]:
        ids = self.corpus.ids[starts + np.arange(length)[:, np.newaxis]].astype(np.int32)
        reading = self._reader.read(ids, states)
        activations = {source: np.swapaxes(self._chosen(source, values), 0, 1)
                       for source, values in reading.activations.items()}
        return Block(starts, activations, *self._predictions(starts, reading.features)), reading.states

    def _chosen(self, source: LayerSignal, values: np.ndarray) -> np.ndarray:
        units = self.units[source]
        return values if len(units) == values.shape[-1] else values[..., np.asarray(units)]

    def _predictions(self, starts: np.ndarray, features: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Losses (S, T) and expected characters (S, T) of features (T, S, U)."""
        length, streams = features.shape[:2]
        if not self.options.losses:
            return np.full((streams, length), np.nan, np.float32), None
        after, ids = starts + np.arange(1, length + 1)[:, np.newaxis], self.corpus.ids
        targets = ids[np.minimum(after, len(ids) - 1)].astype(np.int32)
        losses, expected = self._reader.predictions(features, targets)
        return np.where(after < len(ids), losses, np.float32(np.nan)).T, expected.T


def _packed(taken: int, states: "States") -> dict[str, np.ndarray]:
    """The states after ``taken`` blocks, under names."""
    named = {f"{name}{layer}": array for layer, pair in enumerate(states, start=1)
             for name, array in zip("hc", pair, strict=True)}
    return {"taken": np.array(taken), **named}


def _unpacked(state: Mapping[str, np.ndarray]) -> "States":
    return [(state[f"h{layer}"], state[f"c{layer}"]) for layer in range(1, len(state) // 2 + 1)]
