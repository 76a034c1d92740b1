"""Testing the short list on a text that had no part in choosing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.activations import Blocks, LayerSignal
from probe.activations.held import held_in_streams
from probe.corpus import Segment
from probe.scan.collecting import Losses
from probe.scan.controls.ngrams import NGrams
from probe.scan.controls.sample import Sample
from probe.scan.exact import Exact
from probe.scan.labelled import Labelled
from probe.scan.null.null import Null
from probe.scan.null.rolls import Rolled, segments_for
from probe.scan.null.significance import benjamini_hochberg, family_p_values, floors, p_values, roll_spacing
from probe.scan.passages import PassageRecorder
from probe.scan.pilot import Pilot, Tallying
from probe.scan.ranking import Candidate
from probe.scan.resampling.bootstrap import Intervals, intervals
from probe.scan.resampling.correlation_time import correlation_time
from probe.scan.resampling.pairs import Pairs

# A segment that is rolled has so many characters at least.
SHORTEST = 16


class Confirmation:
    """All that is collected on the confirmation text, in one reading.

    Args:
        segment: the text.
        candidates: the short list.
        pilot: what the selection text was counted with.
        ngrams: fitted on the selection text.
        counts: (layer, signal) → how often each unit's bins occurred in the selection text, (U, 256).
        segments: into how many each part of the text is cut for the null; 0 for no null.
        characters: of a part.
        recorder: of passages.
        sample: of its characters.
    """

    def __init__(self, segment: Segment, candidates: Sequence[Candidate], pilot: Pilot, ngrams: NGrams,
                 counts: Mapping[LayerSignal, np.ndarray], segments: int, characters: int,
                 recorder: PassageRecorder, sample: Sample) -> None:
        self._candidates, self.boolean, self.segments = tuple(candidates), pilot.scales.boolean, segments
        units = dict.fromkeys((each.source, each.column) for each in candidates)
        self._place = {unit: place for place, unit in enumerate(units)}
        self.losses, self.tallying, self.recorder, self.sample = Losses(), Tallying(pilot), recorder, sample
        self.pairs = Pairs(segment, candidates, pilot, ngrams)
        self.exact = Exact(segment, list(units), len(self.boolean))
        self.ngrams = ngrams.empty()
        self.null = Null(segments, pilot, counts) if segments else None
        self._characters = characters

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""
        for collector in (self.losses, self.tallying, self.recorder, self.sample, self.pairs, self.exact, self.null):
            if collector is not None:
                collector.update(labelled)
        self.ngrams.update(labelled.contexts, labelled.labels)

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen of another part of the text."""
        self.losses.merge(other.losses)
        self.tallying.merge(other.tallying)
        self.recorder.merge(other.recorder)
        self.sample.merge(other.sample)
        self.pairs.merge(other.pairs)
        self.exact.merge(other.exact)
        self.ngrams.merge(other.ngrams)
        if self.null is not None and other.null is not None:
            self.null.merge(other.null)

    def values(self, candidate: Candidate) -> np.ndarray:
        """Return the first activations of a candidate as they are, (N,) float32."""
        return self.exact.values[:, self._place[candidate.source, candidate.column]]

    def tested(self) -> "Tested":
        """Return what can be said of the candidates and the patterns."""
        of_labels = correlation_time(self.exact.labels)
        of_units = correlation_time(self.exact.values)
        pattern = np.array([each.pattern for each in self._candidates], np.int64)
        place = [self._place[each.source, each.column] for each in self._candidates]
        times = np.fmax(of_labels[pattern], of_units[place]) if len(pattern) else np.zeros(0)
        resampled = intervals(self.pairs.sums, np.nan_to_num(times, nan=1.0), self.boolean)
        correlation, auc = self._nulls(of_labels, pattern)
        return Tested(of_labels, resampled, correlation, auc)

    def _nulls(self, times: np.ndarray, pattern: np.ndarray) -> "tuple[Nulled, Nulled]":
        if self.null is None:
            return Nulled.untested(len(times), len(pattern)), Nulled.untested(len(times), len(pattern))
        spacing = roll_spacing(times, self._characters / self.segments, self.segments)
        rows = np.array([each.row for each in self._candidates], np.int64)
        ranks = self.null.rank_correlations()
        maxima = np.full((self.segments, len(times)), np.nan)
        observed = np.full((len(ranks.observed), len(times)), np.nan)
        maxima[:, self.boolean], observed[:, self.boolean] = ranks.maxima, ranks.observed
        return (Nulled.of(self.null.correlations(), spacing, rows, pattern),
                Nulled.of(Rolled(maxima, observed), spacing, rows, pattern))


