"""The hidden signal of every layer over a text of any length, in bounded memory."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from probe.activations.block import Block, LayerSignal
from probe.activations.options import ExtractOptions
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.checkpoint import Checkpoint
from probe.model.engine import tf
from probe.model.run import Run, versions

# (ids (B, T), targets (B, T), states (L, 2, B, U)) → (hidden of each layer (B, T, U), losses (B, T), states).
_Read = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]]

# Numbers in the largest array of a block.
LARGEST = 1 << 26


@dataclass(frozen=True)
class Extraction:
    """A factory of blocks: the activations of a run's network over one segment of a text.

    The segment is cut into equal stretches that are read side by side. The first starts from the zero state, the
    others first read ``options.overlap`` characters before their own. It holds the weights it reads with, so that a
    training that goes on meanwhile changes nothing, and pickles, so that it runs in any process that sees the folders.

    Attributes:
        run: the run directory.
        segment: which part of ``corpus`` to read.
        corpus: the text, encoded with the run's vocabulary.
        checkpoint: the weights.
        options: streams, overlap, block and kernel.
    """

    run: Path
    segment: Segment
    corpus: Corpus
    checkpoint: Checkpoint = field(repr=False)
    options: ExtractOptions = ExtractOptions()

    @classmethod
    def of(cls, run: Run, segment: Segment | None = None, *, corpus: Corpus | None = None,
           checkpoint: str | int | Checkpoint = "best", options: ExtractOptions = ExtractOptions()) -> "Extraction":
        """Describe an extraction; nothing is computed yet.

        Args:
            run: whose network reads.
            segment: part of the text. Defaults to all of it.
            corpus: the text, read with ``vocabulary=run.corpus.vocabulary``. Defaults to the run's own.
            checkpoint: ``"best"``, ``"latest"``, a step, or a checkpoint already read.
            options: how to compute.

        Raises:
            UserError: no such checkpoint, an empty segment, or a corpus of another vocabulary.
        """
        corpus = corpus or run.corpus
        segment = segment or Segment(0, len(corpus))
        if not 0 <= segment.start < segment.stop <= len(corpus):
            raise UserError(f"a segment must lie within the {len(corpus):,} characters of the text; received "
                            f"{segment.start:,} to {segment.stop:,}")
        if corpus.vocabulary != run.corpus.vocabulary:
            raise UserError(f"{corpus.source['name']}: is encoded with another vocabulary than that of {run.folder}")
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = run.checkpoint(checkpoint)
        return cls(run.folder, segment, corpus, checkpoint.weights_alone(), options)

    @property
    def units(self) -> Mapping[LayerSignal, Sequence[int]]:
        """(layer, signal) → index of each unit."""
        options = Run.open(self.run).model_options
        return {(str(layer), "hidden"): range(options.units) for layer in range(1, options.layers + 1)}

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the activations come from: run, checkpoint, training, versions and options, as JSON values."""
        run = Run.open(self.run)
        return {"run": run.folder.name, "checkpoint": self.checkpoint.step, "model": asdict(run.model_options),
                "training": dict(run.training), "trained_on": run.corpus.source, "versions": versions(),
                "extraction": asdict(self.options), "streams": self.streams}

    @property
    def log(self) -> list[dict[str, Any]]:
        """The run's records of loss, oldest first."""
        return Run.open(self.run).log

    @property
    def streams(self) -> int:
        """Streams read side by side: fewer than asked for where stretches would be shorter than their overlap."""
        return min(self.options.streams, max(1, len(self.segment) // max(1, self.options.overlap)))

    def __iter__(self) -> Iterator[Block]:
        model = Run.open(self.run).model(self.checkpoint, kernel=self.options.kernel)
        read = _compiled(model)
        stretch = len(self.segment) // self.streams
        starts = self.segment.start + stretch * np.arange(self.streams)
        states = self._warmed(read, model, starts)
        size = self._block_length(model.vocabulary)
        for offset in range(0, stretch, size):
            length = min(size, stretch - offset)
            block, states = self._block(read, starts + offset, length, states)
            yield block
        # What is left when the segment does not divide: the last stream reads on alone.
        position, states = int(starts[-1]) + stretch, states[:, :, -1:]
        while position < self.segment.stop:
            length = min(size, self.segment.stop - position)
            block, states = self._block(read, np.array([position]), length, states)
            yield block
            position += length

    def _block_length(self, vocabulary: int) -> int:
        """Characters of a stream in one block: fewer than asked for where logits would fill more than 256 MB."""
        return min(self.options.block, max(1, LARGEST // (self.streams * vocabulary)))

    def _warmed(self, read: _Read, model: CharLSTM, starts: np.ndarray) -> tf.Tensor:
        zero = stacked_states(model.initial_states(len(starts)))
        states = zero
        if len(starts) == 1:
            return states
        size = self._block_length(model.vocabulary)
        for offset in range(-self.options.overlap, 0, size):
            # The first stream reads along, to no effect: it begins at the zero state by definition.
            rows = np.maximum(starts[:, None] + np.arange(offset, min(offset + size, 0)), 0)
            ids = tf.constant(self.corpus.ids[rows], tf.int32)
            states = read(ids, ids, states)[2]
        return tf.concat([zero[:, :, :1], states[:, :, 1:]], axis=2)

    def _block(self, read: _Read, starts: np.ndarray, length: int, states: tf.Tensor) -> tuple[Block, tf.Tensor]:
        ids = self.corpus.ids
        rows = starts[:, None] + np.arange(length + 1)
        known = rows < len(ids)
        window = tf.constant(ids[np.minimum(rows, len(ids) - 1)], tf.int32)
        hidden, losses, states = read(window[:, :-1], window[:, 1:], states)
        activations = {(str(layer), "hidden"): h.numpy() for layer, h in enumerate(hidden, start=1)}
        return Block(starts, activations, np.where(known[:, 1:], losses.numpy(), np.float32(np.nan))), states


def _compiled(model: CharLSTM) -> _Read:
    """The reading of blocks, compiled once for each number of streams."""
    @functools.cache
    def compiled(streams: int) -> _Read:
        ids = tf.TensorSpec((streams, None), tf.int32)
        states = tf.TensorSpec((model.options.layers, 2, streams, model.options.units), tf.float32)
        return tf.function(read, input_signature=(ids, ids, states), autograph=False)

    def read(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor) -> tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]:
        reading = model.read(ids, unstacked_states(states))
        hidden = [tf.transpose(h, (1, 0, 2)) for h in reading.hidden]
        return hidden, model.losses(reading, targets), stacked_states(reading.states)

    return lambda ids, targets, states: compiled(len(ids))(ids, targets, states)
