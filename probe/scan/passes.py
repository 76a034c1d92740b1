"""The two passes of a scan over parts of a text, as tasks that any process can do."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from probe.activations import Block, Blocks, LayerSignal
from probe.corpus import Segment
from probe.patterns import Pattern
from probe.scan.collecting import collect
from probe.scan.confirmation import Confirmation, rolled_blocks
from probe.scan.controls.ngrams import NGrams
from probe.scan.controls.sample import Sample
from probe.scan.labelled import Labelling
from probe.scan.passages import PassageRecorder
from probe.scan.pilot import Pilot
from probe.scan.ranking import Candidate
from probe.scan.selection import Selection

# Told of each block that was read.
Told = Callable[[Block], Any]


@dataclass(frozen=True)
class Select:
    """The reading of a part of the selection text.

    Attributes:
        patterns: that are scanned for.
        pilot: with what all parts are prepared.
        sample: of the characters of all parts, which has seen nothing.
    """

    patterns: tuple[Pattern, ...]
    pilot: Pilot
    sample: Sample

    def __call__(self, part: Blocks, told: Told | None = None) -> Selection:
        """Return what is collected on a part."""
        selection = Selection(self.pilot, len(part.corpus.vocabulary), copy.deepcopy(self.sample))
        collect(part, Labelling(self.patterns, part), selection, told)
        return selection


@dataclass(frozen=True)
class Confirm:
    """The reading of a part of the confirmation text. Labels are rolled within each part.

    Attributes:
        patterns, pilot: as for the selection text.
        segment: all of the confirmation text.
        candidates: the short list.
        ngrams: fitted on the selection text.
        counts: (layer, signal) → how often each unit's bins occurred in the selection text, (U, 256).
        segments: S, into which each part is cut for the null; 0 for no null.
        stretches: passages to be kept.
        sample: of the characters of all parts, which has seen nothing.
    """

    patterns: tuple[Pattern, ...]
    pilot: Pilot
    segment: Segment
    candidates: Sequence[Candidate]
    ngrams: NGrams
    counts: Mapping[LayerSignal, np.ndarray]
    segments: int
    stretches: Sequence[Segment]
    sample: Sample

    def __call__(self, part: Blocks, told: Told | None = None) -> Confirmation:
        """Return what is collected on a part."""
        recorder = PassageRecorder(self.stretches, part.units, len(self.patterns))
        confirmation = Confirmation(self.segment, self.candidates, self.pilot, self.ngrams, self.counts, self.segments,
                                    len(part.segment), recorder, copy.deepcopy(self.sample))
        collect(rolled_blocks(part, self.segments), Labelling(self.patterns, part), confirmation, told)
        return confirmation
