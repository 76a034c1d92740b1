"""Choosing stretches of text on which units are worth looking at, and recording what units do there."""

from collections.abc import Mapping, Sequence

import numpy as np

from probe.activations import Blocks, LayerSignal
from probe.corpus import Corpus, Segment
from probe.scan.finding import Passage
from probe.scan.labelled import Labelled, Labelling
from probe.scan.levels import levels_of

# How much of the confirmation text is searched for passages.
SEARCHED = 200_000
# A passage already taken serves another pattern if it is this good beside the best one.
GOOD_ENOUGH = 0.6


def choose_passages(blocks: Blocks, labels: Labelling, length: int, most: int) -> tuple[list[Segment], list[int]]:
    """Choose at most ``most`` stretches of about ``length`` characters on which patterns come and go.

    Args:
        blocks: whose segment is searched.
        labels: of the P patterns; those about the network itself, which a text alone does not have, choose nothing.
        length: characters of a passage.
        most: how many.

    Returns:
        The stretches in the order of the text, and for each pattern the index of the one that shows it best.
    """
    start, stop = blocks.segment.start, min(blocks.segment.stop, blocks.segment.start + SEARCHED)
    length = min(length, stop - start)
    candidates = np.arange(0, stop - start - length + 1, max(1, length // 4))
    of_text = labels.labeller.labels(start, stop)
    worth = np.zeros((len(candidates), len(labels.patterns)))
    worth[:, ~labels.of_network] = [_worth(of_text[first:first + length]) for first in candidates]
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
    return segments, np.argmax(worth[chosen], axis=0).tolist()


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


class PassageRecorder:
    """Collects labels and the activations of all units on chosen stretches while blocks stream by.

    Args:
        segments: the stretches.
        units: (layer, signal) → index in its layer of each unit.
        patterns: P.
    """

    def __init__(self, segments: Sequence[Segment], units: Mapping[LayerSignal, Sequence[int]], patterns: int) -> None:
        self._segments, self._units = tuple(segments), units
        self._values = [{source: np.zeros((len(segment), len(indices)), np.float32)
                         for source, indices in units.items()} for segment in segments]
        self._labels = [np.zeros((len(segment), patterns), np.float32) for segment in segments]

    def update(self, labelled: Labelled) -> None:
        """Keep what a block has of the stretches."""
        block = labelled.block
        for stream, start in enumerate(block.starts.tolist()):
            for segment, values, labels in zip(self._segments, self._values, self._labels, strict=True):
                first, last = max(segment.start, start), min(segment.stop, start + block.length)
                if first < last:
                    here, there = slice(first - start, last - start), slice(first - segment.start, last - segment.start)
                    labels[there] = labelled.labels[stream, here]
                    for source, kept in values.items():
                        kept[there] = block.activations[source][stream, here]

    def merge(self, other: "PassageRecorder") -> None:
        """Take in what ``other`` has kept of another part of the text."""
        for values, theirs in zip(self._values, other._values, strict=True):
            for source, kept in values.items():
                kept += theirs[source]
        for labels, others in zip(self._labels, other._labels, strict=True):
            labels += others

    def passages(self, corpus: Corpus) -> tuple[Passage, ...]:
        """Return the passages, activations packed as bytes."""
        return tuple(self._passage(segment, values, labels, corpus)
                     for segment, values, labels in zip(self._segments, self._values, self._labels, strict=True))

    def _passage(self, segment: Segment, values: Mapping[LayerSignal, np.ndarray], labels: np.ndarray,
                 corpus: Corpus) -> Passage:
        scales = {source: (float(array.min()), float(array.max())) for source, array in values.items()}
        packed = {}
        for source, array in values.items():
            low, high = scales[source]
            packed[source] = levels_of(array, low, high)
        text = corpus.document(segment.start, segment.stop).text
        return Passage(segment.start, text, labels, packed, scales, self._units)
