"""Blocks with their labels: what every statistic of a scan is fed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.errors import UserError, quoted
from probe.patterns.labeller import Labeller
from probe.patterns.network import NetworkLabels, NetworkPattern
from probe.patterns.pattern import LARGEST_LABEL, Pattern
from probe.scan.controls.ngrams import ORDERS
from probe.scan.null.label_factors import PLACES
from probe.scan.tallies import Quantiser

# Numbers in the labels that are made ahead, all streams together, and in those of a block: 128 MB each.
AHEAD = 1 << 25
# Characters of a stream that are labelled at a time, if there is room: asking costs as much as labelling some hundred.
STRETCH = 1024
# The largest magnitude of an activation.
LARGEST = 1e15


@dataclass(frozen=True)
class Labelled:
    """A block with the labels of its characters.

    Attributes:
        block: of S streams and T characters.
        labels: (S, T, P) float32, a column a pattern.
        contexts: (S, T + 2) ids of the characters and of the two before each stream's first, −1 before the text.
    """

    block: Block
    labels: np.ndarray
    contexts: np.ndarray
    _bins: dict[LayerSignal, np.ndarray] = field(default_factory=dict, repr=False)

    def rows(self, source: LayerSignal) -> np.ndarray:
        """Return the activations of a layer and signal as rows (ST, U), in the order in which they lie in memory."""
        return self.laid(self.block.activations[source])

    def laid(self, values: np.ndarray) -> np.ndarray:
        """Return values (S, T, K) as rows (ST, K) in the order of :meth:`rows`."""
        return (np.swapaxes(values, 0, 1) if self._time_first else values).reshape(-1, values.shape[-1])

    def unlaid(self, rows: np.ndarray) -> np.ndarray:
        """Return rows (ST, K) in the order of :meth:`rows` as (S, T, K)."""
        streams, length = self.block.losses.shape
        if self._time_first:
            return np.swapaxes(rows.reshape(length, streams, -1), 0, 1)
        return rows.reshape(streams, length, -1)

    @property
    def _time_first(self) -> bool:
        return not next(iter(self.block.activations.values())).flags.c_contiguous

    def quantised(self, source: LayerSignal, quantiser: Quantiser) -> np.ndarray:
        """Return the bins (ST, U) uint8 of :meth:`rows`; they are looked up once."""
        if source not in self._bins:
            self._bins[source] = quantiser.quantised(self.rows(source))
        return self._bins[source]

    @property
    def positions(self) -> np.ndarray:
        """Positions in the text of all characters (S, T) int64."""
        return np.asarray(self.block.starts)[:, np.newaxis] + np.arange(self.block.length)


class Labelling:
    """Labels blocks as they stream by, by patterns of the text and of the network alike.

    Args:
        patterns: the P patterns.
        blocks: whose text is labelled.

    Attributes:
        boolean, of_network: (P,) bool, which patterns are not graded, and which are about the network itself.
        labeller: of the patterns that are about the text.
    """

    def __init__(self, patterns: Sequence[Pattern], blocks: Blocks) -> None:
        self.patterns, self._corpus, self._segment = tuple(patterns), blocks.corpus, blocks.segment
        self.of_network = np.array([isinstance(pattern, NetworkPattern) for pattern in self.patterns], bool)
        self.labeller = Labeller([each for each in self.patterns if not isinstance(each, NetworkPattern)],
                                 blocks.corpus)
        self._network = [each for each in self.patterns if isinstance(each, NetworkPattern)]
        self.boolean = np.array([pattern.kind == "boolean" for pattern in self.patterns], bool)

    def over(self, blocks: Blocks) -> Iterator[Labelled]:
        """Yield the blocks of one reading, in its order, with their labels.

        Raises:
            UserError: an activation or a label is not finite or too large; the message names it.
        """
        network = NetworkLabels(self._network, self._corpus.vocabulary)
        ahead = _Ahead(self.labeller, self._segment.stop)
        for block in chain.from_iterable(_in_parts(block, len(self.patterns)) for block in blocks):
            check_finite(block)
            labels = np.empty((*block.losses.shape, len(self.patterns)), np.float32)
            labels[..., ~self.of_network] = ahead.labels(block.starts, block.length)
            if self._network:
                labels[..., self.of_network] = network.labels(block.starts, block.losses, block.expected, block.before)
            self._check(block, labels)
            yield Labelled(block, labels, self._contexts(block))

    def _check(self, block: Block, labels: np.ndarray) -> None:
        if not _within(labels, LARGEST_LABEL):
            stream, row, column = np.argwhere(~(np.abs(labels) <= LARGEST_LABEL))[0]
            name, label = quoted(self.patterns[column].name), labels[stream, row, column]
            raise UserError(f"pattern {name} has the label {label:g} at character {block.starts[stream] + row:,}: "
                            f"labels must be finite and within ±{LARGEST_LABEL:g}")

    def _contexts(self, block: Block) -> np.ndarray:
        before = ORDERS - 1
        places = np.asarray(block.starts)[:, np.newaxis] + np.arange(-before, block.length)
        ids = self._corpus.ids[np.maximum(places, 0)].astype(np.int64)
        return np.where(places < 0, -1, ids)


class _Ahead:
    """Labels of parallel streams, made for longer stretches than those that are asked for."""

    def __init__(self, labeller: Labeller, stop: int) -> None:
        self._labeller, self._stop = labeller, stop
        self._starts, self._made = np.zeros(0, np.int64), np.zeros((0, 0, len(labeller.patterns)), np.float32)

    def labels(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Return (S, T, P) of the characters from ``starts`` (S,) on."""
        starts = np.asarray(starts)
        offset = int(starts[0] - self._starts[0]) if len(starts) == len(self._starts) else -1
        if offset < 0 or offset + length > self._made.shape[1] or (starts != self._starts + offset).any():
            offset = 0
            apart = int(starts[1] - starts[0]) if len(starts) > 1 else STRETCH
            size = max(length, min(STRETCH, apart, AHEAD // max(1, self._made.shape[2] * len(starts))))
            self._starts = starts
            self._labeller.new_round()
            self._made = np.zeros((len(starts), size, self._made.shape[2]), np.float32)
            for made, start in zip(self._made, starts.tolist(), strict=True):
                stop = min(start + size, max(self._stop, start + length))
                made[:stop - start] = self._labeller.labels(start, stop)
        return self._made[:, offset:offset + length]


def _in_parts(block: Block, patterns: int) -> Iterator[Block]:
    """Yield a block in parts so short that their labels, and what is made of these, do not fill the memory: blocks are
    cut with an eye to units alone."""
    size = AHEAD // max(1, len(block.starts) * patterns)
    if size >= block.length:
        yield block
        return
    size = max(1, size - size % PLACES if size > PLACES else size)
    for first in range(0, block.length, size):
        part = slice(first, first + size)
        yield Block(block.starts + first, {source: values[:, part] for source, values in block.activations.items()},
                    block.losses[:, part], None if block.expected is None else block.expected[:, part],
                    None if first else block.before)


def check_finite(block: Block) -> None:
    """Raise :class:`UserError` if an activation is NaN, infinite, or so large that its square leaves float32."""
    for (layer, signal), values in block.activations.items():
        if not _within(values, LARGEST):
            stream, row, unit = np.argwhere(~(np.abs(values) <= LARGEST))[0]
            value = values[stream, row, unit]
            wrong = f"is too large, beyond ±{LARGEST:g}: standardise it" if np.isfinite(value) else "must be finite"
            raise UserError(f"unit {layer}:{unit} ({signal}) is {value:g} at character "
                            f"{block.starts[stream] + row:,}: an activation {wrong}")


def _within(values: np.ndarray, largest: float) -> bool:
    """Whether all values are within ± ``largest``; NaN is not."""
    return not values.size or bool(values.min() >= -largest and values.max() <= largest)
