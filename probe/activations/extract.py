"""The hidden signal of every layer over a text of any length, in bounded memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probe.activations.block import Block, Source
from probe.activations.options import ExtractOptions
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.model.char_lstm import CharLSTM, stacked_states, unstacked_states
from probe.model.engine import tf
from probe.model.run import Run
from probe.options import check_options

# (ids (B, T), targets (B, T), states (L, 2, B, U)) → (hidden of each layer (B, T, U), losses (B, T), states).
_Read = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]]


@dataclass(frozen=True)
class Extraction:
    """A factory of blocks: the activations of a run's network over one segment of a text.

    The segment is cut into equal stretches that are read side by side. The first starts from the zero state, the
    others first read ``options.overlap`` characters before their own. It holds names and numbers alone, so it pickles
    and runs in any process that sees the folders.

    Attributes:
        run: the run directory.
        segment: which part of ``corpus`` to read.
        corpus: the text, encoded with the run's vocabulary.
        checkpoint: step of the checkpoint.
        options: streams, overlap, block and kernel.
    """

    run: Path
    segment: Segment
    corpus: Corpus
    checkpoint: int
    options: ExtractOptions = ExtractOptions()

    @classmethod
    def of(cls, run: Run, segment: Segment | None = None, *, corpus: Corpus | None = None,
           checkpoint: str | int = "best", options: ExtractOptions = ExtractOptions()) -> "Extraction":
        """Describe an extraction; nothing is computed yet.

        Args:
            run: whose network reads.
            segment: part of the text. Defaults to all of it.
            corpus: the text, read with ``vocabulary=run.corpus.vocabulary``. Defaults to the run's own.
            checkpoint: ``"best"``, ``"latest"`` or a step.
            options: how to compute.

        Raises:
            UserError: no such checkpoint, an empty segment, a corpus of another vocabulary, or options out of bounds.
        """
        check_options(options)
        corpus = corpus or run.corpus
        segment = segment or Segment(0, len(corpus))
        if not 0 <= segment.start < segment.stop <= len(corpus):
            raise UserError(f"a segment must lie within the {len(corpus):,} characters of the text; received "
                            f"{segment.start:,} to {segment.stop:,}")
        if corpus.vocabulary != run.corpus.vocabulary:
            raise UserError(f"{corpus.source['name']}: is encoded with another vocabulary than that of {run.folder}")
        return cls(run.folder, segment, corpus, run.checkpoint(checkpoint).step, options)

    @property
    def units(self) -> Mapping[Source, int]:
        """(layer, signal) → number of units."""
        options = Run.open(self.run).model_options
        return {(layer, "hidden"): options.units for layer in range(1, options.layers + 1)}

    def __iter__(self) -> Iterator[Block]:
        run = Run.open(self.run)
        model = run.model(self.checkpoint, kernel=self.options.kernel)
        read = _compiled(model)
        stretch = self._stretch
        starts = self.segment.start + stretch * np.arange(len(self.segment) // stretch)
        states = self._warmed(read, model, starts)
        for offset in range(0, stretch, self.options.block):
            length = min(self.options.block, stretch - offset)
            block, states = self._block(read, starts + offset, length, states)
            yield block
        # What is left when the segment does not divide: the last stream reads on alone.
        position, states = int(starts[-1]) + stretch, states[:, :, -1:]
        while position < self.segment.stop:
            length = min(self.options.block, self.segment.stop - position)
            block, states = self._block(read, np.array([position]), length, states)
            yield block
            position += length

    @property
    def _stretch(self) -> int:
        """Characters that each stream calls its own: at least as many as its overlap, or the reading before outweighs
        it."""
        streams = min(self.options.streams, max(1, len(self.segment) // max(1, self.options.overlap)))
        return len(self.segment) // streams

    def _warmed(self, read: _Read, model: CharLSTM, starts: np.ndarray) -> tf.Tensor:
        states = stacked_states(model.initial_states(len(starts)))
        if len(starts) == 1 or self.options.overlap == 0:
            return states
        # The first stream reads along, to no effect: it begins at the zero state by definition.
        rows = np.maximum(starts[:, None] - self.options.overlap + np.arange(self.options.overlap), 0)
        ids = tf.constant(self.corpus.ids[rows], tf.int32)
        states = read(ids, ids, states)[2]
        return tf.concat([tf.zeros_like(states[:, :, :1]), states[:, :, 1:]], axis=2)

    def _block(self, read: _Read, starts: np.ndarray, length: int, states: tf.Tensor) -> tuple[Block, tf.Tensor]:
        ids = self.corpus.ids
        rows = starts[:, None] + np.arange(length + 1)
        known = rows < len(ids)
        window = tf.constant(ids[np.minimum(rows, len(ids) - 1)], tf.int32)
        hidden, losses, states = read(window[:, :-1], window[:, 1:], states)
        activations = {(layer, "hidden"): h.numpy() for layer, h in enumerate(hidden, start=1)}
        return Block(starts, activations, np.where(known[:, 1:], losses.numpy(), np.float32(np.nan))), states


def stream_deviation(extraction: Extraction, characters: int = 20_000) -> tuple[float, float]:
    """Measure what reading in parallel streams costs against one stream from the zero state.

    Args:
        extraction: whose options are measured.
        characters: length of the part compared, from the start of the segment.

    Returns:
        The largest and the mean absolute difference of an activation of any layer.
    """
    segment = Segment(extraction.segment.start, min(extraction.segment.stop, extraction.segment.start + characters))
    parallel, exact = (
        _collected(Extraction(extraction.run, segment, extraction.corpus, extraction.checkpoint, options))
        for options in (extraction.options, ExtractOptions(streams=1, kernel=extraction.options.kernel)))
    differences = [np.abs(parallel[source] - exact[source]) for source in exact]
    return max(float(d.max()) for d in differences), float(np.mean([d.mean() for d in differences]))


def _collected(extraction: Extraction) -> dict[Source, np.ndarray]:
    """All activations of a short segment, (layer, signal) → (N, U)."""
    out = {source: np.empty((len(extraction.segment), units), np.float32) for source, units in extraction.units.items()}
    for block in extraction:
        for source, values in block.activations.items():
            for start, rows in zip(block.starts - extraction.segment.start, values, strict=True):
                out[source][start:start + block.length] = rows
    return out


def _compiled(model: CharLSTM) -> _Read:
    ids = tf.TensorSpec((None, None), tf.int32)
    states = tf.TensorSpec((model.options.layers, 2, None, model.options.units), tf.float32)

    @tf.function(input_signature=(ids, ids, states), autograph=False)
    def read(ids: tf.Tensor, targets: tf.Tensor, states: tf.Tensor) -> tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]:
        reading = model.read(ids, unstacked_states(states))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.transpose(targets), model.logits(reading.features))
        hidden = [tf.transpose(h, (1, 0, 2)) for h in reading.hidden]
        return hidden, tf.transpose(losses), stacked_states(reading.states)

    return read
