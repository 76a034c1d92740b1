"""Choosing stretches of text on which units are worth looking at, and recording what units do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.corpus import Segment
from probe.patterns.labeller import Labeller
from probe.scan.finding import Passage

# How much of the confirmation text is searched for passages.
SEARCHED = 200_000
# A passage already taken serves another pattern if it is this good beside the best one.
GOOD_ENOUGH = 0.6


def choose_passages(blocks: Blocks, labeller: Labeller, length: int, most: int) -> tuple[list[Segment], list[int]]:
    """Choose at most ``most`` stretches of about ``length`` characters on which patterns come and go.

    Args:
        blocks: whose segment is searched.
        labeller: of the P patterns.
        length: characters of a passage.
        most: how many.

    Returns:
        The stretches in the order of the text, and for each pattern the index of the one that shows it best.
    """
    start, stop = blocks.segment.start, min(blocks.segment.stop, blocks.segment.start + SEARCHED)
    labels = labeller.labels(start, stop)
    length = min(length, stop - start)
    candidates = np.arange(0, stop - start - length + 1, max(1, length // 4))
    worth = np.stack([_worth(labels[first:first + length]) for first in candidates])  # (candidates, P)
    best = worth.max(axis=0)
    chosen: list[int] = []
    for p in np.argsort(-best, kind="stable"):
        served = max((worth[c, p] for c in chosen), default=-1.0)
        if best[p] > 0 and served < GOOD_ENOUGH * best[p] and len(chosen) < most:
            apart = [c for c in range(len(candidates))
                     if all(abs(candidates[c] - candidates[k]) >= length for k in chosen)]
            if apart:
                chosen.append(max(apart, key=lambda c: worth[c, p]))
    chosen = sorted(chosen) or [0]
    text = blocks.corpus.document(start, stop).text
    segments = [_snapped(text, start, int(candidates[c]), length) for c in chosen]
    return segments, [int(np.argmax(worth[chosen, p])) for p in range(labels.shape[1])]


def _worth(labels: np.ndarray) -> np.ndarray:
    """How well T labelled characters show each pattern (P,): the spread of the labels, weighted by how often they
    change, up to one change in forty characters."""
    spread = labels.std(axis=0) / (labels.std(axis=0) + 1)
    changes = (labels[1:] != labels[:-1]).mean(axis=0)
    return spread * np.sqrt(np.minimum(changes, 1 / 40))


def _snapped(text: str, offset: int, first: int, length: int) -> Segment:
    """Move the start of a passage to the start of a line nearby, keeping its end."""
    line = text.rfind("\n", 0, first) + 1
    start = line if first - line < length // 4 else first
    return Segment(offset + start, offset + first + length)


@dataclass
class PassageRecorder:
    """Collects the activations of all units on chosen stretches while blocks stream by.

    Attributes:
        segments: the stretches.
        units: (layer, signal) → index in its layer of each unit.
    """

    segments: list[Segment]
    units: Mapping[LayerSignal, Sequence[int]]

    def __post_init__(self) -> None:
        self._values = [{source: np.zeros((len(segment), len(indices)), np.float32)
                         for source, indices in self.units.items()}
                        for segment in self.segments]

    def update(self, block: Block) -> None:
        """Keep what ``block`` has of the stretches."""
        for stream, start in enumerate(block.starts):
            for segment, values in zip(self.segments, self._values, strict=True):
                first, last = max(segment.start, start), min(segment.stop, start + block.length)
                if first < last:
                    for source, kept in values.items():
                        kept[first - segment.start:last - segment.start] = (
                            block.activations[source][stream, first - start:last - start])

    def passages(self, blocks: Blocks, labeller: Labeller) -> tuple[Passage, ...]:
        """Return the passages, activations packed as bytes."""
        return tuple(self._passage(segment, values, blocks, labeller)
                     for segment, values in zip(self.segments, self._values, strict=True))

    def _passage(self, segment: Segment, values: Mapping[LayerSignal, np.ndarray], blocks: Blocks,
                 labeller: Labeller) -> Passage:
        scales = {source: (float(array.min()), float(array.max())) for source, array in values.items()}
        packed = {}
        for source, array in values.items():
            low, high = scales[source]
            packed[source] = np.round((array - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)
        text = blocks.corpus.document(segment.start, segment.stop).text
        return Passage(segment.start, text, labeller.labels(segment.start, segment.stop), packed, scales, self.units)
