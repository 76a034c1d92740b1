"""Reading the text on which units are ranked."""

from typing import Self

from probe.scan.collecting import Losses
from probe.scan.controls.ngrams import NGrams
from probe.scan.controls.sample import Sample
from probe.scan.labelled import Labelled
from probe.scan.pilot import Pilot, Tallying


class Selection:
    """All that is collected on the selection text.

    Args:
        pilot: with what its parts are prepared.
        vocabulary: V.
        sample: of its characters, which has seen nothing.
    """

    def __init__(self, pilot: Pilot, vocabulary: int, sample: Sample) -> None:
        self.tallying, self.losses, self.sample = Tallying(pilot), Losses(), sample
        self.ngrams = NGrams(vocabulary, pilot.scales.boolean)

    def update(self, labelled: Labelled) -> None:
        """Take in a block."""
        self.tallying.update(labelled)
        self.ngrams.update(labelled.contexts, labelled.labels)
        self.losses.update(labelled)
        self.sample.update(labelled)

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen of another part of the text."""
        self.tallying.merge(other.tallying)
        self.ngrams.merge(other.ngrams)
        self.losses.merge(other.losses)
        self.sample.merge(other.sample)
