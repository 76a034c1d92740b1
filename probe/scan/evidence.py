"""What speaks for a finding and against it: scores, intervals, the null, and the controls."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

NAN = float("nan")


@dataclass(frozen=True)
class Scores:
    """What a unit or a control reaches on one text: the fields of all measures by name, NaN where one is not defined.

    Attributes:
        fields: name of a field, such as ``"correlation"`` or ``"f1_threshold"`` → its value. What the names mean stands
            with :data:`probe.scan.measures.MEASURES`.
    """

    fields: Mapping[str, float]

    @classmethod
    def of(cls, **fields: float) -> Self:
        """Return the scores of these fields; what is infinite, as the threshold that all values pass, is left open."""
        return cls({name: float(value) if math.isfinite(value) else NAN for name, value in fields.items()})

    def __getitem__(self, name: str) -> float:
        return self.fields.get(name, NAN)

    @property
    def correlation(self) -> float:
        """Pearson's r (point-biserial for a boolean pattern), in [−1, 1]."""
        return self["correlation"]

    @property
    def auc(self) -> float:
        """Probability that the value is higher inside the pattern than outside, ties counting half, in [0, 1]."""
        return self["auc"]


@dataclass(frozen=True)
class Interval:
    """A 95 % interval of a block bootstrap; both ends NaN where the text is too short for one.

    Attributes:
        low, high: its ends.
        blocks: how many blocks of at least ten correlation times tell of the pattern: of a boolean one those that hold
            its rarer side, of a graded one those in which it varies. Fewer than twenty give no interval.
    """

    low: float = NAN
    high: float = NAN
    blocks: int = 0

    def __bool__(self) -> bool:
        return not math.isnan(self.low)


@dataclass(frozen=True)
class Chance:
    """How often chance does as well: the null of labels rolled against activations.

    Attributes:
        p: share of the pattern's rolls, the identity included, whose largest magnitude over all units of all layers and
            signals reaches the unit's.
        floor: the smallest p that so many rolls can give.
        family: the same over all patterns, by Westfall and Young's step-down maxima; never below ``p``.
    """

    p: float = NAN
    floor: float = NAN
    family: float = NAN


@dataclass(frozen=True)
class Untrained:
    """What networks of the same architecture reach that were never trained, on the same characters.

    Attributes:
        unit: the finding's own correlation on these characters.
        best: magnitude of the correlation of the best unit of all twins, over all their layers and signals.
        twins: how many there were; 0 if none.
        characters: of the confirmation text on which they were compared.
    """

    unit: float = NAN
    best: float = NAN
    twins: int = 0
    characters: int = 0


# Twenty networks, one of them trained: the trained one comes out first by chance in one of twenty cases.
FEWEST_TWINS = 19
ALPHA = 0.05
# A lead in r that n-grams may lose by the smoothing of rare contexts alone.
MARGIN = 0.01


def associated(chance: Chance) -> bool | None:
    """Whether a unit beats the null over all units and patterns at α = 0.05; None if that could not be tested.

    It cannot if the text is so short that the smallest p is above α.
    """
    return None if math.isnan(chance.family) or chance.floor > ALPHA else chance.family <= ALPHA


def beyond_ngrams(margin: Interval) -> bool | None:
    """Whether a unit's lead over the best n-gram has a lower bound above 0.01; None if the text is too short to tell.

    Not above 0: where characters determine a pattern, n-grams come near to r = 1 but not to it, for their estimates of
    contexts that were seen once or twice are drawn towards the mean. A lead of that size is of the estimate's making.
    """
    return margin.low > MARGIN if margin else None


def learned(untrained: Untrained) -> bool | None:
    """Whether a unit exceeds the best unit of at least 19 untrained twins; None if that was not tested."""
    if untrained.twins < FEWEST_TWINS or math.isnan(untrained.unit) or math.isnan(untrained.best):
        return None
    return abs(untrained.unit) > untrained.best