@dataclass(frozen=True)
class Nulled:
    """What the null says of K candidates and P patterns.

    Attributes:
        p, floor, family: (K,) as in :class:`~probe.scan.evidence.Chance`.
        threshold: (P,) magnitude that the best of all units reaches in one of twenty rolls.
        q: (P,) of each pattern's best candidate, by Benjamini and Hochberg over the patterns.
    """

    p: np.ndarray
    floor: np.ndarray
    family: np.ndarray
    threshold: np.ndarray
    q: np.ndarray

    @classmethod
    def of(cls, rolled: Rolled, spacing: np.ndarray, rows: np.ndarray, pattern: np.ndarray) -> Self:
        """Hold candidates, units ``rows`` (K,) with patterns ``pattern`` (K,), against the rolls."""
        segments, patterns = rolled.maxima.shape
        ranks = np.array([np.sum(pattern[:k] == p) for k, p in enumerate(pattern)], np.int64)
        reached = np.full((ranks.max(initial=0) + 1, patterns), np.nan)
        reached[ranks, pattern] = np.abs(rolled.observed[rows, pattern])
        p = p_values(rolled.maxima, spacing, reached)
        # All rolls adjust for the family; what a pattern's own rolls cannot tell, these must not claim.
        family = np.fmax(family_p_values(rolled.maxima, reached), p)
        defined = np.isfinite(rolled.maxima).all(axis=0)
        threshold = np.full(patterns, np.nan)
        threshold[defined] = np.quantile(rolled.maxima[:, defined], 0.95, axis=0)
        best = np.nanmin(np.where(np.isnan(p), np.inf, p), axis=0)
        return cls(p[ranks, pattern], floors(spacing, segments)[pattern], family[ranks, pattern], threshold,
                   benjamini_hochberg(np.where(np.isfinite(best), best, np.nan)))

    @classmethod
    def untested(cls, patterns: int, candidates: int) -> Self:
        """Say nothing."""
        nothing = np.full(candidates, np.nan)
        return cls(nothing, nothing, nothing, np.full(patterns, np.nan), np.full(patterns, np.nan))


@dataclass(frozen=True)
class Tested:
    """What can be said of K candidates and P patterns.

    Attributes:
        times: (P,) correlation times of the patterns in characters.
        resampled: intervals of the candidates.
        correlation, auc: what the nulls of both say.
    """

    times: np.ndarray
    resampled: Intervals
    correlation: Nulled
    auc: Nulled


def segments_of(blocks: Blocks, patterns: int, most: int) -> int:
    """Return into how many segments S a part of the confirmation text is cut for the null, 0 if it cannot be.

    Args:
        blocks: of the part.
        patterns: P.
        most: segments at most; 0 for no null.

    Returns:
        As many as there can be where the activations fit into memory, which then are those of the reading that was
        asked for. Else as many as a network warms up without reading much more than the text.
    """
    if most == 0:
        return 0
    units = sum(map(len, blocks.units.values()))
    wanted = min(segments_for(len(blocks.segment), units, patterns, shortest=SHORTEST), 1 << (most.bit_length() - 1))
    if held_in_streams(blocks, wanted) is not None:
        return wanted
    streamed = blocks.in_streams(wanted)
    return 1 << (streamed.streams.bit_length() - 1) if streamed is not None else 0


def rolled_blocks(blocks: Blocks, segments: int) -> Blocks:
    """Return the activations of a part as S streams read them, or as they are if S is 0."""
    if segments == 0:
        return blocks
    read = held_in_streams(blocks, segments) or blocks.in_streams(segments)
    if read is None or read.streams != segments:
        raise ValueError(f"these activations cannot be read in {segments} streams")
    return read
